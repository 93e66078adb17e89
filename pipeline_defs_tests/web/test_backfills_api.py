"""What stands otherwise than it should is found, priced and made again, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from pipeline_defs import policies
from pipeline_defs.domain.versions import maker
from pipeline_defs.runtime.dagster.graphql import DagsterApi
from pipeline_defs.runtime.inspection import inspect, inspect_changed, put_wanting
from pipeline_defs.runtime.lines import LECTURE_LINE, PAGE_LINE, Line
from pipeline_defs_tests.web.filming import Studio
from pipeline_defs_tests.web.gateways import World

TEXT = "Nobody taught them: the dance is inherited, and each bee reads it in the dark of the comb."


@pytest.fixture
def studio(world: World) -> Studio:
    return Studio(world)


async def inspected(
    world: World, lecture_id: str, org: str = "default"
) -> dict[tuple[str, str], str]:
    """What is found of a lecture: (asset, part) to its standing."""
    gateway = world.gateway
    dagster = DagsterApi(gateway.settings.dagster_url)
    await inspect(gateway.database, dagster, org, LECTURE_LINE, lecture_id)
    await dagster.aclose()
    rows = await world.transact(lambda tx: tx.all("wanting.of_unit", unit_id=lecture_id), org)
    return {(r["asset"], r["partition"].partition("/")[2]): r["standing"] for r in rows}


async def edited(client: httpx.AsyncClient, lecture_id: str) -> None:
    answer = await client.patch(f"/v1/lectures/{lecture_id}/segments/2", json={"text": TEXT})
    assert answer.status_code == 200, answer.text


async def cost_known(world: World, lecture_id: str, org: str = "default") -> None:
    """An image was made before, at a price: so another one is not taken for free."""
    await world.transact(
        lambda tx: tx.each(
            "assets.put",
            unit_id=lecture_id,
            asset="segment_image",
            partition=f"{lecture_id}/001",
            data_version="a",
            code_version="",
            input_hash="b",
            input_versions={},
            metadata={},
            cost_usd=0.25,
            run_id=None,
        ),
        org,
    )


async def backfill(client: httpx.AsyncClient, **wish: Any) -> dict[str, Any]:
    answer = await client.post("/v1/backfills", json=wish)
    assert answer.status_code == 202, answer.text
    return answer.json()


async def test_a_finished_unit_wants_nothing_and_an_edited_one_exactly_what_rests_on_the_edit(
    world: World, studio: Studio, client: httpx.AsyncClient
) -> None:
    lecture_id = await studio.made()
    assert await inspected(world, lecture_id) == {}
    assert (await backfill(client))["units"] == []
    await edited(client, lecture_id)
    assert await inspected(world, lecture_id) == {
        ("segment_image", "002"): "stale",
        ("segment_narration", "002"): "stale",
    }


async def test_a_dry_run_tells_cost_and_parts_as_the_plan_does_and_changes_nothing(
    world: World, studio: Studio, client: httpx.AsyncClient
) -> None:
    lecture_id = await studio.made()
    await edited(client, lecture_id)
    await inspected(world, lecture_id)
    plan = (await client.get(f"/v1/lectures/{lecture_id}/plan")).json()
    for _ in range(2):
        told = await backfill(client, line="lectures", dry_run=True)
        [unit] = told["units"]
        assert (unit["id"], unit["outcome"], unit["found"]) == (
            lecture_id, "would_queue", {"stale": 2},
        )  # fmt: skip
        assert (unit["parts"], unit["cost_usd"]) == (plan["total"], plan["cost_usd"])
        assert plan["total"] == 5
    assert (await client.get(f"/v1/lectures/{lecture_id}")).json()["status"] == "completed"


async def test_a_backfill_queues_once_and_for_nobody_else(
    world: World, studio: Studio, client: httpx.AsyncClient
) -> None:
    lecture_id = await studio.made()
    await edited(client, lecture_id)
    await inspected(world, lecture_id)
    theirs = world.client("other")
    assert (await backfill(theirs))["units"] == []
    assert [u["outcome"] for u in (await backfill(client))["units"]] == ["queued"]
    lecture = (await client.get(f"/v1/lectures/{lecture_id}")).json()
    assert lecture["status"] == "queued"
    waiting = {
        (segment["n"], asset)
        for segment in lecture["segments"]
        for asset, state in segment["assets"].items()
        if state["status"] == "pending"
    }
    expected = ("segment_image", "segment_narration", "segment_start_frame", "segment_clip")
    assert waiting == {(2, asset) for asset in expected}
    assert (await backfill(client))["units"] == []  # it is at work now


async def test_a_budget_that_is_too_small_leaves_the_unit_as_it_is(
    world: World, studio: Studio, client: httpx.AsyncClient
) -> None:
    lecture_id = await studio.made()
    await cost_known(world, lecture_id)
    await inspected(world, lecture_id)
    told = await backfill(client, budget_usd=0.2)
    assert [u["outcome"] for u in told["units"]] == ["over_budget"]
    assert (told["queued"], told["over_budget"], told["units"][0]["cost_usd"]) == (0, 1, 0.25)
    assert (await client.get(f"/v1/lectures/{lecture_id}")).json()["status"] == "completed"
    assert (await backfill(client, budget_usd=0.3))["queued"] == 1


async def test_only_the_named_reasons_are_acted_on(
    world: World, studio: Studio, client: httpx.AsyncClient
) -> None:
    lecture_id = await studio.made()
    await edited(client, lecture_id)
    await inspected(world, lecture_id)
    assert (await backfill(client, reasons=["failed", "missing"]))["units"] == []
    assert (await backfill(client, since="2100-01-01T00:00:00Z"))["units"] == []
    assert (await backfill(client, line="articles"))["units"] == []
    for field, wish in (("reasons[0]", {"reasons": ["old"]}), ("line", {"line": "films"})):
        faulty = await client.post("/v1/backfills", json=wish)
        assert faulty.status_code == 422
        assert [error["field"] for error in faulty.json()["errors"]] == [field]


async def test_a_unit_is_looked_at_after_every_change_and_when_code_or_models_change(
    world: World, studio: Studio
) -> None:
    dagster = DagsterApi(world.gateway.settings.dagster_url)

    async def looked(line: Line = LECTURE_LINE) -> int:
        return await inspect_changed(world.gateway.database, dagster, line, 10)

    lecture_id = await studio.made()
    assert [await looked(), await looked()] == [1, 0]
    await world.transact(lambda tx: tx.run("units.touch", id=lecture_id))
    assert [await looked(), await looked()] == [1, 0]
    makers = {**LECTURE_LINE.makers, "segment_clip": maker("another rule")}
    changed = replace(LECTURE_LINE, makers=makers)
    assert [await looked(changed), await looked(changed)] == [1, 0]
    assert await looked(PAGE_LINE) == 0
    await dagster.aclose()


async def test_a_broken_file_counts_until_its_unit_has_changed(
    world: World, studio: Studio
) -> None:
    lecture_id = await studio.made()
    key = f"{lecture_id}/001"
    error = {"code": "BLOB_MISSING", "message": "gone", "sha256": "0" * 64}
    row = {"asset": "segment_image", "partition": key, "standing": "corrupt", "error": error}
    await world.transact(lambda tx: put_wanting(tx, lecture_id, [row]))
    assert await inspected(world, lecture_id) == {("segment_image", "001"): "corrupt"}
    await world.transact(lambda tx: tx.run("units.touch", id=lecture_id))
    assert await inspected(world, lecture_id) == {}


async def test_what_does_not_become_whole_is_left_to_a_person_after_some_tries(
    world: World, studio: Studio, client: httpx.AsyncClient
) -> None:
    lecture_id = await studio.made()
    await edited(client, lecture_id)

    async def offered() -> int:
        await inspected(world, lecture_id)
        tries = policies.BACKFILL_TRIES
        rows = await world.gateway.database.all(
            None, "wanting.to_backfill", standings=["stale"], tries=tries, most=10
        )
        return len(rows)

    for _ in range(policies.BACKFILL_TRIES):
        assert await offered() == 1
        await world.transact(lambda tx: tx.run("wanting.backfilled", unit_id=lecture_id))
    assert await offered() == 0
