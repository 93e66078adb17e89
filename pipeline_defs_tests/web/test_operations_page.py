"""Studio's page of the reconciler shows reports as they were stored, to the operator alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from psycopg.types.json import Jsonb

from pipeline_defs.domain.reconciliation import Finding
from pipeline_defs_tests.web.gateways import World

FOUND = (
    Finding("blobs_orphaned", found=3, removed=2, removed_bytes=7000),
    Finding("units_hung", found=4, failed=4),
    Finding("runs_stuck"),
)
FAULT = {"code": "PERMITS_UNAVAILABLE", "message": "Redis is <away>", "advice": "Look at it."}


async def told(world: World, run_id: str, findings: tuple[Finding, ...], faults: dict) -> None:
    await world.gateway.database.run(
        None,
        "reconciliation.store",
        run_id=run_id,
        scope="full" if faults else "quick",
        began_at=datetime.now(UTC) - timedelta(seconds=42),
        findings=Jsonb([finding.as_dict() for finding in findings]),
        faults=faults,
        blobs_after="",
    )


@pytest.fixture
async def reported(world: World) -> None:
    """Two passes; the last one found something and could not look at the permits."""
    await told(world, "run-1", (Finding("runs_stuck"),), {})
    await told(world, "run-2", FOUND, {"permits": FAULT})


@pytest.mark.usefixtures("reported")
async def test_the_last_pass_is_shown_in_full_with_what_was_done_and_what_is_left(
    world: World,
) -> None:
    page = await world.studio("/studio/operations")
    assert "The last pass" in page
    assert "Files that nothing refers to" in page
    assert '<strong class="failed-text">1</strong>' in page  # of three files, one is left
    assert "7 kB" in page
    assert "Permits: not looked at" in page
    assert "Redis is &lt;away&gt;. Look at it." in page
    assert "Looked for and not found: 1" in page
    assert 'href="http://dagster.example:3000/runs/run-2"' in page


@pytest.mark.usefixtures("reported")
async def test_any_pass_can_be_looked_at_and_an_unknown_one_is_not_there(world: World) -> None:
    page = await world.studio("/studio/operations?run=run-1")
    assert "A pass</h2>" in page
    assert "Nothing was lost." in page
    client = world.client(None)
    await client.post("/session", json={"api_key": world.keys["default"]})
    answer = await client.get("/studio/operations?run=run-3")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_before_the_first_pass_it_says_so(world: World) -> None:
    assert "No pass has ended yet." in await world.studio("/studio/operations")


async def test_nobody_but_the_operator_sees_it(world: World) -> None:
    client = world.client(None)
    assert (await client.get("/studio/operations")).status_code == 303
    await client.post("/session", json={"api_key": world.keys["other"]})
    answer = await client.get("/studio/operations")
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_AN_OPERATOR")
