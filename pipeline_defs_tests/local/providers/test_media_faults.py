"""Faults on answers that are bytes: what the client sees, what it pays, what its key remembers."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import httpx
import pytest

from pipeline_defs_tests.local.providers.client import KEY, Providers
from pipeline_defs_tests.local.providers.media import (
    MUSIC,
    SPEECH,
    VIDEOS,
    VOICE,
    finished,
    music_body,
    read_wav,
    speech_body,
    video_body,
)

SHORT = speech_body("Hello there.")
GONE = (httpx.RemoteProtocolError, httpx.ReadError)


async def said(providers: Providers, key: str = "") -> httpx.Response:
    return await providers.post(SPEECH, SHORT, key=key)


async def counted(providers: Providers) -> tuple[int, int]:
    totals = (await providers.totals())["speech"]
    return totals["billed"], totals["replayed"]


async def test_bytes_are_kept_under_their_key_with_their_type(providers: Providers) -> None:
    first, again = await said(providers, "k"), await said(providers, "k")
    assert again.content == first.content
    assert again.headers["content-type"] == "audio/wav"
    assert again.headers["idempotent-replayed"] == "true"
    assert await counted(providers) == (1, 1)


async def test_twenty_equal_requests_at_once_are_spoken_once(providers: Providers) -> None:
    answers = await asyncio.gather(*[said(providers, "k") for _ in range(20)])
    assert len({answer.content for answer in answers}) == 1
    assert await counted(providers) == (1, 19)


@pytest.mark.parametrize(
    ("path", "body"),
    [(SPEECH, SHORT), (VOICE, {"text": "Hello there."}), (MUSIC, music_body(3))],
)
async def test_a_status_is_in_the_providers_shape_and_costs_nothing(
    path: str, body: dict[str, Any], providers: Providers
) -> None:
    await providers.faults({"action": {"status": 429, "headers": {"Retry-After": "3"}}})
    response = await providers.post(path, body, **{"xi-api-key": KEY})
    assert (response.status_code, response.headers["retry-after"]) == (429, "3")
    shape = response.json()
    assert (shape.get("error") or shape["detail"])["message"]
    assert not (await providers.calls())[0]["billed"]


@pytest.mark.parametrize(("garbage", "start"), [("html", b"<!doctype"), ("empty", b"")])
async def test_garbage_from_in_between_costs_nothing(
    garbage: str, start: bytes, providers: Providers
) -> None:
    await providers.faults({"times": 1, "action": {"garbage": garbage}})
    broken = await said(providers, "k")
    assert (broken.status_code, broken.content[:9]) == (200, start)
    read_wav((await said(providers, "k")).content)
    assert await counted(providers) == (1, 0)


async def test_a_broken_file_was_paid_for_and_comes_whole_under_its_key(
    providers: Providers,
) -> None:
    await providers.faults(
        {"times": 1, "action": {"garbage": "bad_json"}},
        {"times": 1, "action": {"garbage": "wrong_schema"}},
    )
    half, other, whole = [await said(providers, "k") for _ in range(3)]
    assert len(half.content) == len(whole.content) // 2
    assert half.headers["content-type"] == "audio/wav"
    assert json.loads(other.content) == {"unexpected": True}
    assert other.headers["content-type"].startswith("application/json")
    assert await counted(providers) == (1, 2)


@pytest.mark.parametrize("fault", [{"lost_answer": True}, {"truncate": True}, {"truncate": 100}])
async def test_a_cut_connection_leaves_the_answer_under_its_key(
    fault: dict[str, Any], socket_providers: Providers
) -> None:
    await socket_providers.faults({"times": 1, "action": fault})
    with pytest.raises(GONE):
        await said(socket_providers, "k")
    read_wav((await said(socket_providers, "k")).content)
    assert await counted(socket_providers) == (1, 1)


async def test_a_dripped_file_is_whole_but_slow(socket_providers: Providers) -> None:
    drip = {"chunk_bytes": 10_000, "interval": 0.05}
    await socket_providers.faults({"times": 1, "action": {"drip": drip}})
    began = time.monotonic()
    response = await said(socket_providers)
    read_wav(response.content)
    assert time.monotonic() - began >= 0.05 * (len(response.content) // 10_000)


async def test_a_client_that_gives_up_finds_its_file_under_its_key(
    socket_providers: Providers,
) -> None:
    await socket_providers.faults({"times": 1, "action": {"delay": 0.4}})
    with pytest.raises(httpx.ReadTimeout):
        await socket_providers.http.post(
            SPEECH,
            json=SHORT,
            headers={**socket_providers.headers, "Idempotency-Key": "k"},
            timeout=0.1,
        )
    read_wav((await said(socket_providers, "k")).content)
    await asyncio.sleep(0.5)
    assert await counted(socket_providers) == (1, 1)


async def test_faults_can_be_aimed_at_each_step_of_a_video(providers: Providers) -> None:
    await providers.http.put("/_control/latency", json={"video": 0}, headers=providers.headers)
    await providers.faults(
        {"match": {"path_regex": "/content$"}, "times": 1, "action": {"status": 502}},
        {"match": {"path_regex": "/videos/job-[^/]*$"}, "times": 1, "action": {"status": 503}},
        {"match": {"body_contains": '"callback_url":"'}, "times": 1, "action": {"status": 500}},
    )
    order = await providers.post(VIDEOS, video_body())
    assert order.status_code == 202
    job_id = order.json()["id"]
    assert (await providers.get(f"{VIDEOS}/{job_id}")).status_code == 503
    await finished(providers, job_id)
    statuses = [(await providers.get(f"{VIDEOS}/{job_id}/content")).status_code for _ in range(2)]
    assert statuses == [502, 200]


async def test_speech_and_transcription_refuse_in_their_shapes(providers: Providers) -> None:
    await providers.faults({"action": {"refusal": True}})
    spoken = await said(providers)
    assert (spoken.status_code, spoken.json()["error"]["code"]) == (400, "content_policy_violation")
    eleven = await providers.post(VOICE, {"text": "Hello"}, **{"xi-api-key": KEY})
    assert eleven.json()["detail"]["status"] == "content_against_policy"
