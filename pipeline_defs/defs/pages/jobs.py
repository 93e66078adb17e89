"""The job of the pages line, as people and the dispatcher launch it."""

import dagster as dg

from pipeline_defs.defs.pages.assets import LINE
from pipeline_defs.domain.pages import recipe
from pipeline_defs.domain.pages.models import PAGE_PUBLICATION

generate_pages = LINE.job(
    recipe.JOB,
    "Generate pages: gather what is known, write the parts, assemble, check and store them; "
    "publish those that are approved.",
    selection=[*recipe.ASSETS, PAGE_PUBLICATION],
)
JOBS = [generate_pages]


@dg.definitions
def page_jobs() -> dg.Definitions:
    """The asset jobs of the line."""
    return dg.Definitions(jobs=JOBS)
