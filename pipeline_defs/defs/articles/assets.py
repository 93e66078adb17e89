"""The assets of an article.

    (article_request) -> article_outline -> (section_brief) -> section_research -> section_draft
        -> (article_manuscript) -> article -> article_publication

Names in brackets are bridges: they carry the version of what was asked for, and versions between
articles and sections.
"""

import dagster as dg

from pipeline_defs.defs.articles.about import ABOUT
from pipeline_defs.defs.articles.assembly import make_article
from pipeline_defs.defs.articles.briefs import report_brief, report_manuscript
from pipeline_defs.defs.articles.checks import article_check_specs, section_check_specs
from pipeline_defs.defs.articles.drafting import make_draft
from pipeline_defs.defs.articles.outline import make_outline
from pipeline_defs.defs.articles.partitions import articles, sections
from pipeline_defs.defs.articles.research import make_research
from pipeline_defs.defs.articles.sections import write_sections
from pipeline_defs.defs.orchestration import Group
from pipeline_defs.defs.publishing import publish
from pipeline_defs.domain.articles import recipe
from pipeline_defs.domain.articles.prompts import outline_task, search_queries, section_task
from pipeline_defs.domain.articles.recipe import (
    ARTICLE_MANUSCRIPT,
    ARTICLE_REQUEST,
    BRIDGES,
    NEEDS,
    SECTION_BRIEF,
)
from pipeline_defs.domain.articles.rendering import assemble
from pipeline_defs.runtime.lines import ARTICLE_LINE

LINE = Group(ARTICLE_LINE, ["team:editorial"], ABOUT, BRIDGES, recipe)

article_request = LINE.bridge(
    ARTICLE_REQUEST,
    articles,
    deps=[],
    kinds={"postgres"},
    code={"code": recipe.request_version},
)

section_brief = LINE.bridge(
    SECTION_BRIEF,
    sections,
    deps=["article_outline"],
    kinds={"postgres"},
    code={"code": report_brief},
)

article_manuscript = LINE.bridge(
    ARTICLE_MANUSCRIPT,
    articles,
    deps=["section_draft"],
    kinds={"postgres"},
    code={"code": report_manuscript},
)


outlines = LINE.op(
    "outlines",
    "Plan the outlines of the run's articles, all at once.",
    pool="article_planning",
    specs=[
        LINE.asset(
            "article_outline",
            articles,
            deps=NEEDS["article_outline"],
            kinds={"openai", "json"},
            code={"code": make_outline, "prompt": outline_task},
            asks=["text"],
        )
    ],
    work_on=make_outline,
)


section_texts = LINE.op(
    "section_texts",
    "Research and write sections, strictly in order within an article.",
    pool="section_writing",
    specs=[
        LINE.asset(
            "section_research",
            sections,
            deps=NEEDS["section_research"],
            kinds={"json", "table"},
            code={"code": make_research, "search queries": search_queries},
            asks=["research"],
        ),
        LINE.asset(
            "section_draft",
            sections,
            deps=NEEDS["section_draft"],
            kinds={"openai", "markdown"},
            code={"code": make_draft, "prompt": section_task},
            asks=["text"],
        ),
    ],
    work_on=write_sections,
    checks=section_check_specs(),
)


editions = LINE.op(
    "editions",
    "Assemble finished articles, and publish those for which it was asked.",
    pool="article_assembly",
    specs=[
        LINE.asset(
            "article",
            articles,
            deps=NEEDS["article"],
            kinds={"postgres", "html"},
            code={"code": make_article, "assembly": assemble},
        ),
        LINE.asset(
            "article_publication",
            articles,
            deps=NEEDS["article_publication"],
            kinds={"wordpress"},
            code={"code": publish},
            asks=["publishing"],
        ),
    ],
    work_on=make_article,
    checks=article_check_specs(),
)


@dg.definitions
def article_assets() -> dg.Definitions:
    """The assets and bridges, in one group."""
    return LINE.definitions(
        [
            article_request,
            section_brief,
            article_manuscript,
            outlines,
            section_texts,
            editions,
        ]
    )
