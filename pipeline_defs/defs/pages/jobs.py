"""The job of the pages line, as people and the dispatcher launch it."""

import dagster as dg

from pipeline_defs.defs.pages.assets import LINE
from pipeline_defs.domain.pages import recipe

generate_pages = LINE.job(
    recipe.JOB,
    "Generate pages: gather what is known, write the parts, assemble, check and store them.",
    selection=list(recipe.ASSETS),
)
JOBS = [generate_pages]


@dg.definitions
def page_jobs() -> dg.Definitions:
    """The asset jobs of the line."""
    return dg.Definitions(jobs=JOBS)
