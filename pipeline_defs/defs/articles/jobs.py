"""Jobs of the articles line, as people and the dispatcher launch them."""

import dagster as dg

from pipeline_defs import policies

OWNER = {"pipeline/line": "articles"}
MAX_RUNTIME = {"dagster/max_runtime": str(int(policies.ARTICLE_DEADLINE * 3))}

plan_article = dg.define_asset_job(
    "plan_article",
    selection=["article_outline"],
    description="Plan the outline of one or several articles.",
    tags=OWNER | MAX_RUNTIME,
)
write_article_sections = dg.define_asset_job(
    "write_article_sections",
    selection=["section_research", "section_draft"],
    description="Research and write a range of sections of an article, in order.",
    tags=OWNER | MAX_RUNTIME,
)
assemble_article = dg.define_asset_job(
    "assemble_article",
    selection=["article", "article_publication"],
    description="Assemble a written article, and publish it where that was asked for.",
    tags=OWNER | MAX_RUNTIME,
)
JOBS = [plan_article, write_article_sections, assemble_article]


@dg.definitions
def article_jobs() -> dg.Definitions:
    """The asset jobs of the line."""
    return dg.Definitions(jobs=JOBS)
