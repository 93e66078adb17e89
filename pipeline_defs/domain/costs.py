"""What costs can be summed by, and which calls are meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Literal

Dimension = Literal["day", "line", "unit", "asset", "provider", "model"]
DIMENSIONS: tuple[Dimension, ...] = ("day", "line", "unit", "asset", "provider", "model")


@dataclass(frozen=True, slots=True)
class CostQuestion:
    """Calls of the days `since` to `until` (UTC, both included) that fit all that is given, summed
    by `by`; by nothing is one sum."""

    by: tuple[Dimension, ...]
    since: date
    until: date
    line: str | None = None
    unit: str | None = None
    asset: str | None = None
    provider: str | None = None
    model: str | None = None

    @property
    def days(self) -> int:
        """How many there are."""
        return (self.until - self.since).days + 1

    def parameters(self) -> dict[str, Any]:
        """Of the statement `usage.grouped`."""
        given = asdict(self)
        given.pop("by")
        return given | {f"by_{name}": name in self.by for name in DIMENSIONS}


def dimensions(text: str) -> tuple[Dimension, ...]:
    """`day,line` as dimensions, in the order of `DIMENSIONS`; ValueError names one that is none."""
    wanted = {name.strip() for name in text.split(",") if name.strip()}
    unknown = wanted - set(DIMENSIONS)
    if unknown:
        raise ValueError(f"{min(unknown)} is not one of {', '.join(DIMENSIONS)}")
    return tuple(name for name in DIMENSIONS if name in wanted)


def days_until(today: date, days: int) -> tuple[date, date]:
    """The last days up to `today`, which is one of them."""
    return today - timedelta(days=days - 1), today


def columns(by: Sequence[Dimension]) -> tuple[str, ...]:
    """Columns of a file: what it is summed by, and the sums."""
    sums = ("calls", "input_tokens", "output_tokens", "cost_usd", "reported_usd")
    return ("organization", *by, *sums)
