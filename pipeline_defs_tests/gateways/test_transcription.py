"""Transcription adapters: how sound travels, how words and lengths are read."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.gateways.transcription.chained import ChainedTranscription
from pipeline_defs.gateways.transcription.port import TranscriptionAnswer, Word
from pipeline_defs.gateways.transcription.reading import MOST_BYTES
from pipeline_defs.settings import Settings
from pipeline_defs_tests.gateways.conftest import SECRET
from pipeline_defs_tests.gateways.media_cases import heard, hearing_request, only
from pipeline_defs_tests.gateways.media_samples import mp3, wav
from pipeline_defs_tests.gateways.scripted_server import Answer, ScriptedServer

Make = Callable[..., Settings]
Port = Callable[[str], ChainedTranscription]
OPENAI = "openai:whisper-1"
WORDLESS = "openai:gpt-transcribe"
OPENROUTER = "openrouter:openai/whisper-1"
ELEVENLABS = "elevenlabs:scribe_v2"
ALL = [OPENAI, WORDLESS, OPENROUTER, ELEVENLABS]


@pytest.fixture
def port(server: ScriptedServer, settings_with: Make, catalog: Catalog) -> Port:
    def make(model: str) -> ChainedTranscription:
        provider = model.partition(":")[0]
        values = {f"{provider}_api_key": SECRET, f"{provider}_base_url": server.url}
        return ChainedTranscription(settings_with(**values), only(catalog, "transcription", model))

    return make


async def transcribed(transcription: ChainedTranscription, **changes: Any) -> TranscriptionAnswer:
    async with transcription:
        return await transcription.transcribe(replace(hearing_request(), **changes))


async def failure(transcription: ChainedTranscription, **changes: Any) -> PipelineError:
    with pytest.raises(PipelineError) as caught:
        await transcribed(transcription, **changes)
    return caught.value


@pytest.mark.parametrize("model", ALL)
async def test_text_words_and_length_are_read(
    model: str, server: ScriptedServer, port: Port
) -> None:
    server.script(Answer(heard()))
    answer = await transcribed(port(model))
    assert answer.text == "A leaf."
    assert answer.words == (Word("A", 0.1, 0.2), Word("leaf.", 0.2, 0.6))
    assert answer.seconds == 2.0


@pytest.mark.parametrize(("model", "words"), [(OPENAI, True), (WORDLESS, False)])
async def test_openai_gets_a_file_and_is_asked_for_words_where_it_has_them(
    model: str, words: bool, server: ScriptedServer, port: Port
) -> None:
    server.script(Answer(heard()))
    await transcribed(port(model))
    request = server.requests[0]
    assert request.headers["content-type"].startswith("multipart/form-data")
    assert wav(2.0) in request.body
    assert b'filename="sound.wav"' in request.body
    assert (b"verbose_json" in request.body) is words
    assert (b'name="timestamp_granularities[]"' in request.body) is words
    assert b'name="language"\r\n\r\nen\r\n' in request.body


@pytest.mark.parametrize("chain", [(WORDLESS, OPENAI), (OPENAI, WORDLESS)])
async def test_who_needs_times_is_never_answered_by_a_model_without_them(
    chain: tuple[str, ...], server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> None:
    settings = settings_with(openai_api_key=SECRET, openai_base_url=server.url)
    server.script(Answer({"error": {"message": "busy"}}, 503), Answer(heard()))
    listens = ChainedTranscription(settings, only(catalog, "transcription", *chain))
    with contextlib.suppress(PipelineError):  # out of order, and nobody else can be asked
        await transcribed(listens, times_needed=True)
    assert server.requests
    assert all(b"whisper-1" in request.body for request in server.requests)


async def test_a_chain_without_times_says_what_is_missing(
    server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> None:
    settings = settings_with(openai_api_key=SECRET, openai_base_url=server.url)
    listens = ChainedTranscription(settings, only(catalog, "transcription", WORDLESS))
    refused = await failure(listens, times_needed=True)
    assert refused.code == "NO_WORD_TIMES"
    assert "words = true" in (refused.advice or "")
    assert server.requests == []


async def test_openrouter_gets_the_sound_inside_the_json(
    server: ScriptedServer, port: Port
) -> None:
    server.script(Answer(heard()))
    await transcribed(port(OPENROUTER), audio=mp3(), media_type="audio/mpeg")
    assert server.requests[0].json == {
        "model": "openai/whisper-1",
        "input_audio": {"data": base64.b64encode(mp3()).decode(), "format": "mp3"},
        "language": "en",
        "response_format": "verbose_json",
        "timestamp_granularities": ["word"],
    }


async def test_elevenlabs_gets_a_form_and_its_spaces_are_no_words(
    server: ScriptedServer, port: Port
) -> None:
    words = [
        {"text": "A", "type": "word", "start": 0.1, "end": 0.2, "logprob": -0.1},
        {"text": " ", "type": "spacing", "start": 0.2, "end": 0.3},
        {"text": "leaf.", "type": "word", "start": 0.3, "end": 0.6, "logprob": -0.2},
        {"text": "(rustling)", "type": "audio_event", "start": 0.6, "end": 0.9},
    ]
    server.script(Answer({"language_code": "eng", "text": "A leaf.", "words": words}))
    answer = await transcribed(port(ELEVENLABS))
    assert [word.text for word in answer.words] == ["A", "leaf."]
    assert answer.seconds == pytest.approx(2.0)  # of the sound that was sent
    body = server.requests[0].body
    for name, value in {"model_id": "scribe_v2", "language_code": "en"}.items():
        assert f'name="{name}"\r\n\r\n{value}\r\n'.encode() in body
    assert wav(2.0) in body


def channel(number: int, *words: str, **more: Any) -> dict[str, Any]:
    """A transcript of a channel as ElevenLabs sends it."""
    told = [
        {"text": word, "type": "word", "start": at, "end": at + 0.5, "logprob": -0.1,
         "channel_index": number}
        for at, word in enumerate(words)
    ]  # fmt: skip
    return {"language_code": "eng", "language_probability": 1.0, "text": " ".join(words),
            "words": told, "channel_index": number, **more}  # fmt: skip


async def test_elevenlabs_hears_both_channels_with_one_request_and_bills_each(
    server: ScriptedServer, port: Port
) -> None:
    body = {"transcripts": [channel(1, "Why?"), channel(0, "It", "rained.")]}
    server.script(Answer(body))
    answer = await transcribed(port(ELEVENLABS), channels=2)
    assert [(w.channel, w.text, w.start) for w in answer.words] == [
        (0, "It", 0), (0, "rained.", 1), (1, "Why?", 0)
    ]  # fmt: skip
    assert answer.words[0].confidence == pytest.approx(0.905, abs=0.001)
    assert answer.text == "It rained. Why?"
    (usage,) = answer.usage
    assert (usage.quantity, usage.cost_usd) == (Decimal("4.0"), Decimal("0.0002448"))
    (request,) = server.requests
    assert b'name="use_multi_channel"\r\n\r\ntrue\r\n' in request.body


async def test_one_channel_is_sent_as_ever(server: ScriptedServer, port: Port) -> None:
    server.script(Answer(heard()))
    await transcribed(port(ELEVENLABS))
    assert b"use_multi_channel" not in server.requests[0].body


@pytest.mark.parametrize(
    "transcripts",
    [
        [channel(0, "A"), channel(0, "B")],
        [channel(0, "A"), channel(2, "B")],
        [{"text": "A", "words": []}],
        None,
    ],
)
async def test_channels_that_were_not_sent_are_no_answer(
    transcripts: Any, server: ScriptedServer, port: Port
) -> None:
    server.script(Answer({"transcripts": transcripts}))
    assert (await failure(port(ELEVENLABS), channels=2)).code == "INVALID_ANSWER"


@pytest.mark.parametrize(
    ("model", "changes", "cost", "source"),
    [
        (OPENAI, {}, "0.0002", "computed"),
        (OPENAI, {"duration": None, "usage": {"seconds": 3, "type": "duration"}}, "0.0003", ""),
        (OPENROUTER, {"usage": {"seconds": 2.0, "cost": 0.00021}}, "0.00021", "reported"),
        (ELEVENLABS, {}, "0.0001224", "computed"),
    ],
)
async def test_transcripts_are_billed_by_the_second_or_as_reported(
    model: str,
    changes: dict[str, Any],
    cost: str,
    source: str,
    server: ScriptedServer,
    port: Port,
) -> None:
    server.script(Answer(heard(**changes)))
    (usage,) = (await transcribed(port(model))).usage
    assert (usage.capability, usage.unit) == ("transcription", "seconds")
    assert usage.cost_usd == Decimal(cost)
    assert usage.cost_source == (source or "computed")


async def test_without_times_the_length_is_that_of_the_sound(
    server: ScriptedServer, port: Port
) -> None:
    usage = {"type": "tokens", "input_tokens": 20, "output_tokens": 5, "total_tokens": 25}
    server.script(Answer({"text": "A leaf.", "usage": usage}))
    answer = await transcribed(port(WORDLESS))
    assert (answer.words, answer.seconds) == ((), pytest.approx(2.0))
    assert (answer.usage[0].input_tokens, answer.usage[0].output_tokens) == (20, 5)
    assert answer.usage[0].cost_usd == Decimal("0.0002")


async def test_words_without_times_are_left_out_and_none_ends_before_it_begins(
    server: ScriptedServer, port: Port
) -> None:
    words = [
        {"word": "A", "start": 0.5, "end": 0.4},
        {"word": "leaf", "start": None, "end": 1.0},
        {"word": " ", "start": 1.0, "end": 1.1},
    ]
    server.script(Answer(heard(words=words)))
    assert (await transcribed(port(OPENAI))).words == (Word("A", 0.5, 0.5),)


@pytest.mark.parametrize(
    "body",
    [
        {"words": []},
        {"text": None},
        {"text": "a", "duration": -1},
        {"text": "a", "words": [{"word": "a", "start": -1, "end": 2}]},
        {"text": "a", "words": "many"},
    ],
)
@pytest.mark.parametrize("model", ALL)
async def test_a_transcript_in_another_shape_is_invalid(
    model: str, body: Any, server: ScriptedServer, port: Port
) -> None:
    server.script(Answer(body))
    assert (await failure(port(model))).code == "INVALID_ANSWER"


@pytest.mark.parametrize("model", ALL)
async def test_sound_that_would_be_refused_is_not_sent(
    model: str, server: ScriptedServer, port: Port
) -> None:
    error = await failure(port(model), audio=bytes(MOST_BYTES + 1))
    assert (error.code, error.retryable) == ("TOO_LARGE", False)
    error = await failure(port(model), media_type="video/mp4")
    assert (error.code, error.retryable) == ("BAD_REQUEST", False)
    assert server.requests == []
