"""Batches: many pages from a file, all of them or none; progress, results, what failed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response, StreamingResponse

from pipeline_defs import policies
from pipeline_defs.domain.keys import is_unit_id
from pipeline_defs.domain.kinds import PAGES
from pipeline_defs.domain.pages.eta import eta_seconds
from pipeline_defs.domain.pages.requests import PageRequest
from pipeline_defs.domain.pages.stages import STAGE_NAMES
from pipeline_defs.runtime import control, inbox
from pipeline_defs.runtime.arrivals import Arrival, Outcome
from pipeline_defs.runtime.batch_files import (
    BatchReading,
    failures_csv,
    read_batch,
    template_csv,
)
from pipeline_defs.runtime.batch_results import ResultPage, results_zip
from pipeline_defs.storage import page_queue, pages
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web import paging
from pipeline_defs.web.api.products import refuse
from pipeline_defs.web.api.queue import is_paused
from pipeline_defs.web.file_names import disposition, in_a_name
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.problems import Problem, not_found
from pipeline_defs.web.routes import BODY, CONFLICT, MISSING, Caller, api_router
from pipeline_defs.web.submissions import (
    REPLAYED,
    IdempotencyKey,
    conflict,
    idempotency_key,
)
from pipeline_defs.web.unit_routes import Cursor, Limit

router = api_router("batches")
BatchId = Annotated[str, Path(examples=["batch-20261126-k7m2qx9c"])]
FILE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
            "text/csv": {"schema": {"type": "string"}},
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
                "schema": {"type": "string", "format": "binary"}
            },
        },
    }
}


class RowFault(BaseModel):
    """What is wrong in which cell; rows are counted as a spreadsheet does."""

    row: int
    column: str
    message: str
    fix: str | None = None
    value: str = ""


class Preview(BaseModel):
    """What a file says, before anything is stored: its first rows and every fault."""

    total: int
    columns: list[str]
    rows: list[dict[str, Any]]
    errors: list[RowFault]
    error_count: int


class AcceptedBatch(BaseModel):
    """A stored batch and its pages, in the order of the file."""

    id: str = Field(examples=["batch-20261126-k7m2qx9c"])
    status: str = "processing"
    total: int
    job_ids: list[str]
    links: dict[str, str]


class BatchShape(BaseModel):
    """How a batch stands. `percentage`: pages that ended, of all."""

    id: str
    name: str
    status: str = Field(examples=["processing"])
    total: int
    pending: int
    processing: int
    completed: int
    failed: int
    cancelled: int
    percentage: int
    eta_seconds: float | None
    cost_usd: float | None = None
    created_at: datetime
    completed_at: datetime | None
    links: dict[str, str]


class BatchList(BaseModel):
    """A page of batches, newest first."""

    items: list[BatchShape]
    next: str | None = None


@router.post("/v1/pages/batches/preview", responses=BODY, openapi_extra=FILE_BODY)
async def preview_batch(request: Request, caller: Caller) -> Preview:
    """Read a file and say what is in it and what is wrong; nothing is stored."""
    del caller
    reading = await _read(request)
    return Preview(
        total=reading.total,
        columns=list(reading.columns),
        rows=[dict(row) for row in reading.rows],
        errors=[
            RowFault(row=e.row, column=e.column, message=e.message, fix=e.fix, value=e.value)
            for e in reading.errors
        ],
        error_count=reading.error_count,
    )


@router.get("/v1/pages/batches/template", response_class=Response)
async def batch_template(caller: Caller) -> Response:
    """A CSV file to start from."""
    del caller
    return _csv(iter([template_csv()]), "pages.csv")


@router.post(
    "/v1/pages/batches",
    status_code=202,
    response_model=AcceptedBatch,
    responses={**BODY, **CONFLICT},
    openapi_extra=FILE_BODY,
)
async def create_batch(
    request: Request,
    caller: Caller,
    name: Annotated[str, Query(max_length=200, description="What people call it.")] = "",
    _key: IdempotencyKey = None,
) -> Response:
    """Queue the pages of a file: all of them, or none and every faulty row is named."""
    reading = await _read(request)
    refuse(reading.errors, f"{_faults(reading)}; nothing was stored.")
    if not reading.requests:
        raise Problem(422, "INVALID_FILE", "The file has no rows.", advice="Add a row per page.")
    gateway = gateway_of(request)
    body = await request.body()
    digest = hashlib.sha256(name.encode() + b"\0" + body).digest()
    # The pages hold what was asked for; the inbox keeps what tells one request from another.
    arrival = Arrival("api", idempotency_key(request), "batch/requested", digest)

    created: list[str] = []

    async def work(tx: Transaction) -> Outcome:
        batch_id = await page_queue.create_batch(tx, name, len(reading.requests), caller.actor)
        created[:] = await pages.create_many(tx, reading.requests, caller.actor, batch_id)
        return Outcome("done", batch_id)

    receipt = await gateway.database.transact(
        caller.org_id, lambda tx: inbox.store(tx, arrival, work)
    )
    batch_id = receipt.outcome.unit_id
    if receipt.conflict or batch_id is None:
        raise conflict()
    gateway.wake()
    headers = {"Location": f"/v1/batches/{batch_id}"}
    if receipt.duplicate:
        headers[REPLAYED] = "true"
        which = {"batch_id": batch_id}
        rows = await gateway.database.all(caller.org_id, "page_queue.batch_pages", **which)
        created = [row["id"] for row in rows]
    accepted = AcceptedBatch(
        id=batch_id, total=len(created), job_ids=created, links=_links(batch_id)
    )
    return JSONResponse(accepted.model_dump(), 202, headers)


@router.get("/v1/batches")
async def list_batches(
    request: Request,
    caller: Caller,
    next: Cursor = None,
    limit: Limit = policies.LIST_PAGE_DEFAULT,
) -> BatchList:
    """The organization's batches, newest first."""
    return await batches_of(gateway_of(request), caller, cursor=next, limit=limit)


@router.get("/v1/batches/{batch_id}", responses=MISSING)
async def get_batch(request: Request, caller: Caller, batch_id: BatchId) -> BatchShape:
    """A batch: counts, percentage, remaining time, cost."""
    return await batch_of(gateway_of(request), caller, batch_id)


@router.post("/v1/batches/{batch_id}/cancel", responses=MISSING)
async def cancel_batch(request: Request, caller: Caller, batch_id: BatchId) -> BatchShape:
    """Cancel what waits at once and what is in work within seconds; finished pages stay."""
    gateway = gateway_of(request)
    line = gateway.lines[PAGES.name]
    known = _checked(batch_id)

    async def cancel(tx: Transaction) -> None:
        for page_id in await page_queue.cancel_batch(tx, known, caller.actor):
            await control.cancel(tx, line, page_id, caller.actor)

    await gateway.database.transact(caller.org_id, cancel)
    gateway.wake()
    return await batch_of(gateway, caller, batch_id)


@router.get("/v1/batches/{batch_id}/results", responses=MISSING, response_class=StreamingResponse)
async def batch_results(request: Request, caller: Caller, batch_id: BatchId) -> Response:
    """A ZIP of the finished pages: HTML and JSON of each, and an index."""
    gateway = gateway_of(request)
    batch = await batch_of(gateway, caller, batch_id)
    name = f"{in_a_name(batch.name or batch.id)}.zip"
    return StreamingResponse(
        results_zip(_finished(gateway, caller, batch.id)),
        media_type="application/zip",
        headers={"Content-Disposition": disposition(name, "application/zip", download=True)},
    )


@router.get("/v1/batches/{batch_id}/failures", responses=MISSING, response_class=Response)
async def batch_failures(request: Request, caller: Caller, batch_id: BatchId) -> Response:
    """A CSV of the pages that failed, with the reasons, ready to be corrected and sent again.

    A page that is finished and could only not be published is not among them: resume it.
    """
    gateway = gateway_of(request)
    batch = await batch_of(gateway, caller, batch_id)
    rows = await gateway.database.all(
        caller.org_id, "pages.failures", batch_id=batch.id, stages=len(STAGE_NAMES)
    )
    failed = ((PageRequest.model_validate(row["request"]), row["error"] or {}) for row in rows)
    return _csv(failures_csv(failed), f"{in_a_name(batch.name or batch.id)}-failures.csv")


async def batch_of(gateway: Gateway, caller: Identity, batch_id: str) -> BatchShape:
    """A batch of the caller's organization; Problem 404 when there is none."""
    known = _checked(batch_id)
    at_once = gateway.settings.pages_at_once

    async def read(tx: Transaction) -> BatchShape:
        row = await page_queue.required_batch(tx, known)
        recent = await tx.all(
            "page_queue.batch_recent_seconds", batch_id=known, most=policies.ETA_SAMPLES
        )
        cost = await tx.one("page_queue.batch_cost", batch_id=known) or {"cost_usd": 0}
        seconds = [entry["seconds"] for entry in recent]
        shape = _shape(row, at_once, seconds)
        more: dict[str, Any] = {"cost_usd": float(cost["cost_usd"])}
        if await is_paused(tx):
            more["eta_seconds"] = None
        return shape.model_copy(update=more)

    return await gateway.database.transact(caller.org_id, read)


async def batches_of(
    gateway: Gateway, caller: Identity, *, cursor: str | None, limit: int
) -> BatchList:
    """Batches, newest first."""
    before = paging.parse_cursor(cursor)
    rows = await gateway.database.all(
        caller.org_id,
        "page_queue.batches",
        before_at=before[0] if before else None,
        before_id=before[1] if before else None,
        most=limit + 1,
    )
    last = rows[limit - 1] if len(rows) > limit else None
    return BatchList(
        items=[_shape(row, gateway.settings.pages_at_once, []) for row in rows[:limit]],
        next=paging.cursor_at(last["created_at"], last["id"]) if last else None,
    )


async def _read(request: Request) -> BatchReading:
    body = await request.body()
    media_type = request.headers.get("content-type", "")
    return await asyncio.to_thread(read_batch, body, media_type)


async def _finished(gateway: Gateway, caller: Identity, batch_id: str) -> AsyncIterator[ResultPage]:
    """Finished pages, read a part at a time."""
    after = 0
    while True:
        rows = await gateway.database.all(
            caller.org_id,
            "pages.results",
            batch_id=batch_id,
            after=after,
            most=policies.RESULTS_AT_ONCE,
        )
        for row in rows:
            yield ResultPage(row["id"], row["request"]["target_url"], row["document"])
        if len(rows) < policies.RESULTS_AT_ONCE:
            return
        after = rows[-1]["batch_row"]


def _shape(row: Mapping[str, Any], at_once: int, seconds: list[float]) -> BatchShape:
    ended = row["completed"] + row["failed"] + row["cancelled"]
    same = (
        "id", "name", "status", "total", "pending", "processing", "completed", "failed",
        "cancelled", "created_at", "completed_at",
    )  # fmt: skip
    return BatchShape(
        **{name: row[name] for name in same},
        percentage=round(100 * ended / max(1, row["total"])),
        eta_seconds=eta_seconds(row["pending"], row["processing"], at_once, seconds),
        links=_links(row["id"]),
    )


def _links(batch_id: str) -> dict[str, str]:
    own = f"/v1/batches/{batch_id}"
    return {
        "self": own,
        "results": f"{own}/results",
        "failures": f"{own}/failures",
        "cancel": f"{own}/cancel",
        "studio": f"/studio/batches/{batch_id}",
    }


def _checked(batch_id: str) -> str:
    if not is_unit_id(batch_id):
        raise not_found("There is no such batch.")
    return batch_id


def _faults(reading: BatchReading) -> str:
    count = reading.error_count
    return f"The file has {count} {'fault' if count == 1 else 'faults'}"


def _csv(pieces: Any, name: str) -> Response:
    return StreamingResponse(
        pieces,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": disposition(name, "text/csv", download=True)},
    )
