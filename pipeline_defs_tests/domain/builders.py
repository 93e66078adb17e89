"""Sources, drafts and articles for the tests of the domain."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline_defs.domain.articles import recipe
from pipeline_defs.domain.articles.citations import Source
from pipeline_defs.domain.articles.drafts import (
    Evidence,
    Paragraph,
    SectionDraft,
    SectionPlan,
    Sentence,
)
from pipeline_defs.domain.articles.models import Article, Section
from pipeline_defs.domain.keys import part_key
from pipeline_defs.domain.versions import AssetVersion
from pipeline_defs.domain.voice import Voice

ARTICLE_ID = "article-20261123-k7m2qx9c"


def source(name: str, text: str, url: str | None = None) -> Source:
    return Source(name, url or f"https://example.org/{name}", f"Title of {name}", text)


def sourced(*sources: Source) -> dict[str, Source]:
    return {s.id: s for s in sources}


def sentence(text: str, *evidence: tuple[str, str]) -> Sentence:
    return Sentence(text=text, evidence=tuple(Evidence(source=s, quote=q) for s, q in evidence))


def draft(*sentences: Sentence, heading: str | None = None) -> SectionDraft:
    return SectionDraft(paragraphs=(Paragraph(heading=heading, sentences=sentences),))


def section(order: int, status: str = "pending", **changes: Any) -> Section:
    plan = SectionPlan(title=f"Section {order}", focus=f"Focus of {order}")
    return replace(Section(ARTICLE_ID, order, plan, status), **changes)


def article(count: int = 0, status: str = "pending", **changes: Any) -> Article:
    base = Article(
        id=ARTICLE_ID,
        status="generating",
        topic="Lighthouses",
        language="en",
        sections_wanted=count or 3,
        outline_given=None,
        publish="none",
        voice=Voice(),
        title="All about lighthouses" if count else None,
        sections=tuple(section(order, status) for order in range(1, count + 1)),
        versions={("article_outline", ARTICLE_ID): version("outline")} if count else {},
    )
    return replace(base, **changes)


def version(data: str, inputs: str = "", code: str = "1", **input_versions: str) -> AssetVersion:
    return AssetVersion(data, code, inputs, dict(input_versions))


def key(order: int) -> str:
    return part_key(ARTICLE_ID, order, 2)


def with_version(given: Article, asset: str, partition: str, made: AssetVersion) -> Article:
    return replace(given, versions={**given.versions, (asset, partition): made})


def with_section(given: Article, order: int, **changes: Any) -> Article:
    sections = list(given.sections)
    sections[order - 1] = replace(sections[order - 1], **changes)
    return replace(given, sections=tuple(sections))


def written(given: Article, order: int, serial: str = "1") -> Article:
    """Research and write one section, as the assets do."""
    research = version(f"research {order} {serial}", recipe.research_inputs(given, order))
    given = with_version(given, "section_research", key(order), research)
    inputs = recipe.draft_inputs(given, order, research.data_version)
    given = with_version(
        given, "section_draft", key(order), version(f"draft {order} {serial}", inputs)
    )
    return with_section(given, order, status="completed", markdown=f"Text {order}, {serial}.")


def assembled(given: Article) -> Article:
    made = version(
        "edition of " + recipe.manuscript_version(given),
        code=recipe.code_version(given, "article"),
        article_manuscript=recipe.manuscript_version(given),
    )
    return with_version(given, "article", ARTICLE_ID, made)


def published(given: Article) -> Article:
    edition = given.versions["article", ARTICLE_ID].data_version
    given = with_version(given, "article_publication", ARTICLE_ID, version("post", article=edition))
    return replace(given, publication_requested=given.publish)
