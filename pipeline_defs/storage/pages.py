"""Pages in the database: creating one or many, reading one whole, and what users may change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from psycopg.types.json import Jsonb

from pipeline_defs import policies
from pipeline_defs.domain.keys import new_unit_id
from pipeline_defs.domain.kinds import PAGES
from pipeline_defs.domain.pages import recipe
from pipeline_defs.domain.pages.components import PageComponents
from pipeline_defs.domain.pages.decisions import Decision
from pipeline_defs.domain.pages.document import PageDocument
from pipeline_defs.domain.pages.facts import Link, PageContext
from pipeline_defs.domain.pages.models import Page
from pipeline_defs.domain.pages.quality.findings import QualityReport
from pipeline_defs.domain.pages.requests import PageRebuild, PageRequest
from pipeline_defs.domain.pages.stages import STAGE_NAMES, StageName, StageRecord, StageStatus
from pipeline_defs.domain.voice import Voice
from pipeline_defs.storage import page_queue, products, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.models_in_use import models_in_use
from pipeline_defs.storage.unit_records import must_rest, no_such_unit, read_record


async def create(tx: Transaction, request: PageRequest, actor: str) -> str:
    """Queue a new page and return its id."""
    [page_id] = await create_many(tx, [request], actor)
    await units.audit(tx, actor, f"{PAGES.name}.created", page_id)
    return page_id


async def create_many(
    tx: Transaction, requests: Sequence[PageRequest], actor: str, batch_id: str | None = None
) -> list[str]:
    """Queue pages, all of them or none; their ids in the order of the requests."""
    now = datetime.now(UTC)
    ids = [new_unit_id(PAGES.noun, now) for _ in requests]
    for start in range(0, len(ids), policies.PAGES_PER_STATEMENT):
        part = slice(start, start + policies.PAGES_PER_STATEMENT)
        await _create(tx, ids[part], requests[part], actor)
        await page_queue.enqueue(tx, ids[part], requests[part], now, batch_id, start)
    await tx.run("units.notify_dispatch")
    return ids


async def _create(
    tx: Transaction, ids: Sequence[str], requests: Sequence[PageRequest], actor: str
) -> None:
    await tx.run(
        "pages.create_units",
        ids=list(ids),
        titles=[title_of(request) for request in requests],
        steps_total=len(STAGE_NAMES),
        created_by=actor,
    )
    await tx.run(
        "pages.create",
        ids=list(ids),
        requests=f"[{','.join(request.model_dump_json() for request in requests)}]",
    )
    event = units.event_of("queued", "finished", "Queued", status="queued")
    await tx.run("pages.create_events", ids=list(ids), event=event)


def title_of(request: PageRequest) -> str:
    """What a page is called before it has a title."""
    about = request.metadata
    named = about.topic or about.category or about.brand
    if about.product is not None:
        named = about.product.name
    return named or (request.keywords[0] if request.keywords else request.target_url)


async def read(tx: Transaction, page_id: str, *, lock: bool = False) -> Page | None:
    """The page with what the organization knows of its subject, or None.

    `lock`: nobody else may change it until the transaction ends.
    """
    record = await read_record(tx, page_id, lock=lock)
    row = await tx.one("pages.get", id=page_id)
    if row is None or record is None:
        return None
    request = PageRequest.model_validate(row["request"])
    found, as_of = await products.of_page(tx, request, row["created_at"])
    return Page(
        id=page_id,
        status=record.status,
        request=request,
        voice=Voice.model_validate(record.content_defaults),
        products=found,
        as_of=as_of,
        figures=await products.figures_of(tx, request),
        context=PageContext.model_validate(row["context"]) if row["context"] else None,
        components=_components(row["components"]),
        document=_document(row["document"]),
        quality=_quality(row["quality"]),
        draft=_document(row["draft"]),
        draft_quality=_quality(row["draft_quality"]),
        decision=Decision.model_validate(row["decision"]) if row["decision"] else None,
        published_as=row["published_as"],
        stages=tuple(_stage(s) for s in await tx.all("pages.stages", id=page_id)),
        versions=record.versions,
        generations=record.generations,
        models=models_in_use(),
        has_unreported=record.has_unreported,
    )


async def required(tx: Transaction, page_id: str) -> Page:
    """The page, locked for a change; Permanent `NOT_FOUND` when there is none."""
    page = await read(tx, page_id, lock=True)
    if page is None:
        raise no_such_unit(PAGES.noun, page_id)
    return page


async def links_of(tx: Transaction, page_id: str) -> tuple[Link, ...]:
    """Pages of the same site and language that a page can link to."""
    place = await tx.one("pages.place", id=page_id)
    if place is None or place["site"] is None:
        return ()
    row = place["batch_row"] or 0
    rows = await tx.all(
        "pages.links",
        **{**place, "batch_row": row},
        id=page_id,
        first_row=row - policies.PAGE_LINKS_NEAR,
        last_row=row + policies.PAGE_LINKS_NEAR,
        most=policies.PAGE_LINKS_MOST,
    )
    return tuple(
        Link(url=row["url"], title=_begun_large(row["title"]), page_id=row["id"]) for row in rows
    )


async def living(tx: Transaction, links: Sequence[Link]) -> tuple[Link, ...]:
    """Those of the links whose page has not failed and was not cancelled before it was finished."""
    rows = await tx.all("pages.living", ids=[link.page_id for link in links if link.page_id])
    ids = {row["id"] for row in rows}
    return tuple(link for link in links if link.page_id is None or link.page_id in ids)


async def rebuild(
    tx: Transaction, page_id: str, request: PageRebuild, actor: str
) -> tuple[str, ...]:
    """Queue what is stale, missing or named for making again; the assets concerned.

    Raises Permanent `BUSY` while the page is being made.
    """
    page = await required(tx, page_id)
    must_rest(PAGES.noun, page.id, page.status)
    wanted = tuple(request.assets or recipe.ASSETS)
    if request.fresh:
        for asset in wanted:
            await tx.run("ledger.raise_generation", unit_id=page_id, asset=asset, partition=page_id)
    elif request.assets:
        for asset in wanted:
            await tx.run("assets.forget", asset=asset, partition=page_id)
    await again(tx, page, actor, f"{PAGES.name}.rebuild_requested", **request.model_dump())
    return wanted


async def resume(tx: Transaction, page_id: str, actor: str) -> None:
    """Go on with a failed or cancelled page; what is stored of it stays."""
    page = await required(tx, page_id)
    must_rest(PAGES.noun, page.id, page.status)
    await again(tx, page, actor, f"{PAGES.name}.resume_requested")


async def settle(tx: Transaction, page_id: str) -> None:
    """A stage that was at work is waiting again: after a crash or a cancellation."""
    await tx.run("pages.settle_stages", id=page_id)


async def forget_stages(tx: Transaction, page_id: str, stages: Sequence[StageName]) -> None:
    """These are to come again."""
    await tx.run("pages.forget_stages", id=page_id, stages=list(stages))


async def count(tx: Transaction, page_id: str, stage: str) -> None:
    """Bring its counters up to its stages."""
    await tx.run("pages.count", id=page_id, stage=stage, steps_total=len(STAGE_NAMES))


async def set_stage(
    tx: Transaction,
    page_id: str,
    stage: StageName,
    status: StageStatus,
    *,
    seconds: float | None = None,
    detail: dict[str, Any] | None = None,
    error: dict[str, Any] | None = None,
) -> None:
    """Note how a stage stands."""
    await tx.run(
        "pages.put_stage",
        id=page_id,
        stage=stage,
        status=status,
        seconds=seconds,
        detail=detail,
        error=error,
    )


async def put_document(
    tx: Transaction, page_id: str, document: PageDocument, report: QualityReport | None
) -> None:
    """The finished page, with what the quality gate found; None where it was left out."""
    await tx.run("pages.put_document", id=page_id, **_assembled(document, report))


async def put_draft(
    tx: Transaction, page_id: str, document: PageDocument, report: QualityReport | None
) -> None:
    """Keep what was assembled and is not finished yet; the finished page before it stays."""
    await tx.run("pages.put_draft", id=page_id, **_assembled(document, report))


async def set_title(tx: Transaction, page_id: str, title: str) -> None:
    """What people find the page by."""
    await tx.run("units.set_title", id=page_id, title=title)


async def again(tx: Transaction, page: Page, actor: str, action: str, **detail: Any) -> None:
    """Queue a page that rests for what is missing of it, and say who wanted that."""
    await page_queue.requeue(tx, [page.id])
    await page_queue.rank_anew(tx, page.id, page.request)
    await units.audit(tx, actor, action, page.id, **detail)


def _begun_large(title: str) -> str:
    """Names and abbreviations within stay as they are."""
    return title[:1].upper() + title[1:]


def _assembled(document: PageDocument, report: QualityReport | None) -> dict[str, Any]:
    return {
        "document": Jsonb(document.model_dump(mode="json")),
        "quality": Jsonb(report.model_dump(mode="json")) if report else None,
    }


def _components(stored: dict[str, Any] | None) -> PageComponents | None:
    return PageComponents.model_validate(stored) if stored else None


def _document(stored: dict[str, Any] | None) -> PageDocument | None:
    return PageDocument.model_validate(stored) if stored else None


def _quality(stored: dict[str, Any] | None) -> QualityReport | None:
    return QualityReport.model_validate(stored) if stored else None


def _stage(row: dict[str, Any]) -> StageRecord:
    return StageRecord(row["stage"], row["status"], row["seconds"], row["detail"], row["error"])
