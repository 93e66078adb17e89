"""`GET /v1/queue`: how many units wait, run and are finished."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from pydantic import BaseModel

from pipeline_defs import policies
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.routes import Caller, api_router

router = api_router("queue")


class QueueCounts(BaseModel):
    """The organization's units: in total and by kind and status."""

    pending: int
    processing: int
    finished: int
    total: int
    max_concurrency: int
    kinds: dict[str, dict[str, int]]


@router.get("/v1/queue")
async def queue(request: Request, caller: Caller) -> QueueCounts:
    """Counts of the organization's units by state."""
    rows = await gateway_of(request).database.all(caller.org_id, "units.queue_counts")
    return counts(rows)


def counts(rows: list[dict[str, Any]]) -> QueueCounts:
    """Sum up rows of (kind, status, units)."""
    kinds: dict[str, dict[str, int]] = {}
    for row in rows:
        kinds.setdefault(row["kind"], {})[row["status"]] = row["units"]
    by_status = [item for statuses in kinds.values() for item in statuses.items()]
    pending = sum(n for status, n in by_status if status in ("queued", "pending"))
    finished = sum(n for status, n in by_status if status in FINAL_STATES)
    total = sum(n for _, n in by_status)
    return QueueCounts(
        pending=pending,
        processing=total - pending - finished,
        finished=finished,
        total=total,
        max_concurrency=policies.RUNS_AT_ONCE,
        kinds=kinds,
    )
