"""Webhooks of the local exchange, received over HTTP: signed, in order, or as a script wants it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from pipeline_defs.local.providers.engines import Engines
from pipeline_defs.local.providers.telephone import messenger
from pipeline_defs_tests.local.providers.media import Receiver, receiving
from pipeline_defs_tests.local.providers.telephone import (
    BUSY,
    EVENTS,
    FAILS,
    LEAVES,
    NO_ANSWER,
    UNASSIGNED,
    VOICEMAIL,
    WEBHOOK,
    Telephone,
    are_signed,
    exchange,
    slowly,
    statuses,
    told,
)

RECORDING_EVENTS = ["in-progress", "completed", "absent"]
# Of the state of a call, as captured from Twilio; places are empty here.
STATUS_FIELDS = """
    AccountSid ApiVersion CallDuration CallSid CallStatus CallbackSource Called CalledCity
    CalledCountry CalledState CalledZip Caller CallerCity CallerCountry CallerState CallerZip
    Direction Duration From FromCity FromCountry FromState FromZip SequenceNumber Timestamp To
    ToCity ToCountry ToState ToZip
"""
RECORDING_FIELDS = """
    AccountSid CallSid RecordingChannels RecordingDuration RecordingSid RecordingSource
    RecordingStartTime RecordingStatus RecordingTrack RecordingUrl
"""


@pytest.fixture
async def telephone(tmp_path: Path, engines: Engines) -> AsyncIterator[Telephone]:
    async with exchange(tmp_path / "state", engines) as opened:
        yield opened


@pytest.fixture
def quick_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messenger, "PAUSES", (0.01, 0.01, 0.01))


def wishes(url: str, **more: Any) -> dict[str, Any]:
    """Everything there is to tell."""
    return {
        "status_callback": url,
        "status_callback_event": EVENTS,
        "recording_status_callback": url,
        "recording_status_callback_event": RECORDING_EVENTS,
        **more,
    }


async def heard(telephone: Telephone, receiver: Receiver, to: str, *rules: dict[str, Any]) -> str:
    """The sid of a call of which everything was told."""
    await telephone.providers.faults(*rules)
    placed = await telephone.place(to, **wishes(receiver.url))
    await telephone.over(placed.sid)
    return placed.sid


async def test_a_call_is_told_step_by_step_and_signed_for_the_very_address(
    telephone: Telephone,
) -> None:
    async with receiving() as receiver:
        query = "call=campaign-7%2F001&note=a%20b"
        url = f"{receiver.url}?{query}"
        placed = await telephone.place(machine_detection="Enable", **wishes(url))
        ended = await telephone.over(placed.sid)
        calls = [fields for fields in told(receiver) if "CallStatus" in fields]
        recordings = [fields for fields in told(receiver) if "RecordingStatus" in fields]
        assert receiver.queries == {query}  # what was signed, to the letter
        assert all(are_signed(receiver, url))
        assert not any(are_signed(receiver, receiver.url))
    assert [c["CallStatus"] for c in calls] == ["initiated", "ringing", "in-progress", "completed"]
    assert [c["SequenceNumber"] for c in calls] == ["0", "1", "2", "3"]
    assert set(calls[-1]) == {*STATUS_FIELDS.split(), "AnsweredBy"}
    assert {c["CallSid"] for c in (*calls, *recordings)} == {placed.sid}
    assert calls[-1]["AnsweredBy"] == "human"
    assert calls[-1]["CallDuration"] == ended.duration
    assert calls[-1]["Duration"] == "1"  # minutes, begun ones are whole
    assert [r["RecordingStatus"] for r in recordings] == ["in-progress", "completed"]
    assert set(recordings[-1]) == set(RECORDING_FIELDS.split())
    assert recordings[-1]["RecordingChannels"] == "2"
    assert recordings[-1]["RecordingUrl"].endswith(recordings[0]["RecordingSid"])


async def test_the_recording_is_told_after_the_end_of_the_call(telephone: Telephone) -> None:
    async with receiving() as receiver:
        await heard(telephone, receiver, VOICEMAIL)
        last = told(receiver)[-2:]
    assert last[0]["CallStatus"] == last[1]["RecordingStatus"] == "completed"


async def test_only_what_was_subscribed_to_is_told(telephone: Telephone) -> None:
    async with receiving() as receiver:
        for events in (None, ["ringing"]):
            more: dict[str, Any] = {"status_callback_event": events} if events else {}
            placed = await telephone.place(
                BUSY, status_callback=receiver.url, recording_status_callback=receiver.url, **more
            )
            await telephone.over(placed.sid)
        assert statuses(receiver) == ["busy", "ringing"]  # without a wish: the end


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [
        (BUSY, "busy", "486"),
        (NO_ANSWER, "no-answer", "487"),
        (FAILS, "failed", "503"),
        (UNASSIGNED, "failed", "404"),
    ],
)
async def test_a_call_that_nobody_takes_ends_with_the_carriers_code(
    telephone: Telephone, number: str, status: str, code: str
) -> None:
    async with receiving() as receiver:
        sid = await heard(telephone, receiver, number)
        last = told(receiver)[-1]
        assert statuses(receiver) == ["initiated", "ringing", status]
    assert (last["SipResponseCode"], last["CallDuration"]) == (code, "0")
    assert await telephone.recordings(sid) == []


async def test_a_call_too_short_to_be_recorded_is_told_as_absent(telephone: Telephone) -> None:
    async with receiving() as receiver:
        await heard(telephone, receiver, LEAVES)
        last = told(receiver)[-1]
    assert (last["RecordingStatus"], last["ErrorCode"]) == ("absent", "16101")
    assert "RecordingDuration" not in last


async def test_hanging_up_is_told_once(
    telephone: Telephone, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowly(monkeypatch)
    async with receiving() as receiver:
        placed = await telephone.place(NO_ANSWER, **wishes(receiver.url))
        await telephone.until(placed.sid, "ringing")
        await telephone.hang_up(placed.sid)
        await telephone.over(placed.sid)
        assert statuses(receiver) == ["initiated", "ringing", "canceled"]


async def test_a_webhook_that_fails_is_sent_again_under_the_same_token(
    telephone: Telephone, quick_tries: None
) -> None:
    async with receiving(500, 503) as receiver:
        await heard(telephone, receiver, BUSY)
        assert statuses(receiver) == ["initiated"] * 3 + ["ringing", "busy"]
        tokens = [headers["i-twilio-idempotency-token"] for headers, _ in receiver.taken]
    assert len(set(tokens[:3])) == 1
    assert len(set(tokens[2:])) == 3


async def test_a_refused_webhook_is_not_sent_again(telephone: Telephone) -> None:
    async with receiving(403) as receiver:
        await heard(telephone, receiver, BUSY)
        assert statuses(receiver) == ["initiated", "ringing", "busy"]


async def test_a_receiver_that_never_takes_anything_holds_no_call_up(
    telephone: Telephone, quick_tries: None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        placed = await telephone.place(BUSY, **wishes("http://127.0.0.1:9/nobody"))
        assert (await telephone.over(placed.sid)).status == "busy"
    assert "was not taken after 4 tries" in caplog.text


async def test_no_other_machine_is_called_back(
    telephone: Telephone, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        placed = await telephone.place(BUSY, **wishes("https://gateway.example.org/hook"))
        assert (await telephone.over(placed.sid)).status == "busy"
    assert "not on this machine" in caplog.text


def rule(said: str, **action: Any) -> dict[str, Any]:
    return {"match": {**WEBHOOK, "body_contains": said}, "action": action}


async def test_a_script_repeats_loses_and_forges(telephone: Telephone) -> None:
    async with receiving() as receiver:
        await heard(
            telephone,
            receiver,
            NO_ANSWER,
            rule("CallStatus=initiated", duplicate=True),
            rule("CallStatus=ringing", lost_answer=True),
            rule("CallStatus=no-answer", forged=True),
        )
        assert statuses(receiver) == ["initiated", "initiated", "no-answer"]
        assert are_signed(receiver, receiver.url) == [True, True, False]
        assert receiver.taken[0][1] == receiver.taken[1][1]


async def test_a_delayed_webhook_is_overtaken(telephone: Telephone) -> None:
    async with receiving() as receiver:
        await heard(telephone, receiver, BUSY, rule("CallStatus=initiated", delay=1.0))
        await receiver.has(3)
        assert statuses(receiver) == ["ringing", "busy", "initiated"]
        assert all(are_signed(receiver, receiver.url))
        assert told(receiver)[-1]["SequenceNumber"] == "0"
