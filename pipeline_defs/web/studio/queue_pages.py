"""Studio's pages of the pages line: the queue, a batch, one page."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from pipeline_defs.domain.keys import is_unit_id
from pipeline_defs.domain.kinds import PAGES
from pipeline_defs.domain.pages.requests import PRIORITIES
from pipeline_defs.domain.states import FINAL_STATES, JOB
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.api.batches import batch_of, batches_of
from pipeline_defs.web.api.queue import dead_letters_of, jobs_of, status_of
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.page_shape import PageView, page_shape, read_page
from pipeline_defs.web.studio.rendering import page, signed_in
from pipeline_defs.web.unit_routes import missing

PAGE_SIZE = 25
BATCHES_SHOWN = 5
LETTERS_SHOWN = 10
OPEN = ("pending", "processing")
JOB_STATUSES = ("pending", "processing", "completed", "failed", "cancelled")
router = APIRouter(include_in_schema=False)


@router.get("/studio/pages")
async def queue_page(
    request: Request,
    status: str | None = None,
    priority: str | None = None,
    next: str | None = None,
) -> Response:
    """The queue: how it stands, its jobs, batches, and what failed."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    gateway = gateway_of(request)
    status = status if status in JOB.states else None
    chosen = next_of(priority)
    jobs = await jobs_of(
        gateway,
        caller,
        status=status,
        priority=chosen,
        batch_id=None,
        cursor=next,
        limit=PAGE_SIZE,
    )
    context: dict[str, Any] = {
        "queue": await status_of(gateway, caller),
        "jobs": jobs,
        "batches": (await batches_of(gateway, caller, cursor=None, limit=BATCHES_SHOWN)).items,
        "letters": (await dead_letters_of(gateway, caller, limit=LETTERS_SHOWN)).items,
        "status": status,
        "priority": chosen,
        "statuses": JOB_STATUSES,
        "address": _address,
        "first_page": next is None,
        "organization": caller.org_id,
    }
    return page("queue.html", context)


@router.get("/studio/batches/{batch_id}")
async def batch_page(
    request: Request, batch_id: str, status: str | None = None, next: str | None = None
) -> Response:
    """A batch: counts, remaining time, its pages, what to download."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    gateway = gateway_of(request)
    batch = await batch_of(gateway, caller, batch_id)
    status = status if status in JOB.states else None
    jobs = await jobs_of(
        gateway,
        caller,
        status=status,
        priority=None,
        batch_id=batch.id,
        cursor=next,
        limit=PAGE_SIZE,
    )
    context = {
        "batch": batch,
        "jobs": jobs,
        "status": status,
        "statuses": JOB_STATUSES,
        "first_page": next is None,
        "organization": caller.org_id,
    }
    return page("batch.html", context)


@router.get("/studio/pages/{page_id}")
async def page_page(request: Request, page_id: str) -> Response:
    """One page: stages, preview, quality, cost, actions."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    if not is_unit_id(page_id):
        raise missing(PAGES)
    gateway = gateway_of(request)

    async def read(tx: Transaction) -> tuple[PageView | None, dict[str, Any] | None]:
        return await read_page(tx, page_id), await tx.one("progress.bounds", unit_id=page_id)

    view, bounds = await gateway.database.transact(caller.org_id, read)
    if view is None:
        raise missing(PAGES)
    shape = page_shape(view, gateway.links)
    version = view.page.version("page")
    context: dict[str, Any] = {
        "u": shape,
        "usage": view.usage,
        "tokens": sum(line["input_tokens"] + line["output_tokens"] for line in view.usage),
        "json_ld": json.dumps(shape.document.json_ld, indent=2, ensure_ascii=False)
        if shape.document
        else "",
        "version": version.data_version if version else "",
        "priorities": PRIORITIES,
        "resting": view.unit.status in FINAL_STATES,
        "last_seq": (bounds["last_seq"] or 0) if bounds else 0,
        "organization": caller.org_id,
    }
    return page("page.html", context)


def next_of(priority: str | None) -> Any:
    """A priority as it is known, or None."""
    return priority if priority in PRIORITIES else None


def _address(**filters: str | None) -> str:
    query = urlencode({name: value for name, value in filters.items() if value})
    return f"/studio/pages?{query}" if query else "/studio/pages"
