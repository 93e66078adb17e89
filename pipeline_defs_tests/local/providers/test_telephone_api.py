"""Twilio's REST API of the local exchange, asked by the official client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline_defs.gateways.endpoints import LOCAL_TWILIO_ACCOUNT
from pipeline_defs.local.providers.engines import Engines
from pipeline_defs_tests.local.providers.client import KEY
from pipeline_defs_tests.local.providers.telephone import (
    BRIEF,
    BUSY,
    FAILS,
    INVALID,
    NO_ANSWER,
    OURS,
    TALKER,
    Telephone,
    account,
    exchange,
    slowly,
)

CREATE = {"path_regex": "Calls.json$"}


@pytest.fixture
async def telephone(tmp_path: Path, engines: Engines) -> AsyncIterator[Telephone]:
    async with exchange(tmp_path / "state", engines) as opened:
        yield opened


async def test_an_order_is_a_queued_call_that_is_found_again(telephone: Telephone) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    placed = await telephone.place()
    assert (placed.status, placed.to, placed._from) == ("queued", TALKER, OURS)
    assert placed.sid.startswith("CA")
    assert placed.date_created >= before
    assert (placed.start_time, placed.end_time) == (None, None)
    ended = await telephone.over(placed.sid)
    assert ended.status == "completed"
    assert ended.start_time <= ended.end_time
    (found,) = await telephone.asked(lambda: telephone.client.calls.list(to=TALKER))
    assert found.sid == placed.sid


async def test_lists_are_filtered_as_asked(telephone: Telephone) -> None:
    busy, unanswered = await telephone.place(BUSY), await telephone.place(NO_ANSWER)
    for call in (busy, unanswered):
        await telephone.over(call.sid)

    async def sids(**wanted: Any) -> list[str | None]:
        calls = await telephone.asked(lambda: telephone.client.calls.list(**wanted))
        return [call.sid for call in calls]

    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    day = timedelta(days=1)
    assert await sids() == [unanswered.sid, busy.sid]
    assert await sids(to=BUSY) == [busy.sid]
    assert await sids(from_=BUSY) == []
    assert await sids(status="no-answer") == [unanswered.sid]
    assert await sids(to=BUSY, status="no-answer") == []
    assert len(await sids(start_time_after=today)) == 2
    assert await sids(start_time_after=today + 2 * day) == []
    assert await sids(start_time_before=today - day) == []


async def test_a_long_list_comes_in_pages_without_gaps(telephone: Telephone) -> None:
    placed = [(await telephone.place(BUSY)).sid for _ in range(5)]
    found = await telephone.asked(lambda: telephone.client.calls.list(page_size=2, to=BUSY))
    assert [call.sid for call in found] == placed[::-1]


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"to": ""}, 21201),
        ({"from_": ""}, 21213),
        ({"to": INVALID}, 21211),
        ({"to": "+1202"}, 21211),
        ({"to": "the bakery"}, 21211),
        ({"from_": "nobody"}, 21212),
        ({"status_callback": "gateway/hook"}, 21205),
        ({"recording_status_callback": "ftp://127.0.0.1/hook"}, 21205),
        ({"twiml": None}, 21205),
        ({"twiml": None, "url": "http://127.0.0.1/twiml"}, 20001),
        ({"status_callback_method": "GET"}, 20001),
        ({"recording_track": "inbound"}, 20001),
        ({"time_limit": 0}, 20001),
        ({"twiml": "<Response><Dial>+12025550111</Dial></Response>"}, 21218),
    ],
)
async def test_an_order_that_cannot_be_met_is_refused_by_its_code(
    telephone: Telephone, wishes: dict[str, Any], code: int
) -> None:
    order = {"to": TALKER, "from_": OURS, "twiml": BRIEF, **wishes}
    given = {name: value for name, value in order.items() if value is not None}
    refused = await telephone.refusal(lambda: telephone.client.calls.create(**given))
    assert (refused.status, refused.code) == (400, code)
    assert (await telephone.listed())["calls"] == []


@pytest.mark.parametrize(
    ("user", "token"),
    [
        (LOCAL_TWILIO_ACCOUNT, "another token"),
        ("AC" + "0" * 32, KEY),
        ("AC" + "0" * 32, "another token"),
    ],
)
async def test_nobody_else_gets_in(telephone: Telephone, user: str, token: str) -> None:
    sid = (await telephone.place(BUSY)).sid
    for stranger in (
        account(telephone.url, user, token).calls(sid),
        account(telephone.url, user, token).api.v2010.accounts(LOCAL_TWILIO_ACCOUNT).calls(sid),
    ):
        refused = await telephone.refusal(stranger.fetch)
        assert (refused.status, refused.code) == (401, 20003)
    foreign = telephone.client.api.v2010.accounts("AC" + "1" * 32).calls(sid)
    assert (await telephone.refusal(foreign.fetch)).code == 20003


async def test_what_is_not_there_is_not_found(telephone: Telephone) -> None:
    client = telephone.client
    for ask in (
        lambda: client.calls("CA" + "0" * 32).fetch(),
        lambda: client.recordings("RE" + "0" * 32).fetch(),
        lambda: client.calls("CA" + "0" * 32).update(status="completed"),
    ):
        refused = await telephone.refusal(ask)
        assert (refused.status, refused.code) == (404, 20404)
    assert (await telephone.media("RE" + "0" * 32)).json()["code"] == 20404


async def test_whoever_hangs_up_first_ends_the_call(
    telephone: Telephone, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowly(monkeypatch)
    ringing = await telephone.place(NO_ANSWER)
    await telephone.until(ringing.sid, "ringing")
    assert (await telephone.hang_up(ringing.sid, "canceled")).status == "canceled"
    talking = await telephone.place()
    await telephone.until(talking.sid, "in-progress")
    assert (await telephone.hang_up(talking.sid, "canceled")).status == "in-progress"
    assert (await telephone.hang_up(talking.sid)).status == "completed"
    for sid, status in ((ringing.sid, "canceled"), (talking.sid, "completed")):
        assert (await telephone.over(sid)).status == status
        refused = await telephone.refusal(
            lambda s=sid: telephone.client.calls(s).update(status="completed")
        )
        assert (refused.status, refused.code) == (400, 21220)
    assert await telephone.recordings(ringing.sid) == []


@pytest.mark.parametrize(("status", "code"), [(429, 20429), (503, 20503)])
async def test_an_overloaded_exchange_places_nothing(
    telephone: Telephone, status: int, code: int
) -> None:
    rule = {"match": CREATE, "times": 1, "action": {"status": status}}
    await telephone.providers.faults(rule)
    client = telephone.client
    refused = await telephone.refusal(
        lambda: client.calls.create(to=TALKER, from_=OURS, twiml=BRIEF)
    )
    assert (refused.status, refused.code) == (status, code)
    assert (await telephone.listed())["numbers"] == {}


async def test_a_call_whose_answer_is_lost_is_placed_and_counted(telephone: Telephone) -> None:
    rule = {"match": {"capability": "telephony"}, "times": 1, "action": {"lost_answer": True}}
    await telephone.providers.faults(rule)
    with pytest.raises(OSError):  # noqa: PT011 # of whatever kind: nothing came back
        await telephone.place(BUSY)
    await telephone.place(BUSY)
    await telephone.place(FAILS)
    listed = await telephone.listed()
    assert listed["numbers"] == {BUSY: 2, FAILS: 1}
    assert sorted(call["to"] for call in listed["calls"]) == [BUSY, BUSY, FAILS]
    assert {call["from"] for call in listed["calls"]} == {OURS}


async def test_a_restarted_exchange_knows_its_calls_and_ends_those_begun(
    tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowly(monkeypatch)
    state = tmp_path / "state"
    async with exchange(state, engines) as telephone:
        first = await telephone.place()
        ended = await telephone.over(first.sid)
        second = await telephone.place()
        await telephone.until(second.sid, "in-progress")
    async with exchange(state, engines) as telephone:
        again = await telephone.look(first.sid)
        assert (again.status, again.duration) == ("completed", ended.duration)
        assert (await telephone.over(second.sid)).status == "completed"
        for sid in (first.sid, second.sid):
            (recording,) = await telephone.recordings(sid)
            assert (recording.status, recording.account_sid) == ("completed", LOCAL_TWILIO_ACCOUNT)
            assert (await telephone.media(recording.sid)).content[:4] == b"RIFF"
