"""A month's budgets: two limits for an organization as a whole, and for each of its lines.

At the soft limit people are told and everything goes on; at the hard one no further call is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

WHOLE = ""  # the line of a budget that covers all lines
State = Literal["within", "soft", "hard"]


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits in US dollars, None where there is none, and what was spent this month."""

    line: str  # `lectures`; WHOLE for the organization
    soft_usd: Decimal | None
    hard_usd: Decimal | None
    spent_usd: Decimal

    @property
    def state(self) -> State:
        """Which limit is reached: one that is spent exactly is reached."""
        if self.hard_usd is not None and self.spent_usd >= self.hard_usd:
            return "hard"
        if self.soft_usd is not None and self.spent_usd >= self.soft_usd:
            return "soft"
        return "within"

    @property
    def most_usd(self) -> Decimal | None:
        """What a bar of this budget is full at: the hard limit, else the soft one."""
        return self.hard_usd if self.hard_usd is not None else self.soft_usd

    @property
    def percent(self) -> int:
        """Of `most_usd` that is spent, 100 at most."""
        most = self.most_usd
        return min(100, round(100 * self.spent_usd / most)) if most else 100

    @property
    def whose(self) -> str:
        """In a sentence."""
        return f"the organization's {self.line}" if self.line else "the organization"
