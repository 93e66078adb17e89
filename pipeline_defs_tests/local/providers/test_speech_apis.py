"""Speech in the shapes of OpenAI, OpenRouter and ElevenLabs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pipeline_defs.local.providers.engine.decimals import with_spoken_decimals
from pipeline_defs.local.providers.engine.voices import BRIGHT, DEEP, VOICES, WARM, voice_of
from pipeline_defs_tests.local.providers.client import KEY, Providers
from pipeline_defs_tests.local.providers.media import (
    ROUTER_SPEECH,
    SENTENCE,
    SPEECH,
    VOICE,
    pitch_of,
    read_any,
    read_wav,
    speech_body,
)

ELEVEN = {"xi-api-key": KEY}


async def test_the_same_words_give_the_same_bytes(providers: Providers) -> None:
    first = await providers.post(SPEECH, speech_body())
    second = await providers.post(SPEECH, speech_body())
    assert first.status_code == 200
    assert first.headers["content-type"] == "audio/wav"
    assert first.content == second.content
    samples, rate = read_wav(first.content)
    assert rate == 24_000
    assert 6 < len(samples) / rate < 12
    assert 0.1 < np.abs(samples).max() < 1


@pytest.mark.parametrize(("name", "form"), [("mp3", "mp3"), ("flac", "flac"), ("opus", "ogg")])
async def test_other_formats_hold_the_same_speech(
    name: str, form: str, providers: Providers
) -> None:
    wanted, rate = read_wav((await providers.post(SPEECH, speech_body())).content)
    response = await providers.post(SPEECH, speech_body(response_format=name))
    samples, other = read_any(response.content, form)
    assert samples.shape[1] / other == pytest.approx(len(wanted) / rate, abs=0.06)


async def test_openrouter_speaks_bare_samples_and_says_how_to_play_them(
    providers: Providers,
) -> None:
    wav, _ = read_wav((await providers.post(SPEECH, speech_body())).content)
    body = {"model": "hexgrad/kokoro-82m", "voice": "af_heart", "input": SENTENCE}
    response = await providers.post(ROUTER_SPEECH, body)
    assert response.headers["content-type"] == "audio/pcm;rate=24000;channels=1"
    assert response.headers["x-generation-id"].startswith("gen-tts-")
    assert len(response.content) == 2 * len(wav)


async def test_the_three_voices_differ_in_pitch_and_hardly_in_length(providers: Providers) -> None:
    pitches: list[float] = []
    lengths: list[float] = []
    for voice in ("onyx", "coral", "nova"):
        answer = await providers.post(SPEECH, speech_body(voice=voice))
        samples, rate = read_wav(answer.content)
        pitches.append(pitch_of(samples, rate))
        lengths.append(len(samples) / rate)
    deep, warm, bright = pitches
    assert deep * 1.15 < warm < bright / 1.08
    assert max(lengths) < 1.25 * min(lengths)


def test_voices_of_providers_always_get_the_same_one_of_ours() -> None:
    assert [voice_of(name) for name in ("coral", "onyx", "nova")] == [WARM, DEEP, BRIGHT]
    assert [voice_of(name) for name in ("af_heart", "am_onyx", "af_nova")] == [WARM, DEEP, BRIGHT]
    ids = ("EXAVITQu4vr4xnSDxMaL", "nPczCjzI2devNBz1zQrb", "cgSgspJ2msm6clMCkdW9")
    assert [voice_of(name) for name in ids] == [WARM, DEEP, BRIGHT]
    unknown = [voice_of(f"voice-{number}") for number in range(60)]
    assert set(unknown) == set(VOICES)
    assert unknown == [voice_of(f"voice-{number}") for number in range(60)]


@pytest.mark.parametrize("speed", [0.9, 0.95, 1.05, 1.1])
async def test_a_speed_shortens_as_much_as_it_says(speed: float, providers: Providers) -> None:
    """The model alone gives 1.03 where 1.1 is asked for."""
    usual = await providers.post(SPEECH, speech_body())
    quick = await providers.post(SPEECH, speech_body(speed=speed))
    assert len(usual.content) / len(quick.content) == pytest.approx(speed, rel=0.03)


@pytest.mark.parametrize("speed", [0.25, 4.0])
async def test_the_ends_of_the_range_are_spoken_too(speed: float, providers: Providers) -> None:
    usual = await providers.post(SPEECH, speech_body("Hello there."))
    other = await providers.post(SPEECH, speech_body("Hello there.", speed=speed))
    assert (len(other.content) > len(usual.content)) == (speed < 1)


@pytest.mark.parametrize("output", ["pcm_24000", "pcm_44100", "mp3_44100_128"])
async def test_elevenlabs_takes_the_format_from_the_query(
    output: str, providers: Providers
) -> None:
    wanted, rate = read_wav((await providers.post(SPEECH, speech_body())).content)
    body = {"text": SENTENCE, "model_id": "eleven_multilingual_v2", "voice_settings": {"speed": 1}}
    response = await providers.http.post(
        VOICE, params={"output_format": output}, json=body, headers=ELEVEN
    )
    assert response.status_code == 200
    seconds = len(wanted) / rate
    if output.startswith("pcm"):
        assert response.headers["content-type"] == "audio/pcm"
        got = len(response.content) / 2 / int(output.removeprefix("pcm_"))
    else:
        samples, other = read_any(response.content, "mp3")
        got = samples.shape[1] / other
    assert got == pytest.approx(seconds, abs=0.06)
    call = (await providers.calls())[-1]
    assert (call["quantity"], call["unit"]) == (len(SENTENCE), "characters")


async def test_elevenlabs_has_a_header_of_its_own_for_the_key(providers: Providers) -> None:
    response = await providers.post(VOICE, {"text": "Hello"})
    assert response.status_code == 401
    assert response.json()["detail"]["status"] == "invalid_api_key"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (SPEECH, speech_body("a" * 4097)),
        (SPEECH, speech_body("")),
        (SPEECH, speech_body(speed=5)),
        (SPEECH, speech_body(response_format="midi")),
        (VOICE, {"text": "Hello", "voice_settings": {"speed": 1.5}}),
        (VOICE + "?output_format=pcm_12345", {"text": "Hello"}),
        (VOICE + "?output_format=pcm_24000_128", {"text": "Hello"}),
    ],
)
async def test_what_cannot_be_said_is_a_bad_request(
    path: str, body: dict[str, Any], providers: Providers
) -> None:
    response = await providers.post(path, body, **ELEVEN)
    assert response.status_code == 400
    assert response.json().keys() & {"error", "detail"}


@pytest.mark.parametrize("text", ["🎉🎉", "。", " \n "])
async def test_a_text_with_nothing_to_say_gives_silence(text: str, providers: Providers) -> None:
    samples, _ = read_wav((await providers.post(SPEECH, speech_body(text))).content)
    assert len(samples) > 0
    assert np.abs(samples).max() == 0


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Pi is 3.14.", "Pi is 3 point one four."),
        ("0.5% of 12,345.67 km", "0 point five percent of 12,345 point six seven km"),
        ("It costs $9.99 at 7:30 with version 1.2.3.", None),
        ("In 1990. 5 more", None),
        (".25 is a quarter", "point two five is a quarter"),
    ],
)
def test_decimals_are_spelled_out(written: str, spoken: str | None) -> None:
    assert with_spoken_decimals(written) == (spoken or written)


async def test_the_real_client_of_openai_gets_speech(socket_providers: Providers) -> None:
    from openai import AsyncOpenAI

    base_url = str(socket_providers.http.base_url.join("/openai/v1"))
    async with AsyncOpenAI(api_key=KEY, base_url=base_url, max_retries=0) as client:
        answer = await client.audio.speech.create(
            model="tts-1-hd", voice="onyx", input="Hello there.", response_format="wav", speed=1.1
        )
        samples, rate = read_wav(answer.content)
    assert len(samples) / rate > 0.4
