"""Studio's home page: the lines side by side, and what they cost by day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fastapi import Request

from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.web.api.cost import DayLine, costs_of
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
    """The days in order. `most` is what the highest column stands for, `month` USD of the month."""

    days: tuple[Day, ...]
    most: float
    total: float
    by_kind: Mapping[str, float]
    month: float
    budget: float | None

    @property
    def width(self) -> int:
        """Of the whole chart, in its own units."""
        return len(self.days) * WIDTH

    @property
    def budget_spent(self) -> int | None:
        """Percent of the month's budget that is spent, 100 at most; None without a budget."""
        if self.budget is None:
            return None
        return min(100, round(100 * self.month / self.budget)) if self.budget > 0 else 100


async def overview(
    request: Request, caller: Identity, lines: Sequence[LineCounts]
) -> dict[str, Any]:
    """The lines and the chart; no chart for a refresh, which leaves it as it is."""
    if REFRESH in request.headers:
        return {"lines": lines, "costs": None}
    found = await costs_of(gateway_of(request), caller, DAYS)
    today, kinds = datetime.now(UTC).date(), [line.kind for line in lines]
    chart = chart_of(
        found.items, kinds, today, month=found.month_usd, budget=found.month_budget_usd
    )
    return {"lines": lines, "costs": chart, "bar": WIDTH - GAP, "height": HEIGHT}


def lines_of(counts: Iterable[Mapping[str, Any]], kinds: Iterable[str]) -> list[LineCounts]:
    """Counts of each of these lines, also of those that have nothing yet."""
    found = {name: {"waiting": 0, "in_work": 0, "ended": 0} for name in kinds}
    for row in counts:
        ended = row["status"] in FINAL_STATES
        state = "ended" if ended else "waiting" if row["status"] == "queued" else "in_work"
        if row["kind"] in found:
            found[row["kind"]][state] += row["units"]
    return [LineCounts(kind=name, **states) for name, states in found.items()]


def chart_of(
    items: Sequence[DayLine],
    kinds: Sequence[str],
    today: date,
    *,
    month: float,
    budget: float | None,
) -> CostChart:
    """The last days up to `today`, each a column of what its lines of these kinds cost."""
    first = today - timedelta(days=DAYS - 1)
    dates = [first + timedelta(days=n) for n in range(DAYS)]
    spent: dict[date, dict[str, float]] = {day: {} for day in dates}
    for item in items:
        if item.day in spent:
            of_day = spent[item.day]
            of_day[item.kind] = of_day.get(item.kind, 0.0) + item.cost_usd
    most = max(sum(of_day.values()) for of_day in spent.values())
    days = tuple(
        Day(day, n * WIDTH, sum(of_day.values()), of_day, _stacked(kinds, of_day, most))
        for n, (day, of_day) in enumerate(spent.items())
    )
    by_kind = {name: sum(day.by_kind.get(name, 0.0) for day in days) for name in kinds}
    return CostChart(days, most, sum(day.total for day in days), by_kind, month, budget)


def _stacked(kinds: Sequence[str], spent: Mapping[str, float], most: float) -> tuple[Block, ...]:
    blocks: list[Block] = []
    top = float(HEIGHT)
    for name in kinds:
        height = HEIGHT * spent.get(name, 0.0) / most if most > 0 else 0.0
        if height > 0:
            top -= height
            blocks.append(Block(name, round(top, 2), round(height, 2)))
    return tuple(blocks)
