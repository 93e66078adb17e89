"""Reads ElevenLabs' answer of several channels: a transcript of each, told by `channel_index`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import Field

from pipeline_defs.gateways.billing import Bill, media_usage
from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.failures import InvalidAnswer
from pipeline_defs.gateways.media_formats import wav_seconds
from pipeline_defs.gateways.transcription.port import TranscriptionAnswer, TranscriptionRequest
from pipeline_defs.gateways.transcription.reading import WireWord, timed
from pipeline_defs.gateways.wire import Wire, parse_wire


class _Channel(Wire):
    text: str
    words: tuple[WireWord, ...]
    channel_index: int = Field(ge=0)
    audio_duration_secs: float | None = Field(default=None, ge=0, allow_inf_nan=False)


class _Channels(Wire):
    transcripts: tuple[_Channel, ...]


def read_channels(
    body: Any, request: TranscriptionRequest, endpoint: Endpoint, model: Model
) -> TranscriptionAnswer:
    """The words of every channel. Each channel is billed for the whole length.

    `InvalidAnswer` for a channel that was not sent, or told twice.
    """
    answer = parse_wire(_Channels, body, endpoint)
    found = sorted(answer.transcripts, key=lambda channel: channel.channel_index)
    numbers = [channel.channel_index for channel in found]
    if len(set(numbers)) < len(numbers) or not set(numbers) <= set(range(request.channels)):
        raise InvalidAnswer(
            f"{endpoint.label} answered with the channels {numbers} of {request.channels}"
        )
    words = tuple(
        word
        for channel in found
        for one in channel.words
        if (word := timed(one, channel.channel_index)) is not None
    )
    told = max((channel.audio_duration_secs or 0.0 for channel in found), default=0.0)
    seconds = wav_seconds(request.audio) or told or max((word.end for word in words), default=0.0)
    billed = Decimal(str(seconds)) * request.channels
    return TranscriptionAnswer(
        text=" ".join(filter(None, (channel.text.strip() for channel in found))),
        words=words,
        seconds=seconds,
        model=model.id,
        provider=endpoint.label,
        usage=media_usage(endpoint, model, Bill("transcription", billed, "seconds")),
    )
