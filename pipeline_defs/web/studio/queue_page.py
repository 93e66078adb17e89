"""Studio's pages of the queue: how it stands, its jobs, batches, and what failed for good."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from pipeline_defs import policies
from pipeline_defs.domain.keys import is_unit_id
from pipeline_defs.domain.pages.requests import PRIORITIES, Priority
from pipeline_defs.domain.states import JOB
from pipeline_defs.web.api.batches import batch_of, batches_of
from pipeline_defs.web.api.queue import (
    DeadLetterFilter,
    QueuedPage,
    dead_letters_of,
    jobs_of,
    status_of,
)
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.studio.rendering import page, signed_in

PAGE_SIZE = 25
BATCHES_SHOWN = 5  # beside the queue
FOLLOWED = 20  # pages in work that are followed, whether the list shows them or not
CODES_SHOWN = 12
JOB_STATUSES = ("pending", "processing", "completed", "failed", "cancelled")
OPEN = ("pending", "processing")
router = APIRouter(include_in_schema=False)


@router.get("/studio/pages")
async def queue_page(
    request: Request,
    status: str | None = None,
    priority: str | None = None,
    batch: str | None = None,
    approve: str | None = None,
    next: str | None = None,
) -> Response:
    """The queue: counts, workers, remaining time, the jobs with live progress, batches."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    gateway = gateway_of(request)
    filters = {"status": status, "priority": priority, "batch": batch, "next": next}
    context = await job_list(
        gateway, caller, "/studio/pages", to_approve=approve == "yes", **filters
    )
    batches = await batches_of(gateway, caller, cursor=None, limit=BATCHES_SHOWN)
    context |= {
        "queue": await status_of(gateway, caller),
        "batches": batches.items,
        "more_batches": batches.next is not None,
        "batch": _known(batch),
        "priority": priority if priority in PRIORITIES else None,
    }
    return page("queue.html", context)


@router.get("/studio/batches")
async def batch_list(request: Request, next: str | None = None) -> Response:
    """All batches, newest first."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    found = await batches_of(gateway_of(request), caller, cursor=next, limit=PAGE_SIZE)
    context = {
        "batches": found.items,
        "next": found.next,
        "address": _address("/studio/batches"),
        "organization": caller.org_id,
    }
    return page("batches.html", context)


@router.get("/studio/batches/new")
async def new_batch(request: Request) -> Response:
    """The form for many pages at once."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    context = {"most": policies.PAGE_BATCH_BYTES, "organization": caller.org_id}
    return page("new_batch.html", context)


@router.get("/studio/batches/{batch_id}")
async def batch_page(
    request: Request, batch_id: str, status: str | None = None, next: str | None = None
) -> Response:
    """One batch: progress, counts, remaining time, cost, its jobs, downloads."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    gateway = gateway_of(request)
    batch = await batch_of(gateway, caller, batch_id)
    own = f"/studio/batches/{batch.id}"
    context = await job_list(
        gateway, caller, own, status=status, priority=None, batch=batch.id, next=next
    )
    return page("batch.html", {**context, "b": batch})


@router.get("/studio/dead-letters")
async def dead_letter_page(
    request: Request, code: str | None = None, batch: str | None = None, next: str | None = None
) -> Response:
    """Pages that failed for good, with the reasons; one or all that fit can be tried again."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    gateway = gateway_of(request)
    wanted = DeadLetterFilter(
        batch_id=_known(batch), code=(code or "").replace("\0", "")[:64] or None
    )
    found = await dead_letters_of(gateway, caller, wanted, cursor=next, limit=PAGE_SIZE)
    codes = await gateway.database.all(
        caller.org_id, "page_queue.dead_letter_codes", batch_id=wanted.batch_id, most=CODES_SHOWN
    )
    context = {
        "letters": found.items,
        "next": found.next,
        "codes": codes,
        "code": wanted.code,
        "batch": wanted.batch_id,
        "replay": {"filter": wanted.model_dump(exclude_none=True)},
        "address": _address("/studio/dead-letters"),
        "organization": caller.org_id,
    }
    return page("dead_letters.html", context)


async def job_list(
    gateway: Gateway,
    caller: Identity,
    base: str,
    *,
    status: str | None,
    priority: str | None,
    batch: str | None,
    next: str | None,
    to_approve: bool = False,
) -> dict[str, Any]:
    """What the list of jobs needs: those that fit, which to follow, addresses of its filters."""
    state = status if status in JOB.states else None
    wanted: Priority | None = priority if priority in PRIORITIES else None
    batch = _known(batch)
    jobs = await jobs_of(
        gateway,
        caller,
        status=state,
        priority=wanted,
        batch_id=batch,
        to_approve=to_approve,
        cursor=next,
        limit=PAGE_SIZE,
    )
    working = await jobs_of(
        gateway,
        caller,
        status="processing",
        priority=None,
        batch_id=batch,
        cursor=None,
        limit=FOLLOWED,
    )
    return {
        "jobs": jobs.items,
        "next": jobs.next,
        "follow": _to_follow([*working.items, *jobs.items]),
        "status": state,
        "approve": "yes" if to_approve else None,
        "statuses": JOB_STATUSES,
        "priorities": PRIORITIES,
        "address": _address(base),
        "organization": caller.org_id,
    }


def _known(batch: str | None) -> str | None:
    """`batch` when it can be one at all."""
    return batch if batch and is_unit_id(batch) else None


def _to_follow(jobs: Iterable[QueuedPage]) -> list[str]:
    """Ids of pages that will still move, each once."""
    return list(dict.fromkeys(job.id for job in jobs if job.status in OPEN))


def _address(base: str) -> Callable[..., str]:
    """Makes addresses of a list with filters; those that are None are left out."""

    def address(**filters: str | None) -> str:
        query = urlencode({name: value for name, value in filters.items() if value})
        return f"{base}?{query}" if query else base

    return address
