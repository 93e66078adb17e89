"""The queue of pages: counts, the waiting jobs, pause, dead letters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import BaseModel, Field

from pipeline_defs import policies
from pipeline_defs.domain.pages.eta import eta_seconds
from pipeline_defs.domain.pages.requests import AnyPriority, Moment, Priority
from pipeline_defs.domain.requests import Strict
from pipeline_defs.storage import page_queue
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web import paging
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.page_shape import JobShape, job_shape
from pipeline_defs.web.routes import BODY, Caller, api_router
from pipeline_defs.web.unit_routes import Cursor, Limit
from pipeline_defs.web.unit_shape import ErrorShape, error_shape

router = api_router("queue")
JobStatus = Annotated[
    str | None, Query(pattern="^(pending|processing|completed|failed|cancelled)$")
]


class QueueStatus(BaseModel):
    """The organization's queue of pages; `kinds` counts units of every line by status.

    `total` is what waits or is in work. `workers` are processes that were heard of lately, of all
    organizations, as is `max_concurrency`: pages in work at once.
    """

    pending: int
    processing: int
    high: int
    normal: int
    low: int
    total: int
    workers: int
    max_concurrency: int
    paused: bool
    eta_seconds: float | None = Field(
        description="Until everything that waits is finished; null while the queue is paused."
    )
    kinds: dict[str, dict[str, int]]


class QueuedPage(JobShape):
    """A page in the queue."""

    id: str
    title: str
    page_type: str
    target_url: str
    language: str
    current_stage: str
    percentage: int
    cost_usd: float
    waits_for_approval: bool
    error: ErrorShape | None


class QueuedPages(BaseModel):
    """A page of the list, newest first; of a batch, in the order of its rows."""

    items: list[QueuedPage]
    next: str | None = None


class DeadLetter(BaseModel):
    """A page that failed for good."""

    id: str
    title: str
    batch_id: str | None
    page_type: str
    target_url: str
    priority: str
    attempts: int
    failed_at: datetime
    error: ErrorShape | None


class DeadLetters(BaseModel):
    """A page of the list, newest first."""

    items: list[DeadLetter]
    next: str | None = None


class DeadLetterFilter(Strict):
    """Which failed pages are meant: those that fit everything that is given."""

    ids: Annotated[list[str], Field(max_length=policies.REPLAY_MOST)] | None = None
    batch_id: Annotated[str, Field(max_length=64)] | None = None
    code: Annotated[str, Field(max_length=64, examples=["QUALITY"])] | None = None
    retryable: bool | None = None
    since: Moment | None = None


class Replay(Strict):
    """What to replay: an empty filter means every failed page."""

    filter: DeadLetterFilter = DeadLetterFilter()


class Replayed(BaseModel):
    """Pages that are queued again; `more`: there are others, as one call takes only so many."""

    replayed: list[str]
    more: bool


@router.get("/v1/queue")
async def queue_status(request: Request, caller: Caller) -> QueueStatus:
    """How many pages wait and are in work, by priority, and how long it will take."""
    return await status_of(gateway_of(request), caller)


@router.get("/v1/queue/jobs")
async def list_jobs(
    request: Request,
    caller: Caller,
    status: JobStatus = None,
    priority: Annotated[AnyPriority | None, Query()] = None,
    batch_id: Annotated[str | None, Query(max_length=64)] = None,
    to_approve: Annotated[bool, Query(description="Only those that wait for approval.")] = False,
    next: Cursor = None,
    limit: Limit = policies.LIST_PAGE_DEFAULT,
) -> QueuedPages:
    """The jobs of the queue, newest first, with their stage and progress; those of a batch in the
    order of its rows."""
    return await jobs_of(
        gateway_of(request),
        caller,
        status=status,
        priority=priority,
        batch_id=batch_id,
        to_approve=to_approve,
        cursor=next,
        limit=limit,
    )


@router.post("/v1/queue/pause")
async def pause(request: Request, caller: Caller) -> QueueStatus:
    """Begin no further page of the organization; those in work are finished."""
    return await _set_paused(request, caller, paused=True)


@router.post("/v1/queue/resume")
async def unpause(request: Request, caller: Caller) -> QueueStatus:
    """Begin pages again."""
    return await _set_paused(request, caller, paused=False)


@router.get("/v1/dead-letters")
async def dead_letters(
    request: Request,
    caller: Caller,
    batch_id: Annotated[str | None, Query(max_length=64)] = None,
    code: Annotated[str | None, Query(max_length=64)] = None,
    retryable: bool | None = None,
    next: Cursor = None,
    limit: Limit = policies.LIST_PAGE_DEFAULT,
) -> DeadLetters:
    """Pages that failed for good, newest first."""
    wanted = DeadLetterFilter(batch_id=batch_id, code=code, retryable=retryable)
    return await dead_letters_of(gateway_of(request), caller, wanted, cursor=next, limit=limit)


@router.post("/v1/dead-letters/replay", status_code=202, responses=BODY)
async def replay(request: Request, caller: Caller, wanted: Replay | None = None) -> Replayed:
    """Queue failed pages again: one, or all that fit the filter."""
    gateway = gateway_of(request)
    chosen = (wanted or Replay()).filter
    most = policies.REPLAY_MOST

    async def again(tx: Transaction) -> tuple[list[str], bool]:
        rows = await tx.all("page_queue.dead_letters", **_filter(chosen, None, most + 1))
        ids = await page_queue.replay(tx, [row["id"] for row in rows[:most]], caller.actor)
        return ids, len(rows) > most

    ids, more = await gateway.database.transact(caller.org_id, again)
    gateway.wake()
    return Replayed(replayed=ids, more=more)


async def status_of(gateway: Gateway, caller: Identity) -> QueueStatus:
    """The queue as it is now."""
    database, at_once = gateway.database, gateway.settings.pages_at_once

    async def read(tx: Transaction) -> QueueStatus:
        counts = await tx.one("page_queue.counts") or {}
        paused = await is_paused(tx)
        workers = await tx.one("page_queue.live_workers", within=policies.WORKER_GONE) or {}
        recent = await tx.all("page_queue.recent_seconds", most=policies.ETA_SAMPLES)
        return QueueStatus(
            **counts,
            total=counts["pending"] + counts["processing"],
            workers=workers["workers"],
            max_concurrency=at_once,
            paused=paused,
            eta_seconds=None
            if paused
            else eta_seconds(
                counts["pending"],
                counts["processing"],
                at_once,
                [row["seconds"] for row in recent],
            ),
            kinds=by_kind(await tx.all("units.queue_counts")),
        )

    return await database.transact(caller.org_id, read)


async def is_paused(tx: Transaction) -> bool:
    """Whether the organization lets no page begin, so that nothing tells when they are finished."""
    state = await tx.one("page_queue.state")
    return bool(state and state["paused_at"])


async def jobs_of(
    gateway: Gateway,
    caller: Identity,
    *,
    status: str | None,
    priority: Priority | None,
    batch_id: str | None,
    cursor: str | None,
    limit: int,
    to_approve: bool = False,
) -> QueuedPages:
    """Jobs that fit, newest first; those of a batch as they stand in its file."""
    wanted: dict[str, Any] = {
        "status": status,
        "priority": priority,
        "to_approve": to_approve,
        "most": limit + 1,
    }
    if batch_id is None:
        before = paging.parse_cursor(cursor)
        wanted |= {"before_at": before and before[0], "before_id": before and before[1]}
        found = "page_queue.jobs"
    else:
        wanted |= {"batch_id": batch_id, "after": paging.parse_row(cursor)}
        found = "page_queue.jobs_of_batch"

    async def read(tx: Transaction) -> list[dict[str, Any]]:
        ids = [row["id"] for row in await tx.all(found, **wanted)]
        return await tx.all("page_queue.job_details", ids=ids)

    rows = await gateway.database.transact(caller.org_id, read)
    return QueuedPages(
        items=[_queued(row) for row in rows[:limit]],
        next=_next_job(rows[limit - 1], batch_id) if len(rows) > limit else None,
    )


async def dead_letters_of(
    gateway: Gateway,
    caller: Identity,
    wanted: DeadLetterFilter,
    *,
    cursor: str | None,
    limit: int,
) -> DeadLetters:
    """Failed pages that fit, newest first."""
    before = paging.parse_cursor(cursor)
    rows = await gateway.database.all(
        caller.org_id, "page_queue.dead_letters", **_filter(wanted, before, limit + 1)
    )
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return DeadLetters(
        items=[_dead_letter(row) for row in rows[:limit]],
        next=paging.cursor_at(last["completed_at"], last["id"]) if last else None,
    )


def by_kind(rows: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Units by kind and status."""
    kinds: dict[str, dict[str, int]] = {}
    for row in rows:
        kinds.setdefault(row["kind"], {})[row["status"]] = row["units"]
    return kinds


async def _set_paused(request: Request, caller: Identity, *, paused: bool) -> QueueStatus:
    gateway = gateway_of(request)
    await gateway.database.transact(
        caller.org_id, lambda tx: page_queue.set_paused(tx, paused, caller.actor)
    )
    gateway.wake()
    return await status_of(gateway, caller)


def _next_job(last: Mapping[str, Any], batch_id: str | None) -> str:
    if batch_id is None:
        return paging.cursor_at(last["created_at"], last["id"])
    return paging.cursor_at_row(last["batch_row"])


def _queued(row: Mapping[str, Any]) -> QueuedPage:
    done = round(100 * row["steps_done"] / max(1, row["steps_total"]))
    return QueuedPage(
        **job_shape(row).model_dump(),
        id=row["id"],
        title=row["title"],
        page_type=row["page_type"],
        target_url=row["target_url"],
        language=row["language"],
        current_stage=row["stage"],
        percentage=100 if row["status"] == "completed" else min(99, done),
        cost_usd=float(row["cost_usd"]),
        waits_for_approval=row["waits_for_approval"],
        error=error_shape(row["error"]),
    )


def _dead_letter(row: Mapping[str, Any]) -> DeadLetter:
    same = ("id", "title", "batch_id", "page_type", "target_url", "priority", "attempts")
    return DeadLetter(
        **{name: row[name] for name in same},
        failed_at=row["completed_at"],
        error=error_shape(row["error"]),
    )


def _filter(
    wanted: DeadLetterFilter, before: tuple[datetime, str] | None, most: int
) -> dict[str, Any]:
    return {
        **wanted.model_dump(),
        "before_at": before[0] if before else None,
        "before_id": before[1] if before else None,
        "most": most,
    }
