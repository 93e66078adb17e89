"""An article, its sections and what users may ask for. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field

from pipeline_defs import policies
from pipeline_defs.domain.articles.drafts import SectionPlan
from pipeline_defs.domain.keys import part_key
from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.publications import Publish, Published
from pipeline_defs.domain.requests import Strict, Text
from pipeline_defs.domain.versions import AssetVersion
from pipeline_defs.domain.voice import Voice

KIND = "articles"
SECTION_WIDTH = 2


class SectionRequest(Strict):
    """A section the user wants."""

    title: Annotated[Text, Field(max_length=200)]
    notes: Annotated[str, Field(max_length=1000)] = ""


class ArticleRequest(Strict):
    """What creates an article: a topic, and a number of sections or the sections themselves."""

    topic: Annotated[Text, Field(max_length=300)]
    sections: (
        Annotated[int, Field(strict=True, ge=1, le=policies.ARTICLE_MAX_SECTIONS)]
        | Annotated[
            list[SectionRequest], Field(min_length=1, max_length=policies.ARTICLE_MAX_SECTIONS)
        ]
    ) = 6
    language: Language = "en"
    publish: Publish = "none"

    @property
    def sections_wanted(self) -> int:
        """How many sections the article will have."""
        return self.sections if isinstance(self.sections, int) else len(self.sections)

    @property
    def given_outline(self) -> list[SectionPlan] | None:
        """The user's own outline, or None when it is to be planned."""
        if isinstance(self.sections, int):
            return None
        return [SectionPlan(title=s.title, focus=s.notes) for s in self.sections]


class SectionEdit(Strict):
    """Changes to a section's brief; what depends on it turns stale."""

    title: Annotated[Text, Field(max_length=200)] | None = None
    notes: Annotated[str, Field(max_length=1000)] | None = None
    key_points: (
        Annotated[list[Annotated[Text, Field(max_length=300)]], Field(max_length=20)] | None
    ) = None


class RebuildRequest(Strict):
    """What to make again: nothing named means whatever is stale, missing or failed.

    `parts` are section numbers, `assets` names of assets; `fresh` makes even what is up to date
    anew, and pays for it.
    """

    parts: (
        Annotated[list[Annotated[int, Field(strict=True, ge=1)]], Field(max_length=30)] | None
    ) = None
    assets: (
        list[Literal["article_outline", "section_research", "section_draft", "article"]] | None
    ) = None
    fresh: Annotated[bool, Field(strict=True)] = False


class Approval(Strict):
    """Publication on request: as a draft, or for everyone to see. `unpublished`: a post that was
    public was taken back on the site."""

    status: Published = "draft"
    unpublished: Annotated[bool, Field(strict=True)] = False


@dataclass(frozen=True, slots=True)
class Section:
    """A section as it is stored."""

    article_id: str
    order: int
    plan: SectionPlan
    status: str
    research: dict[str, Any] | None = None
    markdown: str | None = None
    html: str | None = None
    summary: str | None = None
    citations: tuple[dict[str, Any], ...] = ()
    word_count: int | None = None
    served_by: str | None = None
    error: dict[str, Any] | None = None

    @property
    def key(self) -> str:
        """Its partition key."""
        return part_key(self.article_id, self.order, SECTION_WIDTH)


@dataclass(frozen=True, slots=True)
class Article:
    """An article with everything known about it, as read in one transaction."""

    id: str
    status: str
    topic: str
    language: Language
    sections_wanted: int
    outline_given: tuple[SectionPlan, ...] | None
    publish: Publish
    voice: Voice
    title: str | None = None
    description: str | None = None
    sections: tuple[Section, ...] = ()
    versions: dict[tuple[str, str], AssetVersion] = field(default_factory=dict)
    generations: dict[tuple[str, str], int] = field(default_factory=dict)
    publication_requested: str | None = None
    models: Mapping[str, str] = field(default_factory=dict)  # in use: purpose to version
    has_unreported: bool = False  # results stored that Dagster was not told of

    def version(self, asset: str, partition: str) -> AssetVersion | None:
        """The current result of an asset, if there is one."""
        return self.versions.get((asset, partition))

    def generation(self, asset: str, partition: str) -> int:
        """How often it was asked for anew."""
        return self.generations.get((asset, partition), 0)
