"""What a month will cost, by a rule that fits on a line.

Spent so far, and for every day that is left the median of the last whole days; today is counted up
to that median. A median, since one big day must not be taken for a habit. Before there is a whole
day to go by, nothing is foretold.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median


@dataclass(frozen=True, slots=True)
class Forecast:
    """US dollars; `usd` and `daily_usd` are None where no whole day is known.

    `daily_usd`: the median it counts with, of `days_known` days up to yesterday, of which
    `days_spent` cost something. `days_left`: after today.
    """

    spent_usd: Decimal
    usd: Decimal | None
    daily_usd: Decimal | None
    days_known: int
    days_spent: int
    days_left: int


def first_counted(today: date, most_days: int) -> date:
    """The first day whose cost a forecast of the month asks for."""
    return min(today.replace(day=1), today - timedelta(days=most_days))


def forecast(spent: Mapping[date, Decimal], today: date, most_days: int) -> Forecast:
    """The month of `today`, by what each day cost; a day that is not named cost nothing.

    Days before the first that is named are not known, rather than free.
    """
    first = today.replace(day=1)
    so_far = sum((usd for day, usd in spent.items() if first <= day <= today), Decimal(0))
    days_left = calendar.monthrange(today.year, today.month)[1] - today.day
    begun = min(spent, default=today)
    known = [
        spent.get(day, Decimal(0))
        for day in (today - timedelta(days=back) for back in range(1, most_days + 1))
        if day >= begun
    ]
    if not known:
        return Forecast(so_far, None, None, 0, 0, days_left)
    daily = median(known)
    rest_of_today = max(Decimal(0), daily - spent.get(today, Decimal(0)))
    return Forecast(
        spent_usd=so_far,
        usd=so_far + rest_of_today + daily * days_left,
        daily_usd=daily,
        days_known=len(known),
        days_spent=sum(usd > 0 for usd in known),
        days_left=days_left,
    )
