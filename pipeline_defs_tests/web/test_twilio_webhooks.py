"""Webhooks of the telephone: believed when signed, applied once, in any order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from pipeline_defs.gateways.endpoints import LOCAL_TWILIO_ACCOUNT
from pipeline_defs.runtime import control
from pipeline_defs.runtime.lines import CAMPAIGN_LINE
from pipeline_defs.storage import calls
from pipeline_defs_tests.servers import TestDatabase
from pipeline_defs_tests.web.gateways import World, running_world, settings_for
from pipeline_defs_tests.web.interviewing import Interviews
from pipeline_defs_tests.web.test_webhooks import signed as signed_event

TOKEN = "the-exchange-signs-with-this"
BASE = "http://studio.example"


@pytest.fixture
async def world(database: TestDatabase, redis_url: str, tmp_path: Path) -> AsyncGenerator[World]:
    """A gateway that believes the local exchange."""
    settings = settings_for(
        database, redis_url, tmp_path, local_providers_key=TOKEN, local_providers_url=BASE
    )
    async with running_world(settings, database) as running:
        yield running


@pytest.fixture
async def campaign(world: World) -> str:
    """A campaign at work whose first call was placed and not answered for yet."""
    interviews = Interviews(world)
    campaign_id = await interviews.queued()
    await interviews.begun(campaign_id)
    one = (await interviews.read(campaign_id)).calls[0]
    await world.transact(lambda tx: calls.intend(tx, one))
    return campaign_id


def sid(order: int = 1) -> str:
    return f"CA{order:032x}"


def status(told: str, sequence: int, **more: str) -> dict[str, str]:
    return {"CallStatus": told, "SequenceNumber": str(sequence), **more}


RECORDED = {"RecordingSid": f"RE{1:032x}", "RecordingStatus": "completed", "RecordingChannels": "2",
            "RecordingDuration": "20"}  # fmt: skip
TALK = [
    ("status", status("initiated", 0)),
    ("status", status("ringing", 1)),
    ("status", status("in-progress", 2, AnsweredBy="human")),
    ("status", status("completed", 3, CallDuration="21")),
    ("recording", RECORDED),
]


async def send(
    world: World,
    campaign_id: str,
    kind: str,
    told: dict[str, str],
    *,
    order: int = 1,
    attempt: int = 1,
    token: str = TOKEN,
) -> int:
    """Post a webhook as the exchange does; the status of the answer."""
    target = (
        f"/webhooks/twilio/{kind}?org=default&call={campaign_id}%2F{order:03d}&attempt={attempt}"
    )
    parameters = {"AccountSid": LOCAL_TWILIO_ACCOUNT, "CallSid": sid(order), **told}
    signature = RequestValidator(token).compute_signature(BASE + target, parameters)
    answer = await world.client(None).post(
        target, data=parameters, headers={"X-Twilio-Signature": signature}
    )
    return answer.status_code


async def test_a_talk_told_in_any_order_and_twice_is_known_once(
    world: World, campaign: str
) -> None:
    news = TALK * 2
    random.Random(7).shuffle(news)
    codes = await asyncio.gather(*[send(world, campaign, kind, told) for kind, told in news])
    assert set(codes) == {204}
    call = (await Interviews(world).read(campaign)).calls[0]
    assert (call.status, call.seconds, call.sid) == ("completed", 21, sid())
    assert call.recording is not None
    stored = await world.transact(lambda tx: tx.all("inbox.get", source="twilio", event_id="x"))
    assert stored == []


async def test_a_late_webhook_tells_the_id_of_a_call_whose_answer_was_lost(
    world: World, campaign: str
) -> None:
    assert await send(world, campaign, "status", status("ringing", 1)) == 204
    call = (await Interviews(world).read(campaign)).calls[0]
    assert (call.sid, call.status) == (sid(), "ringing")
    other = {**status("completed", 3), "CallSid": sid(9)}
    assert await send(world, campaign, "status", other) == 204
    assert (await Interviews(world).read(campaign)).calls[0].status == "ringing"


async def test_a_forged_webhook_changes_nothing(world: World, campaign: str) -> None:
    assert await send(world, campaign, "status", status("completed", 3), token="other") == 403
    assert (await Interviews(world).read(campaign)).calls[0].status == "queued"


async def test_a_busy_contact_is_queued_again_and_news_of_the_first_attempt_is_over(
    world: World, campaign: str
) -> None:
    assert await send(world, campaign, "status", status("busy", 2, SipResponseCode="486")) == 204
    call = (await Interviews(world).read(campaign)).calls[0]
    assert (call.status, call.attempt, call.sid) == ("queued", 2, None)
    assert await send(world, campaign, "status", status("completed", 3)) == 204
    assert (await Interviews(world).read(campaign)).calls[0].status == "queued"


async def test_a_recording_that_comes_late_opens_a_finished_campaign_again(world: World) -> None:
    interviews = Interviews(world)
    campaign_id = await interviews.queued()
    await interviews.begun(campaign_id)
    one = (await interviews.read(campaign_id)).calls[0]

    async def end(tx: Any) -> None:
        await calls.intend(tx, one)
        await calls.placed(tx, one, sid())
        await calls.move(tx, one, ("ringing", "in_progress", "completed"))
        await calls.heard(tx, one, recording_state="absent")

    await world.transact(end)
    await world.transact(lambda tx: control.finish(tx, CAMPAIGN_LINE, campaign_id, "completed"))
    assert await send(world, campaign_id, "recording", RECORDED) == 204
    again = await interviews.read(campaign_id)
    assert (again.status, again.calls[0].recording_state) == ("queued", "ready")


async def test_the_recording_of_a_machine_is_no_news_for_a_finished_campaign(world: World) -> None:
    interviews = Interviews(world)
    campaign_id = await interviews.queued()
    await interviews.begun(campaign_id)
    one = (await interviews.read(campaign_id)).calls[0]
    await world.transact(lambda tx: calls.intend(tx, one))
    lost = {**RECORDED, "RecordingStatus": "absent", "ErrorCode": "16101"}
    assert await send(world, campaign_id, "recording", lost) == 204  # before what it is of
    machine = status("in-progress", 2, AnsweredBy="machine_start")
    assert await send(world, campaign_id, "status", machine) == 204
    call = (await interviews.read(campaign_id)).calls[0]
    assert (call.status, call.error, call.seconds) == ("voicemail", None, None)
    ended = status("completed", 3, CallDuration="4", AnsweredBy="machine_start")
    assert await send(world, campaign_id, "status", ended) == 204
    assert (await interviews.read(campaign_id)).calls[0].seconds == 4
    await world.transact(lambda tx: control.finish(tx, CAMPAIGN_LINE, campaign_id, "completed"))
    late = {**RECORDED, "RecordingSid": f"RE{2:032x}"}
    assert await send(world, campaign_id, "recording", late) == 204
    assert (await interviews.read(campaign_id)).status == "completed"


async def test_an_address_that_names_no_call_is_not_there(world: World) -> None:
    assert await send(world, "nothing", "status", status("ringing", 1)) == 204
    answer = await world.client(None).post("/webhooks/twilio/status", data={})
    assert answer.status_code == 403


async def test_a_storm_of_webhooks_loses_and_doubles_nothing(world: World) -> None:
    interviews = Interviews(world)
    contacts = [{"phone": f"+120255501{n:02d}"} for n in range(50)]
    campaign_id = await interviews.queued(contacts=contacts)
    await interviews.begun(campaign_id)
    whole = await interviews.read(campaign_id)
    for call in whole.calls:
        await world.transact(lambda tx, c=call: calls.intend(tx, c))
    news = [
        (order, kind, {**told, "RecordingSid": f"RE{order:032x}"} if kind == "recording" else told)
        for order in range(1, 51)
        for kind, told in TALK
    ] * 2
    random.Random(3).shuffle(news)
    many = asyncio.Semaphore(20)

    async def one(order: int, kind: str, told: dict[str, str]) -> int:
        async with many:
            for again in range(8):  # what is told to come back comes back, as from Twilio
                await asyncio.sleep(0.1 * again)
                code = await send(world, campaign_id, kind, told, order=order)
                if code != 503:
                    break
            return code

    codes = await asyncio.gather(*[one(*told) for told in news])
    assert codes.count(204) == len(news) == 500
    after = await interviews.read(campaign_id)
    assert {call.status for call in after.calls} == {"completed"}
    assert len({call.recording.sid for call in after.calls if call.recording}) == 50


async def test_signed_events_ask_for_steps_and_are_skipped_with_a_reason(
    world: World, campaign: str
) -> None:
    key = f"{campaign}/001"
    client = world.client(None)

    async def event(kind: str, data: dict[str, Any], event_id: str) -> dict[str, Any]:
        body = {"type": kind, "data": data}
        return (await client.post("/v1/events", **signed_event(body, event_id))).json()

    first = await event("call/transcribe", {"call": key}, "t1")
    assert (first["success"], first["skipped"]) == (True, True)
    assert "no recording" in first["reason"]
    assert (await event("call/transcribe", {"call": key}, "t1"))["duplicate"] is True
    assert (await event("call/orchestrate", {"call": f"{campaign}/002"}, "o1"))["skipped"] is False
    assert "not transcribed" in (await event("claim/extract", {"call": key}, "e1"))["reason"]
    judged = await event("claim/validate", {"hypothesis": f"{campaign}/01"}, "v1")
    assert judged["skipped"] is False
    ready = {"call": key, "call_sid": sid(), "recording_sid": f"RE{1:032x}", "channels": 2}
    assert (await event("call/recording-ready", ready, "r1"))["status"] == "done"
    wrong = await event("call/orchestrate", {"call": "nothing"}, "w1")
    assert (wrong["success"], wrong["status"]) == (False, "dead")
