"""Studio's home page: the lines side by side, and what they cost by day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fastapi import Request

from pipeline_defs import policies
from pipeline_defs.domain.costs import CostQuestion, days_until
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.cost_shape import CostRow, Costs, Month, read_costs, read_month
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.identity import Identity

DAYS = 30
HEIGHT = 100  # of the chart, in its own units; a day is `WIDTH` wide
WIDTH = 20
GAP = 5
REFRESH = "x-studio-refresh"  # the scripts send it: what stands still is not computed again


@dataclass(frozen=True, slots=True)
class LineCounts:
    """How many units of a line wait, are in work and have ended."""

    kind: str
    waiting: int
    in_work: int
    ended: int


@dataclass(frozen=True, slots=True)
class Block:
    """A line's share of a day's column: where it begins from above, and how high it is."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the chart: its column, and USD by line."""

    day: date
    x: int
    total: float
    by_kind: Mapping[str, float]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class CostChart:
    """The days in order. `most` is what the highest column stands for."""

    days: tuple[Day, ...]
    most: float
    total: float
    by_kind: Mapping[str, float]

    @property
    def height(self) -> int:
        """Of the whole chart, in its own units."""
        return HEIGHT

    @property
    def bar(self) -> int:
        """How wide a column is."""
        return WIDTH - GAP

    @property
    def width(self) -> int:
        """Of the whole chart, in its own units."""
        return len(self.days) * WIDTH


async def overview(
    request: Request, caller: Identity, lines: Sequence[LineCounts]
) -> dict[str, Any]:
    """The lines and the chart; no chart for a refresh, which leaves it as it is."""
    if REFRESH in request.headers:
        return {"lines": lines, "costs": None}
    since, until = days_until(datetime.now(UTC).date(), DAYS)
    wanted = CostQuestion(("day", "line"), since, until)

    async def read(tx: Transaction) -> tuple[Costs, Month]:
        costs = await read_costs(tx, caller.org_id, wanted, policies.COST_ROWS_MOST)
        return costs, await read_month(tx)

    costs, month = await gateway_of(request).database.transact(caller.org_id, read)
    chart = chart_of(costs.items, [line.kind for line in lines], since, until)
    shape = {"bar": WIDTH - GAP, "height": HEIGHT}
    return {"lines": lines, "costs": chart, "month": month, **shape}


def lines_of(counts: Iterable[Mapping[str, Any]], kinds: Iterable[str]) -> list[LineCounts]:
    """Counts of each of these lines, also of those that have nothing yet."""
    found = {name: {"waiting": 0, "in_work": 0, "ended": 0} for name in kinds}
    for row in counts:
        ended = row["status"] in FINAL_STATES
        state = "ended" if ended else "waiting" if row["status"] == "queued" else "in_work"
        if row["kind"] in found:
            found[row["kind"]][state] += row["units"]
    return [LineCounts(kind=name, **states) for name, states in found.items()]


def chart_of(items: Sequence[CostRow], kinds: Sequence[str], since: date, until: date) -> CostChart:
    """The days from `since` to `until`, each a column of what its lines of these kinds cost."""
    dates = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    spent: dict[date, dict[str, float]] = {day: {} for day in dates}
    for item in items:
        if item.day is not None and item.day in spent and item.line is not None:
            of_day = spent[item.day]
            of_day[item.line] = of_day.get(item.line, 0.0) + item.cost_usd
    most = max(sum(of_day.values()) for of_day in spent.values())
    days = tuple(
        Day(day, n * WIDTH, sum(of_day.values()), of_day, _stacked(kinds, of_day, most))
        for n, (day, of_day) in enumerate(spent.items())
    )
    by_kind = {name: sum(day.by_kind.get(name, 0.0) for day in days) for name in kinds}
    return CostChart(days, most, sum(day.total for day in days), by_kind)


def _stacked(kinds: Sequence[str], spent: Mapping[str, float], most: float) -> tuple[Block, ...]:
    blocks: list[Block] = []
    top = float(HEIGHT)
    for name in kinds:
        height = HEIGHT * spent.get(name, 0.0) / most if most > 0 else 0.0
        if height > 0:
            top -= height
            blocks.append(Block(name, round(top, 2), round(height, 2)))
    return tuple(blocks)
