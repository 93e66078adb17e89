"""Backfills: make again what is failed, missing, stale or corrupt, of many units at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import Body, Request
from fastapi.exceptions import RequestValidationError
from pydantic import AwareDatetime, Field

from pipeline_defs import policies
from pipeline_defs.domain.requests import Strict
from pipeline_defs.runtime.backfill import REASONS, Reason, Round, Wish, backfill
from pipeline_defs.web.backfill_shape import (
    Backfill,
    PastBackfills,
    backfill_shape,
    past_backfills,
)
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.routes import BODY, Caller, api_router, example
from pipeline_defs.web.unit_routes import Cursor, Limit

router = api_router("backfills")
EXAMPLES = {
    **example("what it would cost", {"line": "lectures", "dry_run": True}),
    **example("what failed since Monday, for at most 5 USD", {
        "reasons": ["failed", "missing"], "since": "2026-11-23T00:00:00Z", "budget_usd": 5,
    }),
}  # fmt: skip


class BackfillRequest(Strict):
    """What to make again: units of a line, or of all; that finished `since` then; for these
    reasons; of at most `limit` units and `budget_usd`, by what the same things cost before.
    """

    line: Annotated[str, Field(examples=["lectures"])] | None = None
    since: AwareDatetime | None = None
    reasons: Annotated[list[Reason], Field(min_length=1)] = list(REASONS)
    budget_usd: Annotated[float, Field(strict=True, ge=0)] | None = None
    limit: Annotated[int, Field(strict=True, ge=1, le=policies.BACKFILL_MOST)] = 200
    dry_run: Annotated[bool, Field(strict=True)] = False


@router.post("/v1/backfills", status_code=202, responses=BODY)
async def start_backfill(
    request: Request,
    caller: Caller,
    wanted: Annotated[BackfillRequest, Body(openapi_examples=EXAMPLES)],
) -> Backfill:
    """Queue what stands otherwise than it should, those units first that wait longest. What is up
    to date is neither made nor paid for again. `dry_run` only says what and at what cost."""
    gateway = gateway_of(request)
    if wanted.line is not None and wanted.line not in gateway.lines:
        raise RequestValidationError([_no_line(wanted.line, gateway.lines)])
    wish = Wish(
        kind=wanted.line,
        since=wanted.since,
        reasons=wanted.reasons,
        budget_usd=wanted.budget_usd,
        most=wanted.limit,
        dry_run=wanted.dry_run,
    )
    asked = Round(wish, caller.actor)
    made = await backfill(gateway.database, gateway.lines, caller.org_id, asked)
    gateway.wake()
    return backfill_shape(asked, made, gateway.links)


@router.get("/v1/backfills")
async def list_backfills(
    request: Request,
    caller: Caller,
    next: Cursor = None,
    limit: Limit = policies.LIST_PAGE_DEFAULT,
) -> PastBackfills:
    """Backfills that queued something, of people and of the night, newest first; and how many of
    their units are whole by now."""
    return await past_backfills(gateway_of(request), caller, cursor=next, limit=limit)


def _no_line(name: str, lines: Iterable[str]) -> dict[str, Any]:
    message = f"there is no line {name!r}; there are {', '.join(lines)}"
    return {"type": "value_error", "loc": ("body", "line"), "msg": message, "input": name}
