"""The cost report of a day, also of one on which nothing happened."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.defs.operations.costs import Found, metadata_of
from pipeline_defs.domain.forecasts import forecast

DAY = date(2026, 11, 28)
UNKNOWN = forecast({}, DAY, policies.FORECAST_DAYS)


def test_a_day_without_any_cost_or_bill_is_reported_as_zeros() -> None:
    about = metadata_of(Found(DAY, [], [], {}, UNKNOWN))
    assert about["spent_usd"] == dg.MetadataValue.float(0.0)
    assert about["billed_more_usd"] == dg.MetadataValue.float(0.0)


def test_a_day_of_one_line_is_plotted_with_its_cost_per_unit() -> None:
    lines = [
        {"kind": "articles", "spent_usd": 3, "usd_per_unit": 1},
        {"kind": "pages", "spent_usd": 0, "usd_per_unit": None},
    ]
    about = metadata_of(Found(DAY, lines, [], {}, UNKNOWN))
    assert about["spent_usd"] == dg.MetadataValue.float(3.0)
    assert about["articles_usd_per_unit"] == dg.MetadataValue.float(1.0)
    assert "pages_usd_per_unit" not in about


def test_what_the_month_will_cost_is_plotted_once_there_is_a_day_to_go_by() -> None:
    assert "forecast_usd" not in metadata_of(Found(DAY, [], [], {}, UNKNOWN))
    ahead = forecast({DAY - timedelta(days=1): Decimal(2)}, DAY, policies.FORECAST_DAYS)
    about = metadata_of(Found(DAY, [], [], {}, ahead))
    assert about["forecast_usd"] == dg.MetadataValue.float(2 + 2 + 2 * 2.0)
