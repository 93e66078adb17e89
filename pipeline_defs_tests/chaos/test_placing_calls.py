"""kill -9 of the worker around an order: nobody is called twice, and nobody is forgotten."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from pipeline_defs_tests.chaos.conftest import started
from pipeline_defs_tests.journey import Journey, paid_twice

PEOPLE = ("Ada", "Hanna")


@pytest.mark.slow
@pytest.mark.parametrize("point", ["call.before_call", "call.after_call"])
def test_a_contact_is_called_once_though_the_worker_dies_around_the_order(
    tmp_path: Path, point: str
) -> None:
    markers = tmp_path / "markers"
    markers.mkdir()
    product = started(tmp_path, CRASH_AT=point, CRASH_MARKER_DIR=str(markers))
    try:
        with Journey(product) as user:
            answer = user.api.post("/v1/campaigns", json=two_contacts())
            assert answer.status_code == 202, answer.text
            campaign = user.finished(answer.json()["id"], seconds=240)
            assert [marker.name for marker in markers.iterdir()] == [point]
            assert {c["name"]: c["status"] for c in campaign["calls"]} == dict.fromkeys(
                PEOPLE, "completed"
            )
            calls = user.calls()
            placed = [c for c in calls if c["path"].endswith("/Calls.json") and c["status"] == 201]
            assert len(placed) == len(PEOPLE)
            assert paid_twice(calls) == []
    finally:
        product.remove()


def two_contacts() -> dict[str, object]:
    """The demo's campaign for two of its people."""
    package = files("pipeline_defs.local.providers.telephone")
    request = yaml.safe_load(package.joinpath("campaign.yaml").read_text("utf-8"))
    request["contacts"] = [c for c in request["contacts"] if c["name"] in PEOPLE]
    return request
