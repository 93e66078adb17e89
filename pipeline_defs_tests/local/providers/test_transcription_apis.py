"""Transcription in the shapes of OpenAI, OpenRouter and ElevenLabs: what was spoken is heard."""

from __future__ import annotations

import base64
import contextlib
import io
import random
import wave
from typing import Any

import httpx
import jiwer
import numpy as np
import pytest
from whisper_normalizer.english import EnglishTextNormalizer

from pipeline_defs.local.providers.engine.decoding import decoded_sound
from pipeline_defs.local.providers.engine.encoding import AudioFormat, encoded
from pipeline_defs.local.providers.server.shapes import ApiError
from pipeline_defs_tests.local.providers.client import KEY, Providers
from pipeline_defs_tests.local.providers.media import (
    ROUTER_TRANSCRIPTIONS,
    SENTENCE,
    SPEECH,
    TRANSCRIPTIONS,
    Samples,
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


async def scribed(providers: Providers, sound: bytes, **fields: Any) -> httpx.Response:
    return await providers.http.post(
        "/elevenlabs/v1/speech-to-text",
        data={"model_id": "scribe_v2", "language_code": "en", **fields},
        files={"file": ("sound", sound, "audio/wav")},
        headers={"xi-api-key": KEY},
    )


def samples_of(sound: bytes) -> tuple[Samples, int]:
    """The samples of a WAV of one channel, and their rate."""
    with wave.open(io.BytesIO(sound)) as file:
        frames = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return frames / np.float32(32768), file.getframerate()


@pytest.mark.parametrize("kind", ["wav", "flac"])
async def test_elevenlabs_tells_channels_apart_and_bills_each(
    kind: str, providers: Providers
) -> None:
    first, rate = samples_of(await spoken(providers))
    other, _ = samples_of(await spoken(providers, text="Rivers carry water to the sea."))
    both = np.zeros((len(first), 2), np.float32)
    both[: len(other), 0], both[:, 1] = other, first
    sound = (
        wav_of(both, rate, 2)
        if kind == "wav"
        else encoded([both], rate, AudioFormat("flac", rate), 2)
    )
    body = (await scribed(providers, sound, use_multi_channel="true")).json()
    rivers, volcanoes = body["transcripts"]
    assert [rivers["channel_index"], volcanoes["channel_index"]] == [0, 1]
    assert rivers["text"].startswith("Rivers carry water")
    assert errors_in(volcanoes["text"]) <= 0.05
    assert {word["channel_index"] for word in volcanoes["words"]} == {1}
    call = (await providers.calls())[-1]
    assert call["quantity"] == pytest.approx(2 * len(first) / rate, abs=0.05)


async def test_one_channel_is_one_transcript_also_where_several_were_allowed(
    providers: Providers,
) -> None:
    body = (await scribed(providers, await spoken(providers), use_multi_channel="true")).json()
    assert "transcripts" not in body
    assert body["words"][0]["text"] == "Volcanoes"


async def test_more_channels_than_elevenlabs_takes_are_refused(providers: Providers) -> None:
    six = wav_of(np.zeros((8_000, 6), np.float32), 8_000, 6)
    response = await scribed(providers, six, use_multi_channel="true")
    assert response.status_code == 400


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


def wav_of(samples: Samples, rate: int, channels: int) -> bytes:
    """16-bit samples with a header, as any tool writes them."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((channels, 2, rate, 0, "NONE", ""))
        sound.writeframes((samples * 32767).astype("<i2").tobytes())
    return file.getvalue()


def test_sound_of_any_rate_and_channels_becomes_mono_at_the_recognisers_rate() -> None:
    time = np.arange(44_100, dtype=np.float32) / 44_100
    tone = np.float32(0.5) * np.sin(2 * np.pi * 440 * time, dtype=np.float32)
    both = np.stack([tone, tone], axis=1)
    plain = decoded_sound(wav_of(both, 44_100, 2))
    flac = decoded_sound(encoded([both], 44_100, AudioFormat("flac", 44_100), 2))
    assert len(plain) == pytest.approx(16_000, abs=2)
    assert len(flac) == pytest.approx(16_000, abs=40)
    assert np.abs(plain).max() == pytest.approx(0.5, abs=0.02)
    same = slice(2000, 14_000)
    assert np.abs(plain[same] - flac[same]).max() < 0.02


@pytest.mark.parametrize(
    ("seconds", "rate", "channels", "word"),
    [(1900, 4_000, 1, "longer"), (1, 100, 1, "rate"), (1, 8_000, 9, "channels")],
)
def test_sound_beyond_the_bounds_is_refused(
    seconds: int, rate: int, channels: int, word: str
) -> None:
    silence = np.zeros((seconds * rate, channels), np.float32)
    with pytest.raises(ApiError, match=word):
        decoded_sound(wav_of(silence, rate, channels))


@pytest.mark.parametrize("kind", ["wav", "mp3", "flac", "opus"])
def test_a_file_with_flipped_bytes_is_heard_or_refused_and_never_an_error(kind: str) -> None:
    chance = random.Random(5)
    noise = np.random.default_rng(1).standard_normal(12_000).astype(np.float32) / 10
    rate = 48_000 if kind == "opus" else 24_000
    whole = encoded([noise], 24_000, AudioFormat(kind, rate))
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 2, 5, 30))):
            within = min(len(damaged), chance.choice((60, 200, 5000)))
            damaged[chance.randrange(within)] = chance.randrange(256)
        end = chance.randrange(len(damaged)) if chance.random() < 0.3 else len(damaged)
        with contextlib.suppress(ApiError):
            decoded_sound(bytes(damaged[:end]))


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
