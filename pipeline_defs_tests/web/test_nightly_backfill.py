"""The nightly jobs, run as Dagster runs them: what they queue of whom, what they leave alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import httpx
import pytest

from pipeline_defs import policies
from pipeline_defs.defs.operations.backfills import files_check, is_night, nightly_backfill
from pipeline_defs.domain.calls.recipe import TRANSCRIPT, awaits_reading
from pipeline_defs.domain.errors import ErrorRecord
from pipeline_defs.domain.graph import Node
from pipeline_defs.domain.lectures.models import SEGMENT_ASSETS
from pipeline_defs.runtime import control
from pipeline_defs.runtime.inspection import put_wanting
from pipeline_defs.runtime.integrity import Broken
from pipeline_defs.runtime.lines import CAMPAIGN_LINE, LECTURE_LINE
from pipeline_defs.settings import get_settings
from pipeline_defs.storage import calls, lectures, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs_tests.web import filming
from pipeline_defs_tests.web.filming import Studio
from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.interviewing import Interviews
from pipeline_defs_tests.web.test_backfills_api import TEXT, backfill, cost_known, inspected
from pipeline_defs_tests.web.test_files_check import LOST, looked_at, stored_at

REFUSED = {
    ("segment_image", 2): "failed",
    ("segment_start_frame", 2): "skipped",
    ("segment_clip", 2): "skipped",
}
AWAY = ErrorRecord("UNAVAILABLE", "the speaker is away", retryable=True, advice="Wait.")
AT_ANY_HOUR = {"ops": {"backfill_units": {"config": {"at_any_hour": True}}}}
Night = Callable[[], Awaitable[dict[str, Any]]]


@pytest.fixture
def studio(world: World) -> Studio:
    return Studio(world)


@pytest.fixture
def worker(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The environment of a worker that shares the world's Postgres and files."""
    monkeypatch.setenv("DATABASE_URL", world.database.app_url)
    monkeypatch.setenv("PIPELINE_STATE", str(world.gateway.settings.pipeline_state))
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


async def told(job: dg.JobDefinition, op: str, config: dict[str, Any]) -> dict[str, Any]:
    """Run a job to its end; what one of its ops tells, as metadata."""
    result = await asyncio.to_thread(job.execute_in_process, run_config=config)
    assert result.success
    (event,) = [e for e in result.events_for_node(op) if e.is_successful_output]
    found = event.step_output_data.metadata.items()
    return {name: getattr(value, "records", value.value) for name, value in found}


@pytest.fixture
def night(worker: None) -> Night:
    """Runs the nightly backfill, at whatever hour it is."""
    return lambda: told(nightly_backfill, "backfill_units", AT_ANY_HOUR)


async def unready(world: World, lecture_id: str) -> dict[tuple[str, int], str]:
    """Every asset of a lecture's segments that is not there as it should be, by its status."""
    lecture = await world.transact(lambda tx: lectures.required(tx, lecture_id))
    return {
        (asset, segment.order): state.status
        for segment in lecture.segments
        for asset, state in segment.assets.items()
        if state.status != "ready"
    }


async def dear(world: World, org: str) -> str:
    """A lecture of which an image is stale, that cost 0.25 USD before."""
    lecture_id = await Studio(world, org).made()
    await cost_known(world, lecture_id, org)
    await inspected(world, lecture_id, org)
    return lecture_id


async def unreadable(world: World) -> str:
    """A campaign that is incomplete as nobody can find statements in its third call."""
    interviews = Interviews(world)
    campaign_id = (await interviews.finished(await interviews.queued())).id

    async def refuse(tx: Transaction) -> None:
        call = await calls.get(tx, campaign_id, 3)
        assert call is not None
        await calls.remove_claims(tx, call)
        await calls.set_error(tx, call, "claims", filming.REFUSED)
        await units.requeue(tx, campaign_id, "completed", "test", "campaigns.resume_requested")
        await control.begin(tx, CAMPAIGN_LINE, campaign_id, "queued")
        await control.conclude(tx, CAMPAIGN_LINE, campaign_id)

    await interviews.transact(refuse)
    assert (await interviews.read(campaign_id)).status == "incomplete"
    return campaign_id


async def without_clips(world: World, studio: Studio) -> str:
    """A lecture whose clips nobody could make: none has ever been made here."""
    lecture_id = await studio.queued()
    await studio.scripted(lecture_id)
    for order in (1, 2, 3):
        await studio.segment(lecture_id, order, *SEGMENT_ASSETS[:-1])
        await studio.fails(lecture_id, order, "segment_clip", AWAY)
    await studio.filmed(lecture_id, stills=[1, 2, 3])
    await studio.finished(lecture_id, "incomplete")
    await inspected(world, lecture_id)
    return lecture_id


async def status(world: World, lecture_id: str) -> str:
    return (await world.transact(lambda tx: lectures.required(tx, lecture_id))).status


async def corrupted(world: World, lecture_id: str) -> None:
    """The narration of the first segment loses its last byte, and the nightly look finds it."""
    files = LECTURE_LINE.files
    assert files is not None
    stored = await world.transact(lambda tx: files(tx, lecture_id))
    LOST["corrupted"](stored_at(world, stored, Node("segment_narration", f"{lecture_id}/001")))
    assert await looked_at(world, lecture_id) == {lecture_id: 1}


async def edited(world: World, lecture_id: str) -> None:
    """The first segment says something else."""
    path = f"/v1/lectures/{lecture_id}/segments/1"
    (await world.client().patch(path, json={"text": TEXT})).raise_for_status()
    await inspected(world, lecture_id)


async def made_again(world: World, studio: Studio, lecture_id: str) -> None:
    """A worker makes what was queued of the first segment; the rest ends as before."""
    await world.transact(lambda tx: control.begin(tx, LECTURE_LINE, lecture_id, "queued"))
    await studio.segment(lecture_id, 1)
    await studio.filmed(lecture_id, stills=[2])
    await studio.finished(lecture_id, "incomplete")
    await inspected(world, lecture_id)


async def test_a_lecture_with_a_refused_image_has_its_corrupt_file_healed_and_nothing_else(
    world: World, studio: Studio, night: Night
) -> None:
    lecture_id = await studio.incomplete()
    await inspected(world, lecture_id)
    await corrupted(world, lecture_id)
    assert (await night())["queued"] == 1
    assert await unready(world, lecture_id) == REFUSED | {("segment_narration", 1): "pending"}
    await made_again(world, studio, lecture_id)
    assert (await night())["queued"] == 0
    assert await unready(world, lecture_id) == REFUSED


async def test_the_files_check_heals_it_as_well(world: World, studio: Studio, worker: None) -> None:
    lecture_id = await studio.incomplete()
    await corrupted(world, lecture_id)
    assert (await told(files_check, "heal_broken_files", {}))["queued"] == 1
    assert await unready(world, lecture_id) == REFUSED | {("segment_narration", 1): "pending"}


async def test_a_lecture_with_a_refused_image_has_its_stale_parts_made_and_nothing_else(
    world: World, studio: Studio, night: Night
) -> None:
    lecture_id = await studio.incomplete()
    await edited(world, lecture_id)
    assert (await night())["queued"] == 1
    of_the_first = dict.fromkeys(((asset, 1) for asset in SEGMENT_ASSETS), "pending")
    assert await unready(world, lecture_id) == REFUSED | of_the_first
    await made_again(world, studio, lecture_id)
    assert (await night())["queued"] == 0


async def test_a_campaign_with_an_unreadable_call_has_its_corrupt_recording_read_and_nothing_else(
    world: World, night: Night
) -> None:
    campaign_id = await unreadable(world)
    files = CAMPAIGN_LINE.files
    assert files is not None
    stored = await world.transact(lambda tx: files(tx, campaign_id))
    node, file = next((node, file) for node, file in stored if node.asset == TRANSCRIPT)
    fault = Broken(node, file["sha256"], "BLOB_CORRUPT", "the file has changed").as_error()
    row = {**asdict(node), "standing": "corrupt", "error": fault}
    await world.transact(lambda tx: put_wanting(tx, campaign_id, [row]))
    assert (await night())["queued"] == 1
    campaign = await Interviews(world).read(campaign_id)
    due = [call.key for call in campaign.calls if awaits_reading(call)]
    assert due == [node.partition]
    assert campaign.calls[2].error is not None
    assert [call.status for call in campaign.calls[:3]] == ["completed"] * 3


async def test_what_was_refused_is_not_tried_again_by_night_but_by_whoever_asks_for_it(
    world: World, studio: Studio, night: Night, client: httpx.AsyncClient
) -> None:
    lecture_id = await studio.incomplete()
    await inspected(world, lecture_id)
    assert (await night())["queued"] == 0
    assert await status(world, lecture_id) == "incomplete"
    assert (await backfill(client, reasons=["failed"]))["queued"] == 1
    assert await unready(world, lecture_id) == dict.fromkeys(REFUSED, "pending")


async def test_a_refused_part_does_not_use_up_the_tries_of_its_lecture(
    world: World, studio: Studio, night: Night
) -> None:
    lecture_id = await studio.incomplete()
    for _ in range(policies.BACKFILL_TRIES + 1):
        await corrupted(world, lecture_id)
        assert (await night())["queued"] == 1
        await made_again(world, studio, lecture_id)


async def test_what_failed_for_a_passing_reason_is_tried_again_but_not_what_was_refused_beside_it(
    world: World, studio: Studio, night: Night
) -> None:
    lecture_id = await studio.queued()
    await studio.scripted(lecture_id)
    await studio.segment(lecture_id, 1, "segment_image", "segment_start_frame", "segment_clip")
    await studio.fails(lecture_id, 1, "segment_narration", AWAY)
    await studio.segment(lecture_id, 2, "segment_narration")
    await studio.fails(lecture_id, 2, "segment_image", filming.REFUSED)
    for asset in ("segment_start_frame", "segment_clip"):
        await studio.skips(lecture_id, 2, asset)
    await studio.segment(lecture_id, 3)
    await studio.filmed(lecture_id, stills=[2])
    await studio.finished(lecture_id, "incomplete")
    await inspected(world, lecture_id)
    assert (await night())["queued"] == 1
    assert await unready(world, lecture_id) == REFUSED | {("segment_narration", 1): "pending"}


async def test_each_organization_has_the_budget_of_a_night_to_itself(
    world: World, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "NIGHTLY_BACKFILL_USD", 0.6)
    ours = [await dear(world, "default") for _ in range(3)]
    theirs = [await dear(world, "other") for _ in range(2)]
    found = await night()
    assert {row.data["unit"]: row.data["outcome"] for row in found["units"]} == {
        **dict.fromkeys(ours[:2], "queued"),
        ours[2]: "over_budget",
        **dict.fromkeys(theirs, "queued"),
    }
    assert (found["queued"], found["over_budget"], found["cost_usd"]) == (4, 1, 1.0)
    assert await status(world, ours[2]) == "completed"


async def test_a_night_queues_so_many_units_and_not_more(
    world: World, studio: Studio, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "NIGHTLY_BACKFILL_LIMIT", 1)
    first, second = [await dear(world, "default") for _ in range(2)]
    assert (await night())["queued"] == 1
    assert [await status(world, own) for own in (first, second)] == ["queued", "completed"]


async def test_only_what_the_policy_names_is_made_by_night(
    world: World, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    await dear(world, "default")
    monkeypatch.setattr(policies, "NIGHTLY_BACKFILL_REASONS", ("failed", "missing", "corrupt"))
    assert (await night())["queued"] == 0
    monkeypatch.setattr(policies, "NIGHTLY_BACKFILL_REASONS", ("stale",))
    assert (await night())["queued"] == 1


async def test_what_was_never_made_has_no_price_and_keeps_its_unit_out_of_a_budget(
    world: World, studio: Studio, night: Night, client: httpx.AsyncClient
) -> None:
    lecture_id = await without_clips(world, studio)
    for wish in ({"dry_run": True}, {}):
        answer = await backfill(client, budget_usd=1000, **wish)
        assert (answer["queued"], answer["unpriced"], answer["price_unknown"]) == (0, 0, 1)
        assert [(u["outcome"], u["unpriced"]) for u in answer["units"]] == [("price_unknown", 3)]
    page = await world.studio("/studio/backfills?budget=1000")
    assert "1 unit of unknown price" in page
    assert "the price of 3 is not known" in page
    found = await night()
    assert (found["queued"], found["price_unknown"]) == (0, 1)
    answer = await backfill(client, dry_run=True)
    assert (answer["queued"], answer["unpriced"], answer["price_unknown"]) == (1, 3, 0)
    await studio.made()  # another lecture of the organization: from now on there is a price
    assert (await night())["queued"] == 1
    assert await status(world, lecture_id) == "queued"


@pytest.mark.parametrize(
    ("at", "may"),
    [
        (time(0, 59, 59), False),
        (time(1), True),
        (time(5, 59, 59), True),
        (time(6), False),
        (time(14), False),
    ],
)
def test_the_night_is_from_one_to_six_by_utc(at: time, may: bool) -> None:
    moment = datetime.combine(date(2026, 11, 28), at, UTC)
    assert is_night(moment) == may
    assert is_night(moment.astimezone(ZoneInfo("Asia/Tokyo"))) == may


async def test_by_day_nothing_is_made_unless_it_is_launched_for_any_hour(
    world: World, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    lecture_id = await dear(world, "default")
    monkeypatch.setattr(policies, "NIGHTLY_BACKFILL_HOURS", (time(0), time(0)))
    assert (await told(nightly_backfill, "backfill_units", {}))["queued"] == 0
    assert await status(world, lecture_id) == "completed"
    monkeypatch.setattr(policies, "NIGHTLY_BACKFILL_HOURS", (time.min, time.max))
    assert (await told(nightly_backfill, "backfill_units", {}))["queued"] == 1
