"""A finished unit leaves Dagster's partitions, stays readable, and comes back as it was."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_defs_tests.journey import PARTITIONS, Journey
from pipeline_defs_tests.product import ProductStack

NODES = [
    *[("segment_image", n) for n in (1, 2)],
    *[("segment_narration", n) for n in (1, 2)],
    *[("segment_clip", n) for n in (1, 2)],
    ("lecture_video", None),
]


def standing(user: Journey, lecture_id: str) -> list[str]:
    """What Dagster says of everything, asset by asset."""
    parts = [(asset, f"{lecture_id}/{n:03d}" if n else lecture_id) for asset, n in NODES]
    return [user.stale(asset, part) for asset, part in parts]


def registered(user: Journey, asset: str, lecture_id: str) -> dict[str, list[str]]:
    """The lecture's partitions of an asset, by what Dagster's page says of them."""
    answer = user.graphql(PARTITIONS, key={"path": [asset]})
    statuses: dict[str, Any] = answer["assetNodeOrError"]["assetPartitionStatuses"]
    found = {name: [k for k in keys if lecture_id in k] for name, keys in statuses.items()}
    return {name: keys for name, keys in found.items() if keys}


@pytest.mark.usefixtures("quick")
def test_a_lecture_is_retired_and_returns(user: Journey, stack: ProductStack, small: str) -> None:
    keys = [f"{small}/{n:03d}" for n in (1, 2)]
    before, seen = standing(user, small), registered(user, "segment_clip", small)
    assert set(before) == {"FRESH"}
    assert seen == {"materializedPartitions": keys}
    billed = [call for call in user.calls() if call["billed"]]

    user.sql(
        "update app.units set updated_at = now() - interval '31 days' where id = %s returning id",
        small,
    )
    assert user.run_ended(user.launch("housekeeping", [], "")) == "SUCCESS"
    assert not registered(user, "segment_clip", small)
    assert not registered(user, "lecture_video", small)
    assert stack.json("show", small)["status"] == "completed"
    assert stack.json("lineage", small)

    assert user.post(small, "rebuild", assets=["lecture_video"], fresh=True).status_code == 202
    user.finished(small)
    assert standing(user, small) == before
    assert registered(user, "segment_clip", small) == seen
    again = [call for call in user.calls() if call["billed"]]
    assert len(again) == len(billed), "what was made is told again, not made again"
