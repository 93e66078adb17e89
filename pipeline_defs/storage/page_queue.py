"""The queue of pages: ranks, turns, batches, dead letters.

Which page has the next turn is decided by the database (`app.page_order`), for all workers at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pipeline_defs import policies
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.keys import new_unit_id
from pipeline_defs.domain.kinds import PAGES
from pipeline_defs.domain.pages.requests import PageRequest, Priority
from pipeline_defs.domain.pages.scoring import rank
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Database, Transaction
from pipeline_defs.storage.unit_records import no_such_unit

BATCH_PREFIX = "batch"


@dataclass(frozen=True, slots=True)
class Ageing:
    """Every `share`-th turn of an organization is for whoever has waited longest, if longer than
    `after` seconds."""

    after: float = policies.PAGE_AGED_AFTER
    share: int = policies.PAGE_AGED_SHARE


AGEING = Ageing()


async def enqueue(
    tx: Transaction,
    ids: Sequence[str],
    requests: Sequence[PageRequest],
    now: datetime,
    batch_id: str | None,
    before: int = 0,
) -> None:
    """Give new pages their place; `before`: how many of the batch have theirs already."""
    ranks = [rank(request, now) for request in requests]
    await tx.run(
        "page_queue.enqueue",
        ids=list(ids),
        batch_id=batch_id,
        batch_rows=[before + n if batch_id else None for n in range(1, len(ids) + 1)],
        priorities=[r.priority for r in ranks],
        lanes=[r.lane for r in ranks],
        scores=[r.score for r in ranks],
        reconsider_ats=[r.reconsider_at for r in ranks],
        deadlines=[request.deadline for request in requests],
    )


async def requeue(tx: Transaction, ids: Sequence[str]) -> list[str]:
    """Back into the queue, those of the pages that rest; which."""
    event = units.event_of("queued", "finished", "Queued", status="queued")
    rows = await tx.all("page_queue.resting", ids=list(ids))
    resting = [row["id"] for row in rows]
    await tx.run("page_queue.requeue_jobs", ids=resting)
    await tx.run("page_queue.requeue_units", ids=resting, event=event)
    await tx.run("units.notify_dispatch")
    return resting


async def rank_anew(
    tx: Transaction, page_id: str, request: PageRequest, given: Priority | None = None
) -> None:
    """Bring a waiting page's place up to date; `given`: a priority somebody asks for now."""
    row = await tx.one("page_queue.get", id=page_id)
    asked = given or (row["priority_given"] if row else None)
    place = rank(request, datetime.now(UTC), asked)
    await tx.run(
        "page_queue.rank",
        id=page_id,
        priority=place.priority,
        lane=place.lane,
        score=place.score,
        reconsider_at=place.reconsider_at,
        given=given,
    )


async def reconsider(
    tx: Transaction, page_id: str, request: PageRequest, *, priority_changed: bool
) -> None:
    """The request was changed: its deadline and, if it names another one, its priority count."""
    await tx.run(
        "page_queue.amend",
        id=page_id,
        deadline=request.deadline,
        priority_changed=priority_changed,
    )
    await rank_anew(tx, page_id, request)
    await tx.run("units.notify_dispatch")


async def boost(tx: Transaction, page_id: str, priority: Priority, actor: str) -> None:
    """Another priority for a page that waits. Permanent `NOT_WAITING` when it does not."""
    row = await tx.one("page_queue.get", id=page_id)
    page = await tx.one("pages.get", id=page_id)
    if row is None or page is None:
        raise no_such_unit(PAGES.noun, page_id)
    if row["status"] != "pending":
        raise Permanent(
            "NOT_WAITING",
            f"page {page_id} is {row['status']}: only one that waits can change its place",
            advice="One that has ended can be queued again: rebuild or resume it.",
        )
    await rank_anew(tx, page_id, PageRequest.model_validate(page["request"]), priority)
    await units.audit(tx, actor, "pages.priority_changed", page_id, priority=priority)
    units.append_progress(
        tx,
        page_id,
        stage="queued",
        outcome="finished",
        message=f"Priority is now {priority}",
        priority=priority,
    )
    await tx.run("units.notify_dispatch")


async def admit(database: Database, at_once: int, ageing: Ageing = AGEING) -> int:
    """Hand the next pages to Dagster; how many. Ranks anew what a deadline has come near to."""
    for row in await database.all(None, "page_queue.to_rank", most=policies.PAGES_RANKED_AT_ONCE):
        page_id = row["id"]

        async def again(tx: Transaction, page_id: str = page_id) -> None:
            page = await tx.one("pages.get", id=page_id)
            if page is not None:
                await rank_anew(tx, page_id, PageRequest.model_validate(page["request"]))

        await database.transact(row["org_id"], again)
    found = await database.one(
        None,
        "page_queue.admit",
        at_once=at_once,
        aged_after=ageing.after,
        aged_share=ageing.share,
    )
    return int(found["admitted"]) if found else 0


async def take_turns(
    database: Database, present: Sequence[str], at_once: int, ageing: Ageing = AGEING
) -> dict[str, bool]:
    """For pages a run waits with: True where one has its turn, False where it will get none here:
    it was cancelled, or its organization has paused its queue and it went back there.
    """
    rows = await database.all(
        None,
        "page_queue.take_turns",
        present=list(present),
        at_once=at_once,
        patience=policies.PAGE_TURN_PATIENCE,
        aged_after=ageing.after,
        aged_share=ageing.share,
        seen_within=policies.PAGE_TURN_SEEN,
        unbegun_after=policies.PAGE_TURN_UNBEGUN,
    )
    return {row["id"]: row["go"] for row in rows}


async def create_batch(tx: Transaction, name: str, total: int, actor: str) -> str:
    """A batch for so many pages; its id."""
    batch_id = new_unit_id(BATCH_PREFIX, datetime.now(UTC))
    await tx.run("page_queue.create_batch", id=batch_id, title=name, total=total, created_by=actor)
    await units.audit(tx, actor, "batches.created", None, batch=batch_id, pages=total)
    return batch_id


async def required_batch(tx: Transaction, batch_id: str) -> dict[str, Any]:
    """A batch's row; Permanent `NOT_FOUND` when there is none."""
    row = await tx.one("page_queue.batch", id=batch_id)
    if row is None:
        raise Permanent(
            "NOT_FOUND",
            f"there is no batch {batch_id}",
            advice="List your batches with `GET /v1/batches`.",
        )
    return row


async def cancel_batch(tx: Transaction, batch_id: str, actor: str) -> list[str]:
    """Cancel what waits at once; the ids of those that are still in work."""
    await required_batch(tx, batch_id)
    await tx.run("page_queue.request_batch_cancel", id=batch_id)
    event = units.event_of("cancelled", "cancelled", "Cancelled", status="cancelled")
    most = policies.PAGES_PER_STATEMENT
    while rows := await tx.all("page_queue.waiting_of_batch", batch_id=batch_id, most=most):
        ids = [row["id"] for row in rows]
        await tx.run("page_queue.cancel_jobs", ids=ids)
        await tx.run("page_queue.cancel_units", ids=ids, event=event)
    await units.audit(tx, actor, "batches.cancel_requested", None, batch=batch_id)
    return [row["id"] for row in await tx.all("page_queue.open_of_batch", batch_id=batch_id)]


async def replay(tx: Transaction, ids: Sequence[str], actor: str) -> list[str]:
    """Queue failed pages again; which."""
    again = await requeue(tx, ids)
    await units.audit(tx, actor, "dead_letters.replayed", None, pages=len(again), ids=again[:20])
    return again


async def set_paused(tx: Transaction, paused: bool, actor: str) -> None:
    """Let no page of the organization begin, or let them begin again; twice is the same as once."""
    await tx.run("page_queue.pause" if paused else "page_queue.unpause")
    await units.audit(tx, actor, "queue.paused" if paused else "queue.resumed", None)
    await tx.run("units.notify_dispatch")
