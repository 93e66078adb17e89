"""What the reconciler found, for those who operate the system: by the API and as metrics."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest
from psycopg.types.json import Jsonb

from pipeline_defs.domain.reconciliation import Finding
from pipeline_defs_tests.web.gateways import World

FOUND = Finding("blobs_orphaned", found=3, removed=2, removed_bytes=700)


@pytest.fixture
async def reported(world: World) -> None:
    """Two passes, the second of which could not look at the permits."""
    faults = {"permits": {"code": "PERMITS_UNAVAILABLE", "message": "away", "advice": "wait"}}
    for run_id, findings, missing in (("run-1", [], {}), ("run-2", [FOUND.as_dict()], faults)):
        await world.gateway.database.run(
            None,
            "reconciliation.store",
            run_id=run_id,
            scope="full",
            began_at=datetime.now(UTC),
            findings=Jsonb(findings),
            faults=missing,
            blobs_after="",
        )


@pytest.mark.usefixtures("reported")
async def test_operators_see_the_newest_passes_first_or_one_of_them(
    client: httpx.AsyncClient,
) -> None:
    items = (await client.get("/v1/reconciliations")).json()["items"]
    assert [item["run_id"] for item in items] == ["run-2", "run-1"]
    assert items[0]["findings"] == [FOUND.as_dict()]
    assert items[0]["faults"]["permits"]["code"] == "PERMITS_UNAVAILABLE"
    one = (await client.get("/v1/reconciliations", params={"run_id": "run-1"})).json()["items"]
    assert [item["run_id"] for item in one] == ["run-1"]


async def test_a_key_of_an_organization_sees_and_starts_nothing(world: World) -> None:
    other = world.client("other")
    for answer in (
        await other.get("/v1/reconciliations"),
        await other.post("/v1/reconciliations", json={}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "NOT_AN_OPERATOR")


async def test_a_pass_that_cannot_be_started_says_why(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/reconciliations", json={"blobs": True})
    assert (answer.status_code, answer.json()["code"]) == (503, "DAGSTER_UNAVAILABLE")
    assert (await client.post("/v1/reconciliations", json={"all": True})).status_code == 422


@pytest.mark.usefixtures("reported")
async def test_metrics_count_what_the_last_pass_found(client: httpx.AsyncClient) -> None:
    text = (await client.get("/metrics")).text
    for outcome, number in (("found", 3), ("removed", 2), ("removed_bytes", 700), ("failed", 0)):
        labels = f'loss="blobs_orphaned",outcome="{outcome}"'
        assert f"pipeline_reconciliation{{{labels}}} {number}.0" in text
    assert "pipeline_reconciliation_faults 1.0" in text
    assert "pipeline_reconciliation_timestamp_seconds 1." in text
