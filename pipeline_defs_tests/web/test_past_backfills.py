"""Backfills are listed: who asked for what, what it queued, and what became of it since."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from pipeline_defs.runtime.backfill import Round, Wish, backfill_unit
from pipeline_defs.runtime.lines import LECTURE_LINE
from pipeline_defs_tests.web.filming import Studio
from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.test_backfills_api import backfill, edited, inspected


@pytest.fixture
def studio(world: World) -> Studio:
    return Studio(world)


async def stale(world: World, studio: Studio) -> str:
    """A lecture of which a segment was edited."""
    lecture_id = await studio.made()
    await edited(world.client(), lecture_id)
    await inspected(world, lecture_id)
    return lecture_id


async def past(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    answer = await client.get("/v1/backfills", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_only_what_queued_something_is_listed_with_who_asked_for_what(
    world: World, studio: Studio, client: httpx.AsyncClient
) -> None:
    assert (await backfill(client))["id"] is None
    await stale(world, studio)
    planned = await backfill(client, dry_run=True)
    assert (planned["id"], planned["parts"]) == (None, 5)
    assert (await past(client))["items"] == []
    wish = {"line": "lectures", "reasons": ["stale"], "since": "2026-01-01T00:00:00Z", "limit": 7}
    asked = await backfill(client, budget_usd=5, **wish)
    [item] = (await past(client))["items"]
    assert item["id"] == asked["id"]
    assert {**item, **wish, "budget_usd": 5} == item
    assert item["actor"] == f"key:{world.keys['default'].split('_')[1]}"
    assert item["actor_name"] is not None
    assert (item["units"], item["parts"], item["cost_usd"]) == (1, 5, asked["cost_usd"])


async def test_its_units_are_in_work_then_whole_and_wanting_where_something_changes_again(
    world: World, studio: Studio, client: httpx.AsyncClient
) -> None:
    lecture_id = await stale(world, studio)
    await backfill(client)

    async def stands() -> tuple[int, int, int]:
        [item] = (await past(client))["items"]
        return item["whole"], item["in_work"], item["wanting"]

    assert await stands() == (0, 1, 0)
    await studio.remade(lecture_id)
    assert await stands() == (0, 1, 0)  # nobody has looked at it yet
    assert await inspected(world, lecture_id) == {}
    assert await stands() == (1, 0, 0)
    answer = await client.patch(
        f"/v1/lectures/{lecture_id}/segments/1", json={"text": "Another text altogether."}
    )
    assert answer.status_code == 200
    await inspected(world, lecture_id)
    assert await stands() == (0, 0, 1)
    (await client.post(f"/v1/lectures/{lecture_id}/rebuild")).raise_for_status()
    (await client.post(f"/v1/lectures/{lecture_id}/cancel")).raise_for_status()
    assert await stands() == (0, 0, 1)


async def test_all_units_that_one_backfill_queues_are_counted_together(
    world: World, studio: Studio, client: httpx.AsyncClient
) -> None:
    asked = Round(Wish(budget_usd=20), "nightly backfill")
    for _ in range(2):
        lecture_id = await stale(world, studio)
        await world.transact(lambda tx, own=lecture_id: backfill_unit(tx, LECTURE_LINE, own, asked))
    [item] = (await past(client))["items"]
    assert (item["id"], item["actor"], item["actor_name"]) == (asked.id, "nightly backfill", None)
    assert (item["units"], item["parts"], item["budget_usd"]) == (2, 10, 20)
    query = {"actor": "nightly backfill", "action": "lectures.backfilled"}
    trail = (await client.get("/v1/audit", params=query)).json()["items"]
    assert [entry["detail"]["backfill"] for entry in trail] == [asked.id] * 2


async def test_the_newest_come_first_a_page_at_a_time_and_nobody_else_sees_them(
    world: World, client: httpx.AsyncClient
) -> None:
    for n in range(3):
        await world.transact(
            lambda tx, n=n: tx.run(
                "backfills.add",
                id=f"backfill-{n}",
                actor="test",
                line=None,
                since=datetime(2026, 1, 1, tzinfo=UTC),
                reasons=["stale"],
                budget_usd=None,
                most=10,
                unit_id="lecture-20260101-aaaaaaaa",
                parts=1,
                cost_usd=0.1,
            )
        )
    first = await past(client, limit=2)
    assert [item["id"] for item in first["items"]] == ["backfill-2", "backfill-1"]
    rest = await past(client, limit=2, next=first["next"])
    assert [item["id"] for item in rest["items"]] == ["backfill-0"]
    assert rest["next"] is None
    assert (await past(world.client("other")))["items"] == []
    assert (await client.get("/v1/backfills", params={"next": "?"})).status_code == 422
