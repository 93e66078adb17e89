"""What all transcription adapters share: what may be sent, and how answers are read."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from pydantic import Field

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.gateways.billing import Bill, media_usage
from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.media_formats import wav_seconds
from pipeline_defs.gateways.transcription.port import (
    TranscriptionAnswer,
    TranscriptionRequest,
    Word,
)
from pipeline_defs.gateways.wire import Wire, parse_wire

MOST_BYTES = 25_000_000  # of one sound, at OpenAI and whoever serves its models
SUFFIXES = {"audio/wav": "wav", "audio/mpeg": "mp3", "audio/flac": "flac", "audio/mp4": "m4a"}


class WireWord(Wire):
    """A word as providers send it.

    OpenAI and OpenRouter call its text `word`, ElevenLabs `text` and tells the spaces apart.
    """

    word: str | None = None
    text: str | None = None
    type: str = "word"
    start: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    end: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    confidence: float | None = Field(default=None, ge=0, le=1)  # OpenRouter
    probability: float | None = Field(default=None, ge=0, le=1)  # servers that run Whisper
    logprob: float | None = Field(default=None, le=0)  # ElevenLabs


class _Usage(Wire):
    input_tokens: int | None = Field(default=None, ge=0)
    output_tokens: int | None = Field(default=None, ge=0)
    seconds: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    cost: Decimal | None = Field(default=None, ge=0)


class _Answer(Wire):
    text: str
    model: str | None = None
    words: tuple[WireWord, ...] | None = None
    duration: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    usage: _Usage | None = None


def suffix_of(request: TranscriptionRequest, endpoint: Endpoint) -> str:
    """The format's usual suffix, by which servers know it.

    `Permanent` TOO_LARGE or BAD_REQUEST where the sound would be refused: nothing is sent then.
    """
    if len(request.audio) > MOST_BYTES:
        raise Permanent(
            "TOO_LARGE",
            f"the sound is larger than the {MOST_BYTES} bytes that {endpoint.label} accepts",
            advice="Transcribe it in parts, or pack it as MP3.",
        )
    if request.media_type not in SUFFIXES:
        raise Permanent(
            "BAD_REQUEST", f"sound of the type '{request.media_type}' cannot be transcribed"
        )
    return SUFFIXES[request.media_type]


def read_transcript(
    body: Any, request: TranscriptionRequest, endpoint: Endpoint, model: Model
) -> TranscriptionAnswer:
    """The text, the words that have times, how long the sound is, and the bill."""
    answer = parse_wire(_Answer, body, endpoint)
    words = tuple(word for found in answer.words or () if (word := timed(found)) is not None)
    usage = answer.usage or _Usage()
    said_seconds = answer.duration if answer.duration is not None else usage.seconds
    seconds = said_seconds or wav_seconds(request.audio) or max((w.end for w in words), default=0.0)
    bill = media_usage(
        endpoint,
        model,
        Bill(
            capability="transcription",
            quantity=Decimal(str(seconds)),
            unit="seconds",
            input_tokens=usage.input_tokens or 0,
            output_tokens=usage.output_tokens or 0,
            served=answer.model or "",
            cost_usd=usage.cost,
        ),
    )
    return TranscriptionAnswer(
        text=answer.text.strip(),
        words=words,
        seconds=seconds,
        model=answer.model or model.id,
        provider=endpoint.label,
        usage=bill,
    )


def timed(found: WireWord, channel: int = 0) -> Word | None:
    """A word that has its times; None of spaces, events and what has none."""
    text = (found.word if found.word is not None else found.text or "").strip()
    if found.type != "word" or not text or found.start is None or found.end is None:
        return None
    end = max(found.start, found.end)
    return Word(text, found.start, end, _confidence(found), channel)


def _confidence(found: WireWord) -> float | None:
    if found.logprob is not None:
        return math.exp(found.logprob)
    return found.confidence if found.confidence is not None else found.probability
