"""Jobs of the articles line, as people and the dispatcher launch them."""

import dagster as dg

from pipeline_defs.defs.articles.assets import LINE

plan_article = LINE.job(
    "plan_article",
    "Plan the outline of one or several articles.",
    selection=["article_outline"],
)
write_article_sections = LINE.job(
    "write_article_sections",
    "Research and write a range of sections of an article, in order.",
    selection=["section_research", "section_draft"],
)
assemble_article = LINE.job(
    "assemble_article",
    "Assemble a written article, and publish it where that was asked for.",
    selection=["article", "article_publication"],
)
JOBS = [plan_article, write_article_sections, assemble_article]


@dg.definitions
def article_jobs() -> dg.Definitions:
    """The asset jobs of the line."""
    return dg.Definitions(jobs=JOBS)
