"""Speech adapters: voices, speeds, formats, prices."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.gateways.failures import spent
from pipeline_defs.gateways.speech.chained import ChainedSpeech
from pipeline_defs.gateways.speech.port import SpeechAnswer
from pipeline_defs.settings import Settings
from pipeline_defs_tests.gateways.conftest import SECRET
from pipeline_defs_tests.gateways.media_cases import PCM, WAV, mp3_answer, only, speech_request
from pipeline_defs_tests.gateways.media_samples import mp3, picture, samples, wav
from pipeline_defs_tests.gateways.scripted_server import Answer, Request, ScriptedServer

Make = Callable[..., Settings]
OPENAI = "openai:tts-1-hd"
OPENROUTER = "openrouter:hexgrad/kokoro-82m"
ELEVENLABS = "elevenlabs:eleven_multilingual_v2"


@pytest.fixture
def port(server: ScriptedServer, settings_with: Make, catalog: Catalog) -> Callable[..., Any]:
    """The speech port with one model as its whole chain."""

    def make(model: str, **changes: Any) -> ChainedSpeech:
        provider = model.partition(":")[0]
        values = {f"{provider}_api_key": SECRET, f"{provider}_base_url": server.url}
        changed = catalog.models[model].model_copy(update=changes)
        models = {**catalog.models, model: changed}
        chain = only(catalog.model_copy(update={"models": models}), "speech", model)
        return ChainedSpeech(settings_with(**values), chain)

    return make


async def said(speech: ChainedSpeech, **changes: Any) -> SpeechAnswer:
    async with speech:
        return await speech.speak(replace(speech_request(), **changes))


async def failure(speech: ChainedSpeech, **changes: Any) -> PipelineError:
    with pytest.raises(PipelineError) as caught:
        await said(speech, **changes)
    return caught.value


def spoken_voice(request: Request) -> str:
    return (
        request.path.rpartition("/")[2]
        if "text-to-speech" in request.path
        else (request.json["voice"])
    )


@pytest.mark.parametrize("model", [OPENAI, OPENROUTER, ELEVENLABS])
async def test_each_of_our_voices_is_another_one_there(
    model: str, server: ScriptedServer, port: Callable[..., Any], catalog: Catalog
) -> None:
    server.default = lambda _: WAV
    for voice in ("warm", "deep", "bright"):
        await said(port(model), voice=voice)
    asked = [spoken_voice(request) for request in server.requests]
    assert asked == [catalog.models[model].voices[v] for v in ("warm", "deep", "bright")]
    assert len(set(asked)) == 3


@pytest.mark.parametrize("model", [OPENAI, OPENROUTER, ELEVENLABS])
async def test_a_voice_nobody_has_names_what_to_add(model: str, port: Callable[..., Any]) -> None:
    error = await failure(port(model), voice="hoarse")
    assert error.code == "NOT_CONFIGURED"
    assert "voices" in error.advice


@pytest.mark.parametrize(
    ("model", "speed", "asked"),
    [
        (OPENAI, 1.05, 1.05),
        (OPENAI, 9.0, 4.0),
        (OPENAI, 0.1, 0.25),
        (OPENROUTER, 1.05, 1.05),
        (OPENROUTER, 1.0, None),
        (ELEVENLABS, 1.05, 1.05),
        (ELEVENLABS, 1.5, 1.2),
        (ELEVENLABS, 0.5, 0.7),
    ],
)
async def test_the_speed_is_the_nearest_the_api_accepts(
    model: str,
    speed: float,
    asked: float | None,
    server: ScriptedServer,
    port: Callable[..., Any],
) -> None:
    server.script(WAV)
    await said(port(model), speed=speed)
    sent = server.requests[0].json
    assert sent.get("voice_settings", sent).get("speed") == asked


async def test_elevenlabs_is_asked_in_its_own_way(
    server: ScriptedServer, port: Callable[..., Any]
) -> None:
    server.script(PCM)
    await said(port(ELEVENLABS, options={"voice_settings": {"stability": 0.7}, "seed": 7}))
    request = server.requests[0]
    assert request.headers["xi-api-key"] == SECRET
    assert "authorization" not in request.headers
    assert request.query == {"output_format": "pcm_24000"}
    assert request.json == {
        "text": "A leaf is green.",
        "model_id": "eleven_multilingual_v2",
        "seed": 7,
        "voice_settings": {"stability": 0.7, "speed": 1.05},
    }


async def test_a_voice_of_any_spelling_stays_one_part_of_the_address(
    server: ScriptedServer, port: Callable[..., Any]
) -> None:
    server.script(PCM)
    await said(port(ELEVENLABS, voices={"deep": "../x?y"}))
    assert server.requests[0].path == "/v1/text-to-speech/..%2Fx%3Fy"


@pytest.mark.parametrize("model", [OPENROUTER, ELEVENLABS])
@pytest.mark.parametrize(
    ("kind", "rate"),
    [
        ("audio/pcm", 24_000),
        ("audio/pcm;rate=16000;channels=1", 16_000),
        ("audio/pcm; Rate=0", 24_000),
        ("audio/pcm;rate=soon", 24_000),
        ("application/octet-stream", 24_000),
    ],
)
async def test_raw_samples_become_a_wav(
    kind: str, rate: int, model: str, server: ScriptedServer, port: Callable[..., Any]
) -> None:
    server.script(Answer(samples(), headers={"content-type": kind}))
    answer = await said(port(model))
    assert answer.media_type == "audio/wav"
    with wave.open(io.BytesIO(answer.data)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (rate, 1, 2)
        assert sound.readframes(sound.getnframes()) == samples()


@pytest.mark.parametrize("model", [OPENAI, OPENROUTER, ELEVENLABS])
async def test_another_format_than_was_asked_for_is_taken_for_what_it_is(
    model: str, server: ScriptedServer, port: Callable[..., Any]
) -> None:
    server.script(mp3_answer(), WAV)
    answer = await said(port(model))
    assert (answer.data, answer.media_type) == (mp3(), "audio/mpeg")
    answer = await said(port(model))
    assert (answer.data, answer.media_type) == (wav(), "audio/wav")


@pytest.mark.parametrize(
    ("model", "body", "kind"),
    [
        (OPENAI, picture(), "audio/wav"),
        (OPENAI, wav()[:-10], "audio/wav"),
        (OPENAI, b"OggS" + bytes(3000), "audio/ogg"),
        (OPENAI, samples(), "application/octet-stream"),
        (OPENROUTER, wav()[:-10], "audio/pcm"),
        (OPENROUTER, b"", "audio/pcm"),
        (OPENROUTER, samples()[:-1], "audio/pcm"),
        (ELEVENLABS, b"OggS", "audio/mpeg"),
    ],
)
async def test_another_thing_than_whole_sound_is_invalid_and_on_the_bill(
    model: str, body: bytes, kind: str, server: ScriptedServer, port: Callable[..., Any]
) -> None:
    server.script(Answer(body, headers={"content-type": kind}))
    error = await failure(port(model))
    assert (error.code, error.retryable) == ("INVALID_ANSWER", True)
    assert [usage.quantity for usage in spent(error)] == [16]


@pytest.mark.parametrize(
    ("model", "cost"), [(OPENAI, "0.00048"), (OPENROUTER, "0.00000992"), (ELEVENLABS, "0.0016")]
)
async def test_speech_is_billed_by_its_characters(
    model: str, cost: str, server: ScriptedServer, port: Callable[..., Any]
) -> None:
    server.script(WAV)
    (usage,) = (await said(port(model))).usage
    assert (usage.capability, usage.quantity, usage.unit) == ("speech", 16, "characters")
    assert (usage.cost_usd, usage.cost_source) == (Decimal(cost), "computed")


async def test_a_voice_that_is_gone_moves_on_to_the_next_model_and_is_named(
    server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> None:
    gone = Answer({"detail": {"status": "voice_not_found", "message": "no voice"}}, 404)
    settings = settings_with(
        elevenlabs_api_key=SECRET,
        elevenlabs_base_url=server.url,
        openai_api_key=SECRET,
        openai_base_url=server.url,
    )
    server.script(gone, WAV, gone)
    async with ChainedSpeech(settings, catalog) as speech:
        assert (await speech.speak(speech_request())).provider == "openai"
    async with ChainedSpeech(settings, only(catalog, "speech", ELEVENLABS)) as speech:
        with pytest.raises(PipelineError, match="with the voice nPczCjzI2devNBz1zQrb"):
            await speech.speak(speech_request())
