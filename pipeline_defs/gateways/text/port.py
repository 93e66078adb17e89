"""The text port: a prompt goes in, a validated value comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from pipeline_defs.gateways.usage import Usage

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class TextRequest(Generic[T]):
    """What is asked of a model, and the shape its answer must have.

    `timeout` is the total time in seconds, over all models asked. A retry of the same try keeps
    `idempotency_key`; a repair of an unusable answer takes a new one. `final_try` says that the
    caller will not repeat the call: then any transient failure moves on to the next model.
    """

    instructions: str
    prompt: str
    answer: type[T]
    purpose: str
    max_output_tokens: int
    timeout: float
    idempotency_key: str
    final_try: bool = False


@dataclass(frozen=True, slots=True)
class TextAnswer(Generic[T]):
    """A validated answer, who gave it, and what all calls for it cost."""

    value: T
    model: str
    provider: str
    usage: tuple[Usage, ...]


class TextPort(Protocol):
    """Writes structured text."""

    async def generate(self, request: TextRequest[T]) -> TextAnswer[T]:
        """An answer of the requested shape.

        Raises `Transient` (INVALID_ANSWER, RATE_LIMITED, TIMEOUT...) or `Permanent` (REFUSED,
        UNAUTHORIZED, MODEL_GONE, QUOTA, NOT_CONFIGURED...); see `gateways.failures`.
        """
        ...
