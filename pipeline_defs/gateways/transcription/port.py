"""The transcription port: sound goes in, words with their times come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pipeline_defs.gateways.usage import Usage


@dataclass(frozen=True, slots=True)
class TranscriptionRequest:
    """What is to be transcribed. Timeout, keys: see TextRequest.

    `channels`: of the sound, where each of several holds a speaker of its own; with 1 all that is
    heard is one text, however many channels the sound has. With `times_needed` only models that
    give the times of words are asked.
    """

    audio: bytes
    media_type: str
    language: str
    timeout: float
    idempotency_key: str
    final_try: bool = False
    channels: int = 1
    times_needed: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A word and when it was said, in seconds from the beginning, on which channel (from 0).

    `confidence`, from 0 to 1, that it was heard right, where the provider says so.
    """

    text: str
    start: float
    end: float
    confidence: float | None = None
    channel: int = 0


@dataclass(frozen=True, slots=True)
class TranscriptionAnswer:
    """The text; its words with times where the provider gives them."""

    text: str
    words: tuple[Word, ...]
    seconds: float
    model: str
    provider: str
    usage: tuple[Usage, ...]


class TranscriptionPort(Protocol):
    """Listens."""

    @property
    def channels_at_once(self) -> int:
        """How many channels, of one speaker each, are heard with one request; 1: one by one."""
        ...

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptionAnswer:
        """The transcript. Raises as `TextPort.generate`.

        Of several channels the words are in the order of the channels.
        """
        ...
