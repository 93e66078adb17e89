"""The official client against the local telephone exchange: real HTTP, real recordings."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipeline_defs import policies
from pipeline_defs.domain.calls.calling import StatusNews
from pipeline_defs.domain.calls.interview import twiml
from pipeline_defs.domain.errors import Permanent, Transient
from pipeline_defs.gateways.catalog import load_catalog
from pipeline_defs.gateways.telephony.port import CallOrder
from pipeline_defs.gateways.telephony.twilio import ConfiguredTelephony
from pipeline_defs.settings import Settings
from pipeline_defs_tests.gateways.local_server import LOCAL_KEY, running_local_server

CONSENT = "May I ask you something?"
QUESTION = "What would you think of a loaf made with local flour that costs a little more?"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_local_server(tmp_path_factory.mktemp("exchange")) as url:
        yield url


@pytest.fixture
async def telephone(server: str, tmp_path: Path) -> AsyncGenerator[ConfiguredTelephony]:
    settings = Settings(  # pyright: ignore[reportCallIssue]
        _env_file=None,
        pipeline_state=tmp_path,
        local_providers_url=server,
        local_providers_key=LOCAL_KEY,
    )
    async with ConfiguredTelephony(settings, load_catalog(settings.providers_file)) as opened:
        yield opened


def order(to: str, **more: Any) -> CallOrder:
    return CallOrder(to, twiml(CONSENT, [QUESTION]), None, None, 20, **more)


async def until_over(telephone: ConfiguredTelephony, sid: str) -> StatusNews:
    for _ in range(300):
        news = await telephone.look(sid, 10)
        if news.status in ("completed", "busy", "no-answer", "failed"):
            return news
        await asyncio.sleep(0.1)
    raise AssertionError("the call does not end")


async def faults(server: str, *rules: dict[str, Any]) -> None:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {LOCAL_KEY}"}) as http:
        answer = await http.put(f"{server}/_control/faults", json={"rules": list(rules)})
        answer.raise_for_status()


async def test_a_talk_is_recorded_on_two_channels(telephone: ConfiguredTelephony) -> None:
    placed = await telephone.place(order("+12025550111"))
    news = await until_over(telephone, placed.sid)
    assert (news.status, news.answered_by) == ("completed", "human")
    assert news.seconds
    for _ in range(50):
        found = await telephone.recordings(placed.sid, 10)
        if [recording.state for recording in found] == ["completed"]:
            break
        await asyncio.sleep(0.1)
    (recording,) = found
    assert (recording.state, recording.channels) == ("completed", 2)
    with wave.open(io.BytesIO(await telephone.fetch(recording.sid, 10))) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 8000)
    (used,) = telephone.bill(news.seconds)
    assert used.provider == "local:twilio"
    assert used.quantity % 60 == 0


@pytest.mark.parametrize(
    ("number", "status"),
    [
        ("+12025550190", "busy"),
        ("+12025550191", "no-answer"),
        ("+12025550192", "failed"),
        ("+12025550195", "completed"),
    ],
)
async def test_every_way_a_call_ends(
    telephone: ConfiguredTelephony, number: str, status: str
) -> None:
    placed = await telephone.place(order(number))
    assert (await until_over(telephone, placed.sid)).status == status


async def test_an_invalid_number_is_permanent_and_says_what_to_do(
    telephone: ConfiguredTelephony,
) -> None:
    with pytest.raises(Permanent) as refused:
        await telephone.place(order("+12025550193"))
    assert refused.value.code == "INVALID_NUMBER"
    assert "21211" in refused.value.message
    assert refused.value.advice


async def test_a_lost_answer_is_unconfirmed_and_the_call_is_found(
    telephone: ConfiguredTelephony, server: str
) -> None:
    number, since = "+12025550114", datetime.now(UTC) - timedelta(seconds=1)
    rule = {"match": {"path_regex": r"Calls\.json"}, "times": 1, "action": {"lost_answer": True}}
    await faults(server, rule)
    with pytest.raises(Transient) as lost:
        await telephone.place(order(number))
    await faults(server)
    assert lost.value.code == "CALL_UNCONFIRMED"
    (found,) = await telephone.find(number, since, 10)
    assert (await until_over(telephone, found.sid)).status == "completed"


@pytest.mark.parametrize(
    ("status", "code"),
    [(429, "RATE_LIMITED"), (500, "CALL_UNCONFIRMED"), (503, "CALL_UNCONFIRMED")],
)
async def test_only_a_clear_refusal_may_be_repeated(
    telephone: ConfiguredTelephony, server: str, status: int, code: str
) -> None:
    await faults(server, {"times": 1, "action": {"status": status}})
    with pytest.raises(Transient) as failed:
        await telephone.place(order("+12025550111"))
    assert failed.value.code == code


async def test_a_dead_provider_was_surely_not_asked(tmp_path: Path) -> None:
    settings = Settings(  # pyright: ignore[reportCallIssue]
        _env_file=None,
        pipeline_state=tmp_path,
        local_providers_url="http://127.0.0.1:9",
        local_providers_key=LOCAL_KEY,
    )
    async with ConfiguredTelephony(settings, load_catalog(settings.providers_file)) as telephone:
        with pytest.raises(Transient) as failed:
            await telephone.place(order("+12025550111"))
    assert failed.value.code == "UNREACHABLE"


async def test_a_wrong_token_names_the_variable_and_shows_nothing(
    server: str, tmp_path: Path
) -> None:
    settings = Settings(  # pyright: ignore[reportCallIssue]
        _env_file=None,
        pipeline_state=tmp_path,
        twilio_account_sid="AC" + "0" * 32,
        twilio_auth_token="a-secret-token",
        twilio_phone_number=policies.LOCAL_PHONE_NUMBER,
        twilio_base_url=f"{server}/twilio",
    )
    async with ConfiguredTelephony(settings, load_catalog(settings.providers_file)) as telephone:
        with pytest.raises(Permanent) as refused:
            await telephone.place(order("+12025550111"))
    assert refused.value.code == "NOT_AUTHORIZED"
    assert "TWILIO_AUTH_TOKEN" in refused.value.advice
    assert "a-secret-token" not in f"{refused.value!r} {refused.value.__cause__!r}"


async def test_ids_that_are_none_never_become_part_of_an_address(
    telephone: ConfiguredTelephony,
) -> None:
    for work in (telephone.look("../x", 5), telephone.fetch("RE/../..", 5)):
        with pytest.raises(Permanent) as refused:
            await work
        assert refused.value.code == "INVALID_SID"
