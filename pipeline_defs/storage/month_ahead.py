"""What the present month will cost all organizations together."""

from __future__ import annotations

from datetime import UTC, datetime

from pipeline_defs import policies
from pipeline_defs.domain.forecasts import Forecast, first_counted, forecast
from pipeline_defs.storage.database import Transaction


async def forecast_of_everybody(tx: Transaction) -> Forecast:
    """By the rule each organization sees for itself; asked for in nobody's name."""
    today = datetime.now(UTC).date()
    since = first_counted(today, policies.FORECAST_DAYS)
    rows = await tx.all("usage.by_day_everywhere", since=since, until=today)
    return forecast({row["day"]: row["cost_usd"] for row in rows}, today, policies.FORECAST_DAYS)
