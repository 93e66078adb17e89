"""An article as the API and Studio show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from pipeline_defs.domain.articles import recipe
from pipeline_defs.domain.articles.models import Article, Section
from pipeline_defs.domain.articles.rendering import clean
from pipeline_defs.domain.units import Unit
from pipeline_defs.storage import articles, publications, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.links import Links
from pipeline_defs.web.publication_shape import PublicationShape, publication_shape
from pipeline_defs.web.unit_shape import (
    OPEN_STAGE,
    ErrorShape,
    StageShape,
    StageStatus,
    UnitShape,
    error_shape,
    unit_fields,
)


class CitationShape(BaseModel):
    """A source and the span of it that supports a sentence."""

    source: str = ""
    url: str = ""
    title: str = ""
    sentence: str = ""
    quote: str = ""


class SectionShape(BaseModel):
    """A section: brief, state, text."""

    order: int
    title: str
    notes: str
    key_points: list[str]
    status: str
    stale: bool
    word_count: int | None
    citations: list[CitationShape]
    error: ErrorShape | None
    html: str | None
    served_by: str | None


class ReferenceShape(BaseModel):
    """An entry of the bibliography."""

    number: int
    url: str
    title: str


class EditionShape(BaseModel):
    """The assembled article; `stale` when it no longer follows from its sections."""

    title: str
    html: str
    markdown: str
    bibliography: list[ReferenceShape]
    word_count: int
    version: str
    stale: bool
    created_at: datetime


class ArticleShape(UnitShape):
    """An article with everything a reader or editor needs."""

    topic: str
    language: str
    publish: str
    description: str | None
    sections: list[SectionShape]
    article: EditionShape | None
    publication: PublicationShape | None


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article as read in one transaction."""

    unit: Unit
    article: Article
    edition: Mapping[str, Any] | None
    publication: Mapping[str, Any] | None


async def read_article(tx: Transaction, article_id: str) -> ArticleView:
    """Everything about an article; Permanent `NOT_FOUND` when it is not there."""
    article = await articles.required(tx, article_id)
    unit = await units.get(tx, article_id)
    if unit is None:
        raise LookupError(article_id)
    return ArticleView(
        unit,
        article,
        await tx.one("articles.current_edition", article_id=article_id),
        await publications.of_unit(tx, article_id),
    )


def article_shape(view: ArticleView, links: Links) -> ArticleShape:
    """The public shape of an article. HTML is cleaned once more on its way out."""
    article = view.article
    return ArticleShape(
        **unit_fields(view.unit, links, stages(view)),
        topic=article.topic,
        language=article.language,
        publish=article.publish,
        description=article.description,
        sections=[_section(article, section) for section in article.sections],
        article=_edition(view),
        publication=publication_shape(
            view.publication, current=not recipe.publication_is_due(article)
        ),
    )


def stages(view: ArticleView) -> list[StageShape]:
    """Outline, sections, assembly, publication, each with its state."""
    article = view.article
    planned = article.version("article_outline", article.id) is not None
    written = sum(section.status == "completed" for section in article.sections)
    complete = bool(article.sections) and written == len(article.sections)
    assembled = complete and not recipe.article_is_stale(article)
    found = [
        ("outline", "Planning the outline", int(planned), 1),
        ("sections", "Writing sections", written, len(article.sections) or article.sections_wanted),
        ("assembly", "Assembling the article", int(assembled), 1),
    ]
    if article.publish != "none":
        published = assembled and not recipe.publication_is_due(article)
        found.append(("publication", "Publishing", int(published), 1))
    shapes: list[StageShape] = []
    open_status = OPEN_STAGE.get(view.unit.status, "pending")
    for name, title, done, total in found:
        if done >= total:
            status: StageStatus = "completed"
        else:
            status, open_status = open_status, "pending"
        shapes.append(StageShape(name=name, title=title, status=status, done=done, total=total))
    return shapes


def _section(article: Article, section: Section) -> SectionShape:
    known = CitationShape.model_fields
    return SectionShape(
        order=section.order,
        title=section.plan.title,
        notes=section.plan.focus,
        key_points=list(section.plan.key_points),
        status=section.status,
        stale=recipe.section_is_stale(article, section.order),
        word_count=section.word_count,
        citations=[
            CitationShape(**{k: str(v) for k, v in citation.items() if k in known})
            for citation in section.citations
        ],
        error=error_shape(section.error),
        html=clean(section.html) if section.html else None,
        served_by=section.served_by,
    )


def _edition(view: ArticleView) -> EditionShape | None:
    row = view.edition
    if row is None:
        return None
    return EditionShape(
        title=row["title"],
        html=clean(row["html"]),
        markdown=row["markdown"],
        bibliography=[ReferenceShape.model_validate(entry) for entry in row["bibliography"]],
        word_count=row["word_count"],
        version=row["data_version"],
        stale=recipe.article_is_stale(view.article),
        created_at=row["created_at"],
    )
