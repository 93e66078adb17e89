"""The music port: a mood and a length go in, a piece of music comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pipeline_defs.gateways.usage import Usage


@dataclass(frozen=True, slots=True)
class MusicRequest:
    """An instrumental piece of about `seconds`. Timeout, keys: see TextRequest."""

    prompt: str
    seconds: float
    timeout: float
    idempotency_key: str
    final_try: bool = False


@dataclass(frozen=True, slots=True)
class MusicAnswer:
    """The sound as MP3 or WAV, and what all calls for it cost."""

    data: bytes
    media_type: str
    model: str
    provider: str
    usage: tuple[Usage, ...]


class MusicPort(Protocol):
    """Composes."""

    async def compose(self, request: MusicRequest) -> MusicAnswer:
        """The piece. Raises as `TextPort.generate`."""
        ...
