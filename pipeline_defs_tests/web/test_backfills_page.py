"""Studio's page of backfills tells what the API tells; nothing happens by looking at it."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import httpx
import pytest

from pipeline_defs.runtime.backfill import REASONS
from pipeline_defs.runtime.inspection import put_wanting
from pipeline_defs_tests.web.filming import Studio
from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.test_backfills_api import backfill, cost_known
from pipeline_defs_tests.web.test_past_backfills import stale

ONE_UNIT = "<strong>1 unit</strong>"


@pytest.fixture
def studio(world: World) -> Studio:
    return Studio(world)


def body_in(page: str) -> dict[str, Any]:
    """What the button of a plan sends."""
    found = re.search(r"data-post=\"/v1/backfills\" data-body='([^']+)'", page)
    assert found is not None
    return json.loads(unescape(found[1]))


async def test_with_nothing_wanting_it_says_that_everything_is_as_it_should_be(
    world: World,
) -> None:
    page = await world.studio("/studio/backfills")
    assert "every unit at rest is as it should be" in page
    assert "Nothing that fits has to be made again." in page
    assert "None has queued anything yet." in page
    assert 'data-post="/v1/backfills"' not in page


async def test_the_plan_is_what_a_dry_run_tells_and_its_button_starts_just_that(
    world: World, studio: Studio, client: httpx.AsyncClient
) -> None:
    lecture_id = await stale(world, studio)
    told = await backfill(client, dry_run=True)
    page = await world.studio("/studio/backfills?most=7&budget=3,5")
    assert ONE_UNIT in page
    assert f"{told['parts']} things to make" in page
    assert f'href="/studio/lectures/{lecture_id}"' in page
    assert re.search(r"<li>segment_image 002 <span class=\"muted\">stale", page)
    assert (await client.get(f"/v1/lectures/{lecture_id}")).json()["status"] == "completed"
    body = body_in(page)
    assert body == {"reasons": list(REASONS), "budget_usd": 3.5, "limit": 7}
    assert (await backfill(client, **body))["queued"] == 1
    page = await world.studio("/studio/backfills")
    assert "0 of 1 whole" in page
    assert "1 in work" in page
    assert "Nothing that fits has to be made again." in page


async def test_it_is_filtered_by_line_and_by_what_is_wanting(world: World, studio: Studio) -> None:
    lecture_id = await stale(world, studio)
    row = {
        "asset": "segment_clip",
        "partition": f"{lecture_id}/001",
        "standing": "corrupt",
        "error": {"code": "BLOB_MISSING", "message": "the file <b>is</b> gone"},
    }
    await world.transact(lambda tx: put_wanting(tx, lecture_id, [row]))
    for query, fits in (
        ("line=lectures", True),
        ("line=articles", False),
        ("reason=failed", False),
        ("reason=failed&reason=corrupt", True),
        ("since=2100-01-01", False),
        ("line=films&reason=old&since=once&budget=all&most=none", True),
    ):
        page = await world.studio(f"/studio/backfills?{query}")
        assert (ONE_UNIT in page) == fits, query
        assert "the file <b>" not in page
        assert re.search(r"line=lectures&amp;(since=[^&]+&amp;)?reason=corrupt", page), query
    page = await world.studio("/studio/backfills?reason=corrupt&line=lectures")
    assert body_in(page) == {"line": "lectures", "reasons": ["corrupt"], "limit": 50}


async def test_what_is_beyond_the_budget_is_shown_and_not_offered(
    world: World, studio: Studio
) -> None:
    lecture_id = await stale(world, studio)
    await cost_known(world, lecture_id)
    page = await world.studio("/studio/backfills?budget=0.1")
    assert "Nothing of this would be made." in page
    assert "beyond the budget" in page
    assert 'data-post="/v1/backfills"' not in page


async def test_an_organization_sees_its_own_alone(
    world: World, studio: Studio, client: httpx.AsyncClient
) -> None:
    lecture_id = await stale(world, studio)
    await backfill(client)
    await stale(world, studio)
    theirs = await world.studio("/studio/backfills", "other")
    assert lecture_id not in theirs
    assert "every unit at rest is as it should be" in theirs
    assert "None has queued anything yet." in theirs
    assert "/studio/operations" not in theirs
    assert "/studio/operations" in await world.studio("/studio/backfills")
