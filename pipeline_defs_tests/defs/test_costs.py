"""The cost report of a day, also of one on which nothing happened."""

from __future__ import annotations

from datetime import date

import dagster as dg

from pipeline_defs.defs.operations.costs import Found, metadata_of

DAY = date(2026, 11, 28)


def test_a_day_without_any_cost_or_bill_is_reported_as_zeros() -> None:
    about = metadata_of(Found(DAY, [], [], {}))
    assert about["spent_usd"] == dg.MetadataValue.float(0.0)
    assert about["billed_more_usd"] == dg.MetadataValue.float(0.0)


def test_a_day_of_one_line_is_plotted_with_its_cost_per_unit() -> None:
    lines = [
        {"kind": "articles", "spent_usd": 3, "usd_per_unit": 1},
        {"kind": "pages", "spent_usd": 0, "usd_per_unit": None},
    ]
    about = metadata_of(Found(DAY, lines, [], {}))
    assert about["spent_usd"] == dg.MetadataValue.float(3.0)
    assert about["articles_usd_per_unit"] == dg.MetadataValue.float(1.0)
    assert "pages_usd_per_unit" not in about
