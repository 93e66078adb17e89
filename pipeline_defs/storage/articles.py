"""Articles in the database: reading one whole, and the changes users may ask for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from psycopg.types.json import Jsonb

from pipeline_defs.domain.articles.drafts import SectionPlan
from pipeline_defs.domain.articles.models import (
    KIND,
    Approval,
    Article,
    ArticleRequest,
    RebuildRequest,
    Section,
    SectionEdit,
)
from pipeline_defs.domain.articles.recipe import section_is_stale
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.keys import new_unit_id
from pipeline_defs.domain.states import ARTICLE, FINAL_STATES
from pipeline_defs.domain.voice import Voice
from pipeline_defs.storage import publications, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.models_in_use import models_in_use
from pipeline_defs.storage.unit_records import no_such_unit, read_record

PREFIX = "article"
PART_ASSETS = ("section_research", "section_draft")


async def create(tx: Transaction, request: ArticleRequest, actor: str) -> str:
    """Store a new article and return its id; it is dispatched by itself."""
    article_id = new_unit_id(PREFIX, datetime.now(UTC))
    outline = request.given_outline
    await units.create(
        tx,
        article_id,
        KIND,
        request.topic,
        status=ARTICLE.initial,
        steps_total=2 + 2 * request.sections_wanted + (request.publish != "none"),
        actor=actor,
    )
    await tx.run(
        "articles.create",
        id=article_id,
        topic=request.topic,
        language=request.language,
        sections_wanted=request.sections_wanted,
        outline_given=Jsonb([s.model_dump() for s in outline]) if outline else None,
        publish=request.publish,
    )
    return article_id


async def read(tx: Transaction, article_id: str, *, lock: bool = False) -> Article | None:
    """The article with its sections, versions and generations, or None.

    `lock`: nobody else may change it until the transaction ends.
    """
    record = await read_record(tx, article_id, lock=lock)
    row = await tx.one("articles.get", id=article_id)
    if row is None or record is None:
        return None
    sections = await tx.all("articles.sections", article_id=article_id)
    publication = await publications.of_unit(tx, article_id)
    return Article(
        id=article_id,
        status=record.status,
        topic=row["topic"],
        language=row["language"],
        sections_wanted=row["sections_wanted"],
        outline_given=_outline(row["outline_given"]),
        publish=row["publish"],
        voice=Voice.model_validate(record.content_defaults),
        title=row["title"],
        description=row["description"],
        sections=tuple(_section(s) for s in sections),
        versions=record.versions,
        generations=record.generations,
        publication_requested=publication["requested"] if publication else None,
        models=models_in_use(),
        has_unreported=record.has_unreported,
    )


async def required(tx: Transaction, article_id: str) -> Article:
    """The article, locked for a change; Permanent `NOT_FOUND` when there is none."""
    article = await read(tx, article_id, lock=True)
    if article is None:
        raise no_such_unit("article", article_id)
    return article


async def edit_section(
    tx: Transaction, article_id: str, order: int, edit: SectionEdit, actor: str
) -> None:
    """Change a section's brief; what was made from it is stale from now on."""
    article = await required(tx, article_id)
    _required_section(article, order)
    await tx.run(
        "articles.edit_section",
        article_id=article_id,
        section_order=order,
        title=edit.title,
        focus=edit.notes,
        key_points=Jsonb(edit.key_points) if edit.key_points is not None else None,
    )
    await tx.run("units.touch", id=article_id)
    changed = sorted(edit.model_dump(exclude_none=True))
    await units.audit(tx, actor, "articles.section_edited", article_id, order=order, fields=changed)


async def rebuild(
    tx: Transaction, article_id: str, request: RebuildRequest, actor: str
) -> list[int]:
    """Queue what is stale, missing, failed or named for making again; the sections concerned.

    Raises Permanent `BUSY` while the article is being generated.
    """
    article = await required(tx, article_id)
    _must_rest(article)
    orders = _orders_to_rebuild(article, request)
    for order in orders:
        section = article.sections[order - 1]
        if section.status not in ("pending", "researched"):
            await set_section_status(tx, article_id, order, "pending")
    if request.fresh:
        for asset, partition in _fresh_assets(article, request, orders):
            await tx.run(
                "ledger.raise_generation", unit_id=article_id, asset=asset, partition=partition
            )
            if asset not in PART_ASSETS:
                await tx.run("assets.forget", asset=asset, partition=partition)
    await units.requeue(
        tx, article.id, article.status, actor, "articles.rebuild_requested", **request.model_dump()
    )
    return orders


async def resume(tx: Transaction, article_id: str, actor: str) -> None:
    """Go on with a failed or cancelled article: finished sections stay, failed ones are retried.

    Finished ones behind the first that is not are looked at again, as they follow from it: where
    nothing has changed for them, they are answered from the ledger.
    """
    article = await required(tx, article_id)
    _must_rest(article)
    unfinished = [s.order for s in article.sections if s.status != "completed"]
    for section in article.sections[min(unfinished) - 1 :] if unfinished else ():
        if section.status not in ("pending", "researched"):
            await set_section_status(tx, article_id, section.order, "pending")
    await units.requeue(tx, article.id, article.status, actor, "articles.resume_requested")


async def approve(tx: Transaction, article_id: str, approval: Approval, actor: str) -> None:
    """Ask for publication of a completed article, or of one once it is completed.

    Raises Permanent `PUBLIC_ALREADY` where a draft would stand in place of a public post.
    """
    article = await required(tx, article_id)
    await publications.must_take(tx, article_id, approval.status, unpublished=approval.unpublished)
    await tx.run("articles.set_publish", id=article_id, publish=approval.status)
    if article.status == "completed":
        await units.requeue(
            tx, article.id, article.status, actor, "articles.approved", status=approval.status
        )
    else:
        await units.audit(tx, actor, "articles.approved", article_id, status=approval.status)


async def settle(tx: Transaction, article_id: str) -> None:
    """Return sections that were in work to `pending`: after a crash, a cancellation, a deadline."""
    for row in await tx.all("articles.sections", article_id=article_id):
        if row["status"] in ("researching", "writing"):
            await set_section_status(tx, article_id, row["section_order"], "pending")


async def set_section_status(
    tx: Transaction,
    article_id: str,
    order: int,
    status: str,
    error: dict[str, Any] | None = None,
) -> None:
    """Move a section to a state; the database refuses an illegal move."""
    await tx.run(
        "articles.set_section_status",
        article_id=article_id,
        section_order=order,
        status=status,
        error=error,
    )


def _orders_to_rebuild(article: Article, request: RebuildRequest) -> list[int]:
    if request.parts is not None:
        for order in request.parts:
            _required_section(article, order)
        return sorted(set(request.parts))
    if request.assets is not None and not set(request.assets) & set(PART_ASSETS):
        return []
    if request.fresh:
        return [s.order for s in article.sections]
    due = [
        s.order
        for s in article.sections
        if s.status != "completed" or section_is_stale(article, s.order)
    ]
    # Later sections follow from earlier drafts: all from the first one on are looked at again, and
    # those whose inputs turn out unchanged are answered from the ledger.
    return [s.order for s in article.sections if due and s.order >= min(due)]


def _fresh_assets(
    article: Article, request: RebuildRequest, orders: Sequence[int]
) -> list[tuple[str, str]]:
    assets = request.assets or PART_ASSETS
    parts = [
        (asset, article.sections[order - 1].key)
        for asset in assets
        if asset in PART_ASSETS
        for order in orders
    ]
    whole = [(asset, article.id) for asset in assets if asset not in PART_ASSETS]
    return parts + whole


def _must_rest(article: Article) -> None:
    if article.status not in FINAL_STATES:
        raise Permanent(
            "BUSY",
            f"article {article.id} is {article.status}",
            advice="Wait until it is finished, or cancel it first.",
        )


def _required_section(article: Article, order: int) -> Section:
    if not 1 <= order <= len(article.sections):
        raise Permanent(
            "NOT_FOUND",
            f"article {article.id} has no section {order}",
            advice=f"Its sections are numbered 1 to {len(article.sections)}.",
        )
    return article.sections[order - 1]


def _outline(given: list[dict[str, Any]] | None) -> tuple[SectionPlan, ...] | None:
    return tuple(SectionPlan.model_validate(s) for s in given) if given else None


def _section(row: dict[str, Any]) -> Section:
    return Section(
        article_id=row["article_id"],
        order=row["section_order"],
        plan=SectionPlan(
            title=row["title"], focus=row["focus"], key_points=tuple(row["key_points"])
        ),
        status=row["status"],
        research=row["research"],
        markdown=row["markdown"],
        html=row["html"],
        summary=row["summary"],
        citations=tuple(row["citations"]),
        word_count=row["word_count"],
        served_by=row["served_by"],
        error=row["error_details"],
    )
