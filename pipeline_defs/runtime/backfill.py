"""Makes again what is failed, missing, stale or corrupt, within a budget: by night for everybody,
or when somebody asks for their own organization.

Which units want something stands in `app.wanting` (see inspection.py); it is looked at once more
under the unit's lock before anything is queued. What is up to date is never made again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.graph import Node, UnitGraph, affected, requested
from pipeline_defs.domain.keys import new_unit_id
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.domain.units import Unit
from pipeline_defs.runtime.lines import Line, Repair
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Database, Transaction
from pipeline_defs.storage.prices import prices_of

Reason = Literal["failed", "missing", "stale", "corrupt"]
REASONS: tuple[Reason, ...] = get_args(Reason)
Outcome = Literal["queued", "would_queue", "over_budget", "price_unknown", "nothing_to_do", "busy"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a backfill is to make: units of a line (None: of all) that finished `since` then, for
    these reasons, of at most so many units and so much cost in USD; `refused_too`: also what failed
    for a reason that does not pass by itself; `dry_run` only says it."""

    kind: str | None = None
    since: datetime | None = None
    reasons: Sequence[Reason] = REASONS
    budget_usd: float | None = None
    most: int = 200
    refused_too: bool = True
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Backfilled:
    """One unit of a backfill: what was found of it, what making it takes and costs at most by what
    the same things cost before, and what became of it. `unpriced` of its parts are paid for and
    were never made before: their cost is not known. Within a budget such a unit is left out."""

    unit_id: str
    kind: str
    title: str
    found: Mapping[str, int]  # reason to number of parts
    parts: int
    cost_usd: float
    unpriced: int
    outcome: Outcome


@dataclass(slots=True)
class Round:
    """A backfill under way: who wants what, and what is left of its budget in USD (None: no limit).
    It is kept, under its id, from the first unit on that it queues."""

    wish: Wish
    actor: str
    id: str = field(default_factory=lambda: new_unit_id("backfill", datetime.now(UTC)))
    left: float | None = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.wish.budget_usd

    def pays(self, cost: float) -> bool:
        """Take the cost out of it, where there is enough."""
        if self.left is None:
            return True
        if cost > self.left:
            return False
        self.left -= cost
        return True


async def backfill(
    database: Database, lines: Mapping[str, Line], org_id: str, asked: Round
) -> list[Backfilled]:
    """Queue the units of an organization that want something, those that wait longest first."""
    wish = asked.wish
    rows = await database.all(
        org_id,
        "wanting.units",
        kind=wish.kind,
        since=wish.since,
        standings=list(wish.reasons),
        most=wish.most,
    )
    made: list[Backfilled] = []
    for row in rows:
        line = lines[row["kind"]]
        made.append(
            await database.transact(
                org_id,
                lambda tx, unit=row["id"], of=line: backfill_unit(tx, of, unit, asked),
            )
        )
    return made


async def backfill_unit(tx: Transaction, line: Line, unit_id: str, asked: Round) -> Backfilled:
    """Queue one unit for all that wants making, where enough is left of the budget for it."""
    await tx.run("units.lock", id=unit_id)
    unit, graph = await units.get(tx, unit_id), await line.graph(tx, unit_id)
    found = await tx.all("wanting.of_unit", unit_id=unit_id)
    counts = {reason: sum(f["standing"] == reason for f in found) for reason in REASONS}
    counts = {reason: count for reason, count in counts.items() if count}

    def told(outcome: Outcome, parts: int = 0, cost: float = 0.0, unpriced: int = 0) -> Backfilled:
        title = unit.title if unit else ""
        return Backfilled(
            unit_id, line.kind.name, title, counts, parts, round(cost, 6), unpriced, outcome
        )

    if unit is None or graph is None or unit.status not in FINAL_STATES:
        return told("busy")
    repair = _repair(unit, graph, found, asked.wish)
    if not repair.nodes and not repair.broken:
        return told("nothing_to_do")
    todo = affected(graph.graph, {*repair.nodes, *repair.broken})
    prices = await prices_of(tx, todo)
    cost = sum(price or 0.0 for price in prices.values())
    unpriced = sum(
        price is None and not line.makers[node.asset].is_free for node, price in prices.items()
    )
    if unpriced and asked.left is not None:
        return told("price_unknown", len(todo), cost, unpriced)
    if not asked.pays(cost):
        return told("over_budget", len(todo), cost)
    if asked.wish.dry_run:
        return told("would_queue", len(todo), cost, unpriced)
    try:
        await line.rebuild(tx, unit_id, asked.actor, repair)
    except Permanent:  # somebody works on it, or it is as good as it can be
        return told("busy")
    await tx.run("wanting.backfilled", unit_id=unit_id)
    made = told("queued", len(todo), cost, unpriced)
    await _keep(tx, line, asked, made)
    return made


def _repair(unit: Unit, graph: UnitGraph, found: Sequence[Mapping[str, Any]], wish: Wish) -> Repair:
    """What a wish means for a unit as it stands now; `found` says which files were broken."""
    wanted = {*wish.reasons, "skipped"} if "failed" in wish.reasons else set(wish.reasons)
    nodes = frozenset(node for node in requested(graph) if graph.standing[node] in wanted)
    broken = {
        node: f["error"]
        for f in found
        if f["standing"] in wanted & {"corrupt"}
        and (node := Node(f["asset"], f["partition"])) in graph.standing
    }
    return Repair(
        nodes=nodes if wish.refused_too else nodes - graph.refused,
        broken=broken,
        stale_too="stale" in wish.reasons,
        resumes=wish.refused_too or bool(unit.error and unit.error["retryable"]),
    )


async def _keep(tx: Transaction, line: Line, asked: Round, made: Backfilled) -> None:
    """Note a queued unit: in the audit trail, and as one of its backfill's."""
    await units.audit(
        tx,
        asked.actor,
        f"{line.kind.name}.backfilled",
        made.unit_id,
        found=made.found,
        cost_usd=made.cost_usd,
        backfill=asked.id,
    )
    wish = asked.wish
    await tx.run(
        "backfills.add",
        id=asked.id,
        actor=asked.actor,
        line=wish.kind,
        since=wish.since,
        reasons=list(wish.reasons),
        budget_usd=wish.budget_usd,
        most=wish.most,
        unit_id=made.unit_id,
        parts=made.parts,
        cost_usd=made.cost_usd,
    )
