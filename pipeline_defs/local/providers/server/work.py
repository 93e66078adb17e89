"""What an API handler is given and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline_defs.local.providers.server.faults import Action
from pipeline_defs.local.providers.server.shapes import ApiError, Provider

B = TypeVar("B", bound=BaseModel)


class Body(BaseModel):
    """A request body: what is not known is ignored, as the real providers do for most of it."""

    model_config = ConfigDict(extra="ignore", frozen=True)


@dataclass(frozen=True, slots=True)
class Request:
    """A call after its key was checked and its body decoded."""

    path: str
    body: Any
    query: Mapping[str, str]
    parts: Mapping[str, str]  # of the path
    fault: Action | None = None

    def parse(self, kind: type[B]) -> B:
        """The body as `kind`; the error names the field."""
        try:
            return kind.model_validate(self.body)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            where = ".".join(str(step) for step in first["loc"]) or "body"
            raise ApiError(400, "invalid_request", f"{where}: {first['msg']}") from error


@dataclass(frozen=True, slots=True)
class Bill:
    """What a call used and costs."""

    cost_usd: Decimal = Decimal(0)
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer; without a bill nothing is charged."""

    body: Any
    bill: Bill | None = None
    model: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Operation:
    """One endpoint of a provider. `handle` runs in a worker thread, once per idempotency key."""

    provider: Provider
    capability: str
    handle: Callable[[Request], Answer]
    keyed: bool = False  # honours Idempotency-Key
