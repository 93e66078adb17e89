"""The latency model: ready-made answers after a fixed time, billed as usual."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from pipeline_defs.local.providers.engine.ready_made import SPEECH_SECONDS
from pipeline_defs.media.clip_facts import clip_facts
from pipeline_defs_tests.local.providers.client import KEY, Providers
from pipeline_defs_tests.local.providers.media import (
    IMAGES,
    MUSIC,
    SENTENCE,
    SPEECH,
    VIDEOS,
    finished,
    image_body,
    music_body,
    read_any,
    read_wav,
    speech_body,
    video_body,
)


async def put(providers: Providers, **seconds: float) -> Any:
    return await providers.http.put("/_control/latency", json=seconds, headers=providers.headers)


async def test_a_model_can_be_put_shown_and_ended(providers: Providers) -> None:
    assert (await put(providers, image=0.2, speech=0.1)).json() == {"image": 0.2, "speech": 0.1}
    assert (await providers.get("/_control/latency")).json() == {"image": 0.2, "speech": 0.1}
    ended = await providers.http.delete("/_control/latency", headers=providers.headers)
    assert ended.status_code == 204
    assert (await providers.get("/_control/latency")).json() == {}


@pytest.mark.parametrize("body", [{"text": 1}, {"image": -1}, {"image": "soon"}, [1]])
async def test_a_model_that_is_not_valid_is_named(body: Any, providers: Providers) -> None:
    response = await providers.http.put("/_control/latency", json=body, headers=providers.headers)
    assert response.status_code == 422
    assert response.json()["errors"]


async def test_the_model_needs_the_key(providers: Providers) -> None:
    assert (await providers.http.get("/_control/latency")).status_code == 401


async def test_speech_is_ready_made_of_one_length_and_billed(
    providers: Providers,
) -> None:
    await put(providers, speech=0.05)
    first = await providers.post(SPEECH, speech_body("One."))
    second = await providers.post(SPEECH, speech_body("Two."))
    assert first.content == second.content
    samples, rate = read_wav(first.content)
    assert len(samples) == round(SPEECH_SECONDS * rate)
    mp3 = await providers.post(SPEECH, speech_body(SENTENCE, response_format="mp3"))
    heard, rate = read_any(mp3.content, "mp3")
    assert heard.shape[1] / rate == pytest.approx(SPEECH_SECONDS, abs=0.06)
    totals = (await providers.totals())["speech"]
    assert totals["billed"] == 3
    assert (await providers.calls())[-1]["quantity"] == len(SENTENCE)


async def test_pictures_and_music_are_ready_made_in_every_size(providers: Providers) -> None:
    await put(providers, image=0, music=0)
    pictures = [
        (await providers.post(IMAGES, image_body(prompt=prompt), key=key)).json()
        for prompt, key in (("One", ""), ("Two", ""), ("Two", "a"), ("Two", "b"))
    ]
    assert len({picture["data"][0]["b64_json"] for picture in pictures}) == 1
    eleven = {"xi-api-key": KEY}
    for seconds in (3, 4.5):
        piece = await providers.post(MUSIC, music_body(seconds), **eleven)
        samples, rate = read_any(piece.content, "mp3")
        assert samples.shape[1] / rate == pytest.approx(seconds, abs=0.06)


async def test_answers_take_their_time_side_by_side(providers: Providers) -> None:
    await put(providers, speech=0)
    await providers.post(SPEECH, speech_body())  # made once
    await put(providers, speech=0.4)
    began = time.monotonic()
    await asyncio.gather(*[providers.post(SPEECH, speech_body(str(n))) for n in range(30)])
    took = time.monotonic() - began
    assert took >= 0.4
    assert took < 30 * 0.4 / 2  # more at once than there are threads


async def test_a_clip_is_ready_made_after_its_time(providers: Providers) -> None:
    await put(providers, video=0.05)
    orders = [await providers.post(VIDEOS, video_body(seed=n), key=f"k{n}") for n in range(3)]
    ids = [order.json()["id"] for order in orders]
    jobs = [await finished(providers, job_id) for job_id in ids]
    assert {job["status"] for job in jobs} == {"completed"}
    clips = [(await providers.get(f"{VIDEOS}/{job_id}/content")).content for job_id in ids]
    assert clips[0] == clips[1] == clips[2]
    assert clip_facts(clips[0], 5).conforms
    assert (await providers.totals())["video"]["billed"] == 3
