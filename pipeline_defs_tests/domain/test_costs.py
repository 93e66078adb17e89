"""Budgets and the forecast of a month: pure rules."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from pipeline_defs.domain.budgets import WHOLE, Budget
from pipeline_defs.domain.costs import dimensions
from pipeline_defs.domain.forecasts import forecast
from pipeline_defs.domain.kinds import booked_on

FIRST = date(2026, 11, 1)


def usd(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def daily(until: date, *costs: str) -> dict[date, Decimal]:
    """What the days before `until` cost, the last one last."""
    return {
        until - timedelta(days=back): Decimal(cost)
        for back, cost in enumerate(reversed(costs), start=1)
    }


def test_without_history_nothing_is_foretold() -> None:
    for spent in ({}, {FIRST: Decimal(3)}):
        found = forecast(spent, FIRST, 14)
        assert (found.usd, found.daily_usd, found.days_known) == (None, None, 0)
    assert forecast({FIRST: Decimal(3)}, FIRST, 14).spent_usd == 3


def test_on_the_first_day_of_a_month_the_days_of_the_last_one_count() -> None:
    found = forecast({**daily(FIRST, "1", "2", "9"), FIRST: Decimal("0.5")}, FIRST, 14)
    assert (found.daily_usd, found.days_known, found.days_left) == (2, 3, 29)
    assert found.spent_usd == Decimal("0.5"), "last month is not this month's bill"
    assert found.usd == Decimal("0.5") + Decimal("1.5") + 29 * 2


def test_on_the_last_day_only_the_rest_of_today_is_ahead() -> None:
    today = date(2026, 11, 30)
    spent = daily(today, *["2"] * 29)
    assert forecast(spent, today, 14).usd == 60
    assert forecast({**spent, today: Decimal(7)}, today, 14).usd == 65, "today is dearer already"


def test_a_big_day_is_not_taken_for_a_habit_and_days_without_costs_count() -> None:
    today = date(2026, 11, 8)
    found = forecast(daily(today, "1", "1", "1", "1", "1", "1", "500"), today, 14)
    assert found.usd == 506 + 1 + 22
    quiet = forecast({today - timedelta(days=5): Decimal(10)}, today, 14)
    assert (quiet.daily_usd, quiet.days_known, quiet.days_spent) == (0, 5, 1)
    assert quiet.usd == 10


def test_only_the_last_days_count_and_february_of_a_leap_year_has_29() -> None:
    today = date(2028, 2, 20)
    found = forecast(daily(today, *["100"] * 10, *["1"] * 14), today, 14)
    assert (found.daily_usd, found.days_known, found.days_left) == (1, 14, 9)
    assert found.usd == 500 + 14 + 1 + 9


@pytest.mark.parametrize(
    ("soft", "hard", "spent", "state", "percent"),
    [
        ("5", "10", "4.99", "within", 50),
        ("5", "10", "5", "soft", 50),
        ("5", "10", "10", "hard", 100),
        ("5", None, "20", "soft", 100),
        (None, "10", "9", "within", 90),
        (None, "0", "0", "hard", 100),
    ],
)
def test_a_limit_that_is_spent_exactly_is_reached(
    soft: str | None, hard: str | None, spent: str, state: str, percent: int
) -> None:
    budget = Budget(WHOLE, usd(soft), usd(hard), Decimal(spent))
    assert (budget.state, budget.percent) == (state, percent)


def test_dimensions_are_known_and_in_order() -> None:
    assert dimensions(" model,day ,, ") == ("day", "model")
    assert dimensions("") == ()
    with pytest.raises(ValueError, match="weather is not one of"):
        dimensions("day,weather")


def test_a_step_is_booked_by_its_beginning() -> None:
    assert booked_on("campaigns", "stance/p3/2") == "claims"
    assert booked_on("articles", "dance") == booked_on("benches", "write") == ""
