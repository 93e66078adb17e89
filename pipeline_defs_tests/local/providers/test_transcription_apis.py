"""Transcription in the shapes of OpenAI, OpenRouter and ElevenLabs: what was spoken is heard."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import jiwer
import pytest
from whisper_normalizer.english import EnglishTextNormalizer

from pipeline_defs_tests.local.providers.client import KEY, Providers
from pipeline_defs_tests.local.providers.media import (
    ROUTER_TRANSCRIPTIONS,
    SENTENCE,
    SPEECH,
    TRANSCRIPTIONS,
    speech_body,
)

WORD = {"response_format": "verbose_json", "timestamp_granularities[]": "word"}


async def spoken(providers: Providers, **more: Any) -> bytes:
    return (await providers.post(SPEECH, speech_body(**more))).content


async def heard(
    providers: Providers, sound: bytes, key: str = "", name: str = "sound.wav", **fields: Any
) -> httpx.Response:
    keyed = {"Idempotency-Key": key} if key else {}
    return await providers.http.post(
        TRANSCRIPTIONS,
        data={"model": "whisper-1", **fields},
        files={"file": (name, sound, "audio/wav")},
        headers={**providers.headers, **keyed},
    )


def errors_in(text: str) -> float:
    """The word error rate against the sentence of the tests."""
    normal = EnglishTextNormalizer()
    return jiwer.wer(normal(SENTENCE), normal(text))


@pytest.mark.parametrize("voice", ["coral", "onyx", "nova"])
async def test_each_voice_is_understood(voice: str, providers: Providers) -> None:
    response = await heard(providers, await spoken(providers, voice=voice))
    assert response.status_code == 200
    assert errors_in(response.json()["text"]) <= 0.05


async def test_verbose_answers_have_times_and_measures_of_trust(providers: Providers) -> None:
    sound = await spoken(providers, response_format="mp3")
    fields = {"response_format": "verbose_json", "timestamp_granularities[]": ["word", "segment"]}
    body = (await heard(providers, sound, name="sound.mp3", **fields)).json()
    assert body["task"] == "transcribe"
    assert 6 < body["duration"] < 12
    segment = body["segments"][0]
    assert segment["avg_logprob"] > -0.6
    assert segment["no_speech_prob"] < 0.5
    assert 0.5 < segment["compression_ratio"] < 2.4
    starts = [word["start"] for word in body["words"]]
    assert starts == sorted(starts)
    assert body["words"][0]["word"] == "Volcanoes"
    assert body["words"][-1]["end"] <= body["duration"] + 0.3
    call = (await providers.calls())[-1]
    assert (call["capability"], call["unit"]) == ("transcription", "seconds")
    assert call["quantity"] == pytest.approx(body["duration"], abs=0.01)


async def test_a_form_sent_again_under_its_key_is_free(providers: Providers) -> None:
    sound = await spoken(providers)
    first = await heard(providers, sound, key="k")  # each form has a random boundary
    again = await heard(providers, sound, key="k")
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    other = await heard(providers, sound + b"\0\0", key="k")
    assert other.status_code == 409
    assert (await providers.totals())["transcription"]["billed"] == 1


async def test_openrouter_takes_the_sound_inside_the_json(providers: Providers) -> None:
    sound = base64.b64encode(await spoken(providers)).decode()
    body = {
        "model": "openai/whisper-1",
        "input_audio": {"data": sound, "format": "wav"},
        "response_format": "verbose_json",
        "timestamp_granularities": ["word"],
    }
    answer = (await providers.post(ROUTER_TRANSCRIPTIONS, body)).json()
    assert errors_in(answer["text"]) <= 0.05
    assert answer["usage"]["cost"] == (await providers.calls())[-1]["cost_usd"] > 0
    assert all(0 <= word["confidence"] <= 1 for word in answer["words"])


async def test_elevenlabs_gives_each_words_log_probability(providers: Providers) -> None:
    response = await providers.http.post(
        "/elevenlabs/v1/speech-to-text",
        data={"model_id": "scribe_v2", "language_code": "en"},
        files={"file": ("sound.wav", await spoken(providers), "audio/wav")},
        headers={"xi-api-key": KEY},
    )
    words = response.json()["words"]
    assert words[0]["text"] == "Volcanoes"
    assert all(word["logprob"] <= 0 for word in words)


@pytest.mark.parametrize(
    "sound",
    [
        b"",
        b"no sound at all",
        b"RIFF\x24\x00\x00\x00WAVEfmt ",
        b"ID3\x04" + b"\0" * 2000,
        b"fLaC" + b"\xff" * 500,
        b"\0\0\0\x18ftypisom" + b"\0" * 500,
        b"#EXTM3U\n#EXTINF:1\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
    ],
)
async def test_what_is_no_sound_is_a_bad_request(sound: bytes, providers: Providers) -> None:
    response = await heard(providers, sound)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "invalid_audio"
    assert not (await providers.calls())[-1]["billed"]


async def test_half_a_file_is_heard_as_far_as_it_goes(providers: Providers) -> None:
    sound = await spoken(providers, response_format="mp3")
    response = await heard(providers, sound[: len(sound) // 2])
    assert response.json()["text"].startswith("Volcanoes")


async def test_another_language_is_refused_honestly(providers: Providers) -> None:
    response = await heard(providers, await spoken(providers), language="de")
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "unsupported_language"


async def test_a_form_without_its_file_names_the_field(providers: Providers) -> None:
    response = await providers.http.post(
        TRANSCRIPTIONS,
        data={"model": "whisper-1"},
        files={"other": ("a.wav", b"x", "audio/wav")},
        headers=providers.headers,
    )
    assert response.status_code == 400
    assert response.json()["error"]["param"] == "file"


async def test_more_than_25_megabytes_are_too_large(providers: Providers) -> None:
    assert (await heard(providers, b"\0" * 25_000_001)).status_code == 413
    response = await providers.http.post(
        TRANSCRIPTIONS, content=b"\0" * 40_000_001, headers=providers.headers
    )
    assert response.status_code == 413


async def test_the_real_client_of_openai_gets_words_with_times(socket_providers: Providers) -> None:
    from openai import AsyncOpenAI

    sound = await spoken(socket_providers)
    base_url = str(socket_providers.http.base_url.join("/openai/v1"))
    async with AsyncOpenAI(api_key=KEY, base_url=base_url, max_retries=0) as client:
        answer = await client.audio.transcriptions.create(
            model="whisper-1",
            file=("sound.wav", sound, "audio/wav"),
            response_format="verbose_json",
            timestamp_granularities=["word"],
            language="en",
        )
    assert errors_in(answer.text) <= 0.05
    assert answer.words is not None
    assert answer.words[0].word == "Volcanoes"
