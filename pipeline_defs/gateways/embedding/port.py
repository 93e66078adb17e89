"""The embedding port: texts go in, vectors of their meaning come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pipeline_defs.gateways.usage import Usage


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """What is to be embedded. Timeout, keys: see TextRequest."""

    texts: tuple[str, ...]
    timeout: float
    idempotency_key: str
    final_try: bool = False


@dataclass(frozen=True, slots=True)
class EmbeddingAnswer:
    """A vector per text, in their order, all of the same model."""

    vectors: tuple[tuple[float, ...], ...]
    model: str
    provider: str
    usage: tuple[Usage, ...]


class EmbeddingPort(Protocol):
    """Embeds."""

    async def embed(self, request: EmbeddingRequest) -> EmbeddingAnswer:
        """The vectors. Raises as `TextPort.generate`."""
        ...
