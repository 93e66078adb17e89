"""The image port: a description goes in, one picture comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pipeline_defs.gateways.usage import Usage


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """What is to be drawn, in pixels. Timeout, keys, `final_try`: see TextRequest."""

    prompt: str
    width: int
    height: int
    timeout: float
    idempotency_key: str
    final_try: bool = False


@dataclass(frozen=True, slots=True)
class ImageAnswer:
    """One picture as the provider sent it (PNG, JPEG or WebP), and what all calls for it cost."""

    data: bytes
    media_type: str
    model: str
    provider: str
    usage: tuple[Usage, ...]


class ImagePort(Protocol):
    """Draws pictures."""

    async def draw(self, request: ImageRequest) -> ImageAnswer:
        """One picture. Raises as `TextPort.generate`; REFUSED where the content was declined."""
        ...
