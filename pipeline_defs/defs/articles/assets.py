"""The assets of an article.

    article_outline -> (section_brief) -> section_research -> section_draft
        -> (article_manuscript) -> article -> article_publication

Names in brackets are bridges: they carry the versions between articles and sections.
"""

import dagster as dg

from pipeline_defs.defs.articles.assembly import make_article
from pipeline_defs.defs.articles.briefs import BRIDGES
from pipeline_defs.defs.articles.checks import article_check_specs, section_check_specs
from pipeline_defs.defs.articles.outline import make_outline
from pipeline_defs.defs.articles.partitions import articles, sections
from pipeline_defs.defs.articles.sections import write_sections
from pipeline_defs.defs.orchestration import Group
from pipeline_defs.domain.articles.recipe import ARTICLE_MANUSCRIPT, SECTION_BRIEF
from pipeline_defs.runtime.lines import ARTICLE_LINE

LINE = Group(ARTICLE_LINE, ["team:editorial"], BRIDGES)

section_brief = LINE.bridge(
    SECTION_BRIEF,
    sections,
    "What a section is to be about, versioned together with the drafts before it: re-drafting "
    "section 2 turns sections 3 and later stale.",
    deps=["article_outline"],
    kinds={"json"},
)

article_manuscript = LINE.bridge(
    ARTICLE_MANUSCRIPT,
    articles,
    "All drafts of an article in order, once the last one is written.",
    deps=["section_draft"],
    kinds={"markdown"},
)


outlines = LINE.op(
    "outlines",
    "Plan the outlines of the run's articles, all at once.",
    pool="article_planning",
    specs=[
        LINE.asset(
            "article_outline",
            articles,
            "The plan of an article: its title and its sections, planned from the topic by a text "
            "model or given by the user.",
            deps=[],
            kinds={"json", "llm"},
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
            "Sources for one section, found by several searches: title, address and text of each.",
            deps=[SECTION_BRIEF],
            kinds={"json", "search"},
        ),
        LINE.asset(
            "section_draft",
            sections,
            "The written section: markdown whose every citation names a source of its research "
            "and the span that supports the sentence.",
            deps=[SECTION_BRIEF, "section_research"],
            kinds={"markdown", "llm"},
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
            "The assembled article: contents, sections and one bibliography, as markdown and as "
            "sanitized HTML.",
            deps=[ARTICLE_MANUSCRIPT],
            kinds={"html", "markdown"},
        ),
        LINE.asset(
            "article_publication",
            articles,
            "The article on the organization's site: a draft unless publication was approved. "
            "Publishing again updates the same post.",
            deps=["article"],
            kinds={"wordpress"},
        ),
    ],
    work_on=make_article,
    checks=article_check_specs(),
)


@dg.definitions
def article_assets() -> dg.Definitions:
    """The assets and bridges, in one group."""
    return dg.Definitions(
        assets=[
            section_brief,
            article_manuscript,
            outlines,
            section_texts,
            editions,
        ]
    )
