"""What people see of a result in the Dagster UI."""

from decimal import Decimal
from typing import Any

import dagster as dg
import pytest

from pipeline_defs.runtime.metadata import as_metadata, of_version
from pipeline_defs.runtime.work import Made


def made(partition: str, **metadata: Any) -> Made:
    return Made("segment_image", partition, "v1", "1", "h1", metadata=metadata)


def test_a_result_is_told_before_where_to_see_it_its_cost_and_its_tables() -> None:
    result = made(
        "lecture-20261127-k7m2qx9c/003", rows={"table": [{"n": 1}]}, title="Bread · segment 3"
    )
    told = of_version(result, "https://studio.test", {"cost_usd": float(Decimal("0.05"))})
    assert list(told) == ["title", "studio", "cost_usd", "rows"]
    page = "https://studio.test/studio/lectures/lecture-20261127-k7m2qx9c#segment-3"
    assert told["studio"] == dg.MetadataValue.url(page)


def test_what_belongs_to_no_unit_has_no_page_in_studio() -> None:
    assert "studio" not in of_version(made("unit/001"), "https://studio.test", {})


@pytest.mark.parametrize(
    ("plain", "rich"),
    [
        ({"md": "*a*"}, dg.MetadataValue.md("*a*")),
        ({"url": "http://a"}, dg.MetadataValue.url("http://a")),
        ({"time": "1970-01-01T00:01:00+00:00"}, dg.MetadataValue.timestamp(60.0)),
        ({"table": [{"n": 1}]}, dg.MetadataValue.table([dg.TableRecord({"n": 1})])),
        (0, 0),
    ],
)
def test_plain_values_become_what_dagster_shows(plain: Any, rich: Any) -> None:
    assert as_metadata({"it": plain}) == {"it": rich}


def test_what_there_is_not_is_left_out_so_that_figures_stay_figures() -> None:
    assert as_metadata({"wer": None, "citations": {"table": []}, "words": 3}) == {"words": 3}
