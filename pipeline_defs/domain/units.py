"""Units of work as every line, the API and the command line see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Unit:
    """One article, lecture, page or campaign: identity, state, progress, cost."""

    org_id: str
    id: str
    kind: str
    status: str
    title: str
    stage: str
    steps_done: int
    steps_total: int
    cost_usd: Decimal
    error: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    cancel_requested: bool
    claimed: bool
    run_id: str | None

    @property
    def percentage(self) -> int:
        """Completed steps of all, 0..100; 100 only when completed."""
        if self.status == "completed":
            return 100
        return min(99, round(100 * self.steps_done / max(1, self.steps_total)))

    @classmethod
    def from_row(cls, row: Mapping[str, Any], now: datetime) -> Unit:
        """A unit from its row; `now` tells whether its claim is alive."""
        expires = row["claim_expires_at"]
        return cls(
            **{name: row[name] for name in _COLUMNS},
            cancel_requested=row["cancel_requested_at"] is not None,
            claimed=expires is not None and expires >= now,
            run_id=row["claim_run_id"],
        )


_COLUMNS = (
    "org_id", "id", "kind", "status", "title", "stage", "steps_done", "steps_total", "cost_usd",
    "error", "created_at", "updated_at",
)  # fmt: skip
