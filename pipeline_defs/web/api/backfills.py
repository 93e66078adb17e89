"""Backfills: make again what is failed, missing, stale or corrupt, of many units at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import Body, Request
from fastapi.exceptions import RequestValidationError
from pydantic import AwareDatetime, BaseModel, Field

from pipeline_defs import policies
from pipeline_defs.domain.requests import Strict
from pipeline_defs.runtime.backfill import REASONS, Backfilled, Outcome, Reason, Wish, backfill
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.links import Links
from pipeline_defs.web.routes import BODY, Caller, api_router, example

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


class BackfilledUnit(BaseModel):
    """A unit: what was found of it, in parts by reason; how many parts making it takes; what that
    costs at most; what became of it."""

    id: str = Field(examples=["lecture-20261123-k7m2qx9c"])
    kind: str
    title: str
    found: dict[str, int] = Field(examples=[{"stale": 2}])
    parts: int
    cost_usd: float
    outcome: Outcome
    links: dict[str, str]


class Backfill(BaseModel):
    """What a backfill queued, or would queue; `cost_usd` of those."""

    dry_run: bool
    queued: int
    cost_usd: float
    over_budget: int
    units: list[BackfilledUnit]


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
    made = await backfill(gateway.database, gateway.lines, caller.org_id, wish, caller.actor)
    gateway.wake()
    return backfill_shape(made, wanted.dry_run, gateway.links)


def _no_line(name: str, lines: Iterable[str]) -> dict[str, Any]:
    message = f"there is no line {name!r}; there are {', '.join(lines)}"
    return {"type": "value_error", "loc": ("body", "line"), "msg": message, "input": name}


def backfill_shape(made: list[Backfilled], dry_run: bool, links: Links) -> Backfill:
    """The same as the API tells it."""
    chosen = [one for one in made if one.outcome in ("queued", "would_queue")]
    return Backfill(
        dry_run=dry_run,
        queued=len(chosen),
        cost_usd=round(sum(one.cost_usd for one in chosen), 6),
        over_budget=sum(one.outcome == "over_budget" for one in made),
        units=[_unit(one, links) for one in made],
    )


def _unit(one: Backfilled, links: Links) -> BackfilledUnit:
    return BackfilledUnit(
        id=one.unit_id,
        kind=one.kind,
        title=one.title,
        found=dict(one.found),
        parts=one.parts,
        cost_usd=one.cost_usd,
        outcome=one.outcome,
        links=links.of(one.kind, one.unit_id),
    )
