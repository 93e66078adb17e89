"""Costs, budgets and bills as the API shows them, and how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from pydantic import BaseModel, Field

from pipeline_defs import policies
from pipeline_defs.domain.budgets import Budget, State
from pipeline_defs.domain.costs import CostQuestion
from pipeline_defs.domain.forecasts import Forecast, first_counted, forecast
from pipeline_defs.storage import budgets
from pipeline_defs.storage.database import Transaction


class CostRow(BaseModel):
    """A sum of calls; what it was not summed by is null. `reported_usd`: of it, by the providers'
    own figure per call; the rest is computed from our list of prices."""

    day: date | None = None
    line: str | None = None
    unit: str | None = None
    asset: str | None = None
    provider: str | None = None
    model: str | None = None
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float
    reported_usd: float


class Costs(BaseModel):
    """Costs of the organization, newest day first, then the dearest. `total_usd` and `calls` are of
    everything that fits; `more`: there are rows beyond those shown."""

    organization: str
    since: date
    until: date
    by: list[str]
    total_usd: float
    calls: int
    items: list[CostRow]
    more: bool


class ForecastShape(BaseModel):
    """What the month will cost: spent so far, and the median of the last whole days for each day
    that is left. Null where no whole day is known yet."""

    usd: float | None
    daily_usd: float | None = Field(description="The median it counts with.")
    days_known: int = Field(description="Whole days before today it is the median of.")
    days_spent: int = Field(description="Of these, days on which something was paid.")
    days_left: int = Field(description="Days of the month after today.")


class BudgetShape(BaseModel):
    """A month's limits of the organization (`line` is null) or of a line."""

    line: str | None
    soft_usd: float | None
    hard_usd: float | None
    spent_usd: float
    percent: int
    state: State = Field(
        description="`soft`: told, everything goes on; `hard`: no further call is made."
    )


class Month(BaseModel):
    """The month so far (UTC): what was spent, its forecast, and the budgets."""

    month: str = Field(examples=["2026-11"])
    spent_usd: float
    forecast: ForecastShape
    budgets: list[BudgetShape]


class BillRow(BaseModel):
    """A day (UTC) of a provider: our figure of it, the provider's, and by how much that is higher.

    `theirs_usd` is null while the provider has reported nothing; `complete`: the day is over.
    """

    provider: str
    day: date
    calls: int
    ours_usd: float
    theirs_usd: float | None
    difference_usd: float | None
    complete: bool
    fetched_at: datetime | None


class OrganizationCost(BaseModel):
    """What an organization spent."""

    organization: str
    calls: int
    cost_usd: float


async def read_costs(tx: Transaction, organization: str, wanted: CostQuestion, most: int) -> Costs:
    """The answer to a question, of at most so many rows."""
    rows = await tx.all("usage.grouped", **wanted.parameters(), most=most + 1)
    return Costs(
        organization=organization,
        since=wanted.since,
        until=wanted.until,
        by=list(wanted.by),
        total_usd=float(rows[0]["total_usd"]) if rows else 0.0,
        calls=rows[0]["total_calls"] if rows else 0,
        items=[CostRow.model_validate(row) for row in rows[:most]],
        more=len(rows) > most,
    )


async def read_month(tx: Transaction, line: str = "") -> Month:
    """The present month of the organization, or of one of its lines; all budgets in any case."""
    today = datetime.now(UTC).date()
    since = first_counted(today, policies.FORECAST_DAYS)
    days = {r["day"]: r["cost_usd"] for r in await tx.all("usage.by_day", since=since, line=line)}
    found = forecast(days, today, policies.FORECAST_DAYS)
    return Month(
        month=f"{today:%Y-%m}",
        spent_usd=float(found.spent_usd),
        forecast=forecast_shape(found),
        budgets=[budget_shape(budget) for budget in await budgets.standing(tx)],
    )


def forecast_shape(found: Forecast) -> ForecastShape:
    """A forecast as JSON."""
    return ForecastShape(
        usd=None if found.usd is None else float(found.usd),
        daily_usd=None if found.daily_usd is None else float(found.daily_usd),
        days_known=found.days_known,
        days_spent=found.days_spent,
        days_left=found.days_left,
    )


def budget_shape(budget: Budget) -> BudgetShape:
    """A budget as JSON."""
    return BudgetShape(
        line=budget.line or None,
        soft_usd=None if budget.soft_usd is None else float(budget.soft_usd),
        hard_usd=None if budget.hard_usd is None else float(budget.hard_usd),
        spent_usd=float(budget.spent_usd),
        percent=budget.percent,
        state=budget.state,
    )


def bill_row(row: Mapping[str, Any], today: date) -> BillRow:
    """A day of a provider."""
    theirs, ours = row["theirs_usd"], row["ours_usd"]
    return BillRow(
        provider=row["provider"],
        day=row["day"],
        calls=row["calls"],
        ours_usd=float(ours),
        theirs_usd=None if theirs is None else float(theirs),
        difference_usd=None if theirs is None else float(theirs - ours),
        complete=row["day"] < today,
        fetched_at=row["fetched_at"],
    )
