"""Two speakers on two channels, in one request: over HTTP, with the real recognizer."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import httpx
import numpy as np
import pytest

from pipeline_defs.defs.calls.transcribing import transcribe_recording
from pipeline_defs.domain.calls.transcripts import SpokenWord
from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.gateways.opening import Gateways, open_gateways
from pipeline_defs.gateways.speech.port import SpeechRequest
from pipeline_defs.gateways.transcription.port import TranscriptionRequest
from pipeline_defs.media.recordings import read_recording
from pipeline_defs.settings import Settings
from pipeline_defs_tests.gateways.local_server import LOCAL_KEY
from pipeline_defs_tests.gateways.media_cases import only

Make = Callable[..., Settings]
SCRIBE = "elevenlabs:scribe_v2"
PATIENCE = 60.0
QUESTION = "Would you like to buy bread on Sundays?"
ANSWER = "That would make my whole weekend."
PAUSE = 0.5  # seconds between the two


@pytest.fixture
def settings(local_url: str, settings_with: Make) -> Settings:
    return settings_with(local_providers_url=local_url, local_providers_key=LOCAL_KEY)


async def spoken(gateways: Gateways, text: str, voice: str) -> tuple[np.ndarray, int]:
    request = SpeechRequest(text, "warm", 1.0, "en", PATIENCE, f"say-{voice}")
    data = (await gateways.speech.speak(replace(request, voice=voice))).data
    with wave.open(io.BytesIO(data)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2"), file.getframerate()


async def conversation(gateways: Gateways) -> bytes:
    """The respondent on the first channel, after the interviewer on the second."""
    asked, rate = await spoken(gateways, QUESTION, "deep")
    said, _ = await spoken(gateways, ANSWER, "warm")
    pause = np.zeros(round(PAUSE * rate), np.int16)
    theirs = np.concatenate([np.zeros_like(asked), pause, said])
    ours = np.concatenate([asked, pause, np.zeros_like(said)])
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.stack([theirs, ours], axis=1).tobytes())
    return target.getvalue()


async def billed(url: str) -> list[dict[str, Any]]:
    """Every transcription the server has put on a bill."""
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        answer = await http.get("/_control/calls", headers={"Authorization": f"Bearer {LOCAL_KEY}"})
    calls = answer.json()["calls"]
    return [c for c in calls if c["capability"] == "transcription" and c["billed"]]


def plain(words: Sequence[Any]) -> str:
    return " ".join(word.text for word in words).lower().rstrip(".?")


async def test_a_conversation_is_heard_by_channel_with_one_request_and_one_bill(
    settings: Settings, catalog: Catalog, local_url: str
) -> None:
    async with open_gateways(settings, only(catalog, "transcription", SCRIBE)) as gateways:
        assert gateways.transcription.channels_at_once == 5
        recording = read_recording(await conversation(gateways))
        before = await billed(local_url)

        async def each(_channel: int, _wav: bytes) -> list[SpokenWord]:
            raise AssertionError("a channel was sent by itself")

        async def at_once(wav: bytes) -> list[tuple[int, SpokenWord]]:
            request = TranscriptionRequest(wav, "audio/wav", "en", PATIENCE, "both", channels=2)
            answer = await gateways.transcription.transcribe(request)
            assert len(answer.usage) == 1
            assert float(answer.usage[0].quantity) == pytest.approx(2 * answer.seconds, abs=0.01)
            return [
                (w.channel, SpokenWord(w.text, w.start, w.end, w.confidence)) for w in answer.words
            ]

        said = await transcribe_recording(recording, each, spoken_by_us=[QUESTION], at_once=at_once)
        after = await billed(local_url)
    assert [(u.speaker, u.channel) for u in said.utterances] == [("AI", 1), ("HUMAN", 0)]
    assert plain(said.utterances[0].words) == QUESTION.lower().rstrip("?")
    assert plain(said.utterances[1].words) == ANSWER.lower().rstrip(".")
    assert said.utterances[0].end <= said.utterances[1].start
    assert all(0 < (w.confidence or 0) <= 1 for u in said.utterances for w in u.words)
    (bill,) = after[len(before) :]
    assert bill["quantity"] > recording.seconds  # each channel is billed


async def test_a_model_that_cannot_tell_them_apart_hears_them_one_by_one(
    settings: Settings, catalog: Catalog
) -> None:
    key = "openai:whisper-1"
    async with open_gateways(settings, only(catalog, "transcription", key)) as gateways:
        assert gateways.transcription.channels_at_once == 1
        request = TranscriptionRequest(
            await conversation(gateways), "audio/wav", "en", PATIENCE, "apart", channels=2
        )
        answer = await gateways.transcription.transcribe(request)
    assert plain([w for w in answer.words if w.channel == 0]) == ANSWER.lower().rstrip(".")
    assert plain([w for w in answer.words if w.channel == 1]) == QUESTION.lower().rstrip("?")
    assert len(answer.usage) == 2
