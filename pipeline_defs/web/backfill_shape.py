"""Backfills as the API shows them: what one queues or would queue, and those of the past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from pipeline_defs.runtime.backfill import Backfilled, Outcome, Reason, Round
from pipeline_defs.web import paging
from pipeline_defs.web.gateway import Gateway
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.links import Links


class BackfilledUnit(BaseModel):
    """A unit: what was found of it, in parts by reason; how many parts making it takes; what that
    costs at most; what became of it. `unpriced` parts were never made before and are not in the
    cost: `price_unknown` where they keep it out of a budget."""

    id: str = Field(examples=["lecture-20261123-k7m2qx9c"])
    kind: str
    title: str
    found: dict[str, int] = Field(examples=[{"stale": 2}])
    parts: int
    cost_usd: float
    unpriced: int
    outcome: Outcome
    links: dict[str, str]


class Backfill(BaseModel):
    """What a backfill queued, or would queue; `parts` and `cost_usd` of those, and how many parts
    are `unpriced`, not in that cost. Units are left out that are `over_budget`, or of which nobody
    can tell whether they are: `price_unknown`. It has an `id`, and is in the list of backfills,
    where it queued something."""

    id: str | None = Field(examples=["backfill-20261123-k7m2qx9c"])
    dry_run: bool
    queued: int
    parts: int
    cost_usd: float
    unpriced: int
    over_budget: int
    price_unknown: int
    units: list[BackfilledUnit]


class PastBackfill(BaseModel):
    """A backfill that queued something: who asked for what, how many `units` it queued and what
    they were to cost at most. Of these units are now `whole` (everything is as it should be),
    `in_work` or not looked at yet, or `wanting` something again or still."""

    id: str = Field(examples=["backfill-20261123-k7m2qx9c"])
    started_at: datetime
    actor: str = Field(examples=["nightly backfill"])
    actor_name: str | None = Field(description="What the key is called.")
    line: str | None
    since: datetime | None
    reasons: list[Reason]
    budget_usd: float | None
    limit: int
    units: int
    parts: int
    cost_usd: float
    whole: int
    in_work: int
    wanting: int


class PastBackfills(BaseModel):
    """A page of them, newest first."""

    items: list[PastBackfill]
    next: str | None = None


def backfill_shape(asked: Round, made: Sequence[Backfilled], links: Links) -> Backfill:
    """What became of a backfill that was asked for."""
    chosen = [one for one in made if one.outcome in ("queued", "would_queue")]
    dry_run = asked.wish.dry_run
    return Backfill(
        id=asked.id if chosen and not dry_run else None,
        dry_run=dry_run,
        queued=len(chosen),
        parts=sum(one.parts for one in chosen),
        cost_usd=round(sum(one.cost_usd for one in chosen), 6),
        unpriced=sum(one.unpriced for one in chosen),
        over_budget=sum(one.outcome == "over_budget" for one in made),
        price_unknown=sum(one.outcome == "price_unknown" for one in made),
        units=[_unit(one, links) for one in made],
    )


async def past_backfills(
    gateway: Gateway, caller: Identity, *, cursor: str | None, limit: int
) -> PastBackfills:
    """The organization's, a page at a time."""
    before = paging.parse_cursor(cursor)
    rows = await gateway.database.all(
        caller.org_id,
        "backfills.listed",
        before_at=before[0] if before else None,
        before_id=before[1] if before else None,
        most=limit + 1,
    )
    items = [PastBackfill.model_validate(row) for row in rows[:limit]]
    more = len(rows) > limit
    return PastBackfills(
        items=items,
        next=paging.cursor_at(items[-1].started_at, items[-1].id) if more else None,
    )


def _unit(one: Backfilled, links: Links) -> BackfilledUnit:
    return BackfilledUnit(
        id=one.unit_id,
        kind=one.kind,
        title=one.title,
        found=dict(one.found),
        parts=one.parts,
        cost_usd=one.cost_usd,
        unpriced=one.unpriced,
        outcome=one.outcome,
        links=links.of(one.kind, one.unit_id),
    )
