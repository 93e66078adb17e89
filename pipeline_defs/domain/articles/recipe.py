"""What the assets of an article are made from: input hashes, versions, staleness, the next work.

Pure functions of an `Article`. The same rules stand behind Dagster's staleness (through the tags on
every materialization), Studio's and the command line's, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeline_defs import policies
from pipeline_defs.domain.articles import prompts
from pipeline_defs.domain.articles.models import Article, Section
from pipeline_defs.domain.keys import split_part
from pipeline_defs.domain.kinds import ARTICLES
from pipeline_defs.domain.versions import Maker, maker, version_of
from pipeline_defs.domain.work import Work

ARTICLE_REQUEST = "article_request"
SECTION_BRIEF = "section_brief"
ARTICLE_MANUSCRIPT = "article_manuscript"
BRIDGES = frozenset({ARTICLE_REQUEST, SECTION_BRIEF, ARTICLE_MANUSCRIPT})
ARTICLES_CODE = "pipeline_defs.domain.articles"
PROMPTS = f"{ARTICLES_CODE}.prompts"
# A changed prompt, rule, number or model turns exactly its assets stale. The gates of an answer are
# no part of it: what passed them stands, and the checks say how good it is.
MAKERS: Mapping[str, Maker] = {
    "article_outline": maker(
        prompts.OUTLINE_INSTRUCTIONS,
        code=(
            f"{PROMPTS}:outline_task",
            f"{PROMPTS}:as_prompt",
            f"{ARTICLES_CODE}.drafts:OutlineDraft",
        ),
        purposes=("outline",),
    ),
    "section_research": maker(
        prompts.RESEARCH_INSTRUCTIONS,
        code=(
            f"{PROMPTS}:search_queries",
            f"{ARTICLES_CODE}.gathering",
            "pipeline_defs.policies:RESEARCH_RESULTS_PER_SEARCH",
        ),
        purposes=("research",),
    ),
    "section_draft": maker(
        prompts.SECTION_INSTRUCTIONS,
        code=(
            f"{PROMPTS}:section_task",
            f"{PROMPTS}:as_prompt",
            f"{ARTICLES_CODE}.drafts:SectionDraft",
            f"{ARTICLES_CODE}.citations:check_section",
        ),
        purposes=("writing",),
    ),
    "article": maker(code=(f"{ARTICLES_CODE}.rendering",)),
    "article_publication": maker(),
}
# What each asset is made from within its own partition: asset or bridge.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "article_outline": (ARTICLE_REQUEST,),
    "section_research": (SECTION_BRIEF,),
    "section_draft": (SECTION_BRIEF, "section_research"),
    "article": (ARTICLE_MANUSCRIPT,),
    "article_publication": ("article",),
}


def code_version(article: Article, asset: str) -> str:
    """Version of the prompts, rules, code and models that make an asset."""
    return MAKERS[asset].version(article.models)


def request_version(article: Article) -> str:
    """Version of what was asked for, and of how the organization sounds."""
    return version_of(
        article.topic,
        article.sections_wanted,
        article.outline_given,
        article.language,
        article.voice,
    )


def outline_inputs(article: Article) -> str:
    """Hash of what an outline is planned from."""
    return version_of(
        request_version(article),
        code_version(article, "article_outline"),
        article.generation("article_outline", article.id),
    )


def brief_version(article: Article, order: int) -> str:
    """Version of a section's brief: its plan and, unless ignored by policy, all earlier drafts."""
    section = article.sections[order - 1]
    earlier = (
        [draft_version(article, s) for s in article.sections[: order - 1]]
        if policies.CONTEXT_STALENESS == "strict"
        else []
    )
    return version_of(section.plan, article.topic, article.language, article.voice, earlier)


def draft_version(article: Article, section: Section) -> str:
    """Version of a section's current draft; empty while there is none."""
    made = article.version("section_draft", section.key)
    return made.data_version if made else ""


def research_inputs(article: Article, order: int) -> str:
    """Hash of what a section's research depends on."""
    key = article.sections[order - 1].key
    return version_of(
        brief_version(article, order),
        code_version(article, "section_research"),
        article.generation("section_research", key),
    )


def draft_inputs(article: Article, order: int, research_version: str) -> str:
    """Hash of what a section's draft depends on."""
    key = article.sections[order - 1].key
    return version_of(
        brief_version(article, order),
        research_version,
        code_version(article, "section_draft"),
        article.generation("section_draft", key),
    )


def manuscript_version(article: Article) -> str:
    """Version of the whole text: the title and every section's draft, in order."""
    return version_of(
        article.title,
        article.description,
        article.language,
        [(s.plan.title, draft_version(article, s)) for s in article.sections],
    )


def sources_of(article: Article, asset: str, partition: str) -> dict[str, str | None]:
    """Current version of all that an asset is made from; None of what is not made."""
    return {name: _source_version(article, name, partition) for name in NEEDS[asset]}


def _source_version(article: Article, name: str, partition: str) -> str | None:
    match name:
        case "article_request":
            return request_version(article)
        case "section_brief":
            return brief_version(article, split_part(partition)[1])
        case "article_manuscript":
            return manuscript_version(article)
        case _:
            made = article.version(name, partition)
            return made.data_version if made else None


def research_is_stale(article: Article, order: int) -> bool:
    """Whether a section's research no longer follows from its brief and our code, or was asked for
    anew."""
    made = article.version("section_research", article.sections[order - 1].key)
    return made is not None and made.input_hash != research_inputs(article, order)


def draft_is_stale(article: Article, order: int) -> bool:
    """Whether a section's draft no longer follows from its brief, its research and our code."""
    key = article.sections[order - 1].key
    research, draft = (
        article.version("section_research", key),
        article.version("section_draft", key),
    )
    if research is None or draft is None:
        return False  # missing, not stale
    return draft.input_hash != draft_inputs(article, order, research.data_version)


def section_is_stale(article: Article, order: int) -> bool:
    """Whether anything of a written section is stale."""
    return research_is_stale(article, order) or draft_is_stale(article, order)


def article_is_stale(article: Article) -> bool:
    """Whether the assembled article is missing or no longer follows from its manuscript."""
    made = article.version("article", article.id)
    return (
        made is None
        or made.input_versions.get(ARTICLE_MANUSCRIPT) != manuscript_version(article)
        or made.code_version != code_version(article, "article")
    )


def publication_is_due(article: Article) -> bool:
    """Whether publication was asked for and the current edition is not out in that way."""
    if article.publish == "none":
        return False
    edition = article.version("article", article.id)
    out = article.version("article_publication", article.id)
    return (
        out is None
        or edition is None
        or out.input_versions.get("article") != edition.data_version
        or article.publication_requested != article.publish
    )


def next_work(article: Article) -> Work | None:
    """What has to run next, or None when the article is complete."""
    if article.version("article_outline", article.id) is None or not article.sections:
        return Work("plan_article", ("article_outline",), ARTICLES.name, (article.id,))
    unwritten = [s for s in article.sections if s.status != "completed"]
    if unwritten:
        first, last = unwritten[0].order, unwritten[-1].order
        keys = tuple(s.key for s in article.sections[first - 1 : last])
        return Work(
            "write_article_sections", ("section_research", "section_draft"), "sections", keys
        )
    if article_is_stale(article):
        assets = ("article", "article_publication") if article.publish != "none" else ("article",)
        return Work("assemble_article", assets, ARTICLES.name, (article.id,))
    if publication_is_due(article):
        return Work("assemble_article", ("article_publication",), ARTICLES.name, (article.id,))
    if article.has_unreported:  # any run of the article tells Dagster what was left untold
        return Work("assemble_article", ("article",), ARTICLES.name, (article.id,))
    return None


def steps(article: Article) -> tuple[int, int]:
    """`(done, total)` steps of progress: outline, two per section, assembly, publication."""
    done = 1 if article.version("article_outline", article.id) else 0
    for section in article.sections:
        done += {"completed": 2, "researched": 1, "writing": 1}.get(section.status, 0)
    total = 2 + 2 * article.sections_wanted + (article.publish != "none")
    if article.sections and all(s.status == "completed" for s in article.sections):
        done += not article_is_stale(article)
        done += article.publish != "none" and not publication_is_due(article)
    return done, total
