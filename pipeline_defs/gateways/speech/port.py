"""The speech port: a text goes in, spoken sound comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pipeline_defs.gateways.usage import Usage


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """What is to be said, by which of our voices (warm, deep, bright), how quickly (1.0: as usual).

    `timeout`, `idempotency_key`, `final_try`: see TextRequest.
    """

    text: str
    voice: str
    speed: float
    language: str
    timeout: float
    idempotency_key: str
    final_try: bool = False


@dataclass(frozen=True, slots=True)
class SpeechAnswer:
    """The sound as WAV or MP3, and what all calls for it cost."""

    data: bytes
    media_type: str
    model: str
    provider: str
    usage: tuple[Usage, ...]


class SpeechPort(Protocol):
    """Speaks."""

    async def speak(self, request: SpeechRequest) -> SpeechAnswer:
        """The spoken text. Raises as `TextPort.generate`."""
        ...
