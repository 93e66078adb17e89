"""What an API handler is given and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import QueryParams

from pipeline_defs.local.providers.server.faults import Action
from pipeline_defs.local.providers.server.multipart import Upload
from pipeline_defs.local.providers.server.shapes import ApiError, Provider

B = TypeVar("B", bound=BaseModel)

BODY_LIMIT = 4_000_000  # bytes of a request
MEDIA_BODY_LIMIT = 40_000_000
JSON = "application/json; charset=utf-8"


class Body(BaseModel):
    """A request body: what is not known is ignored, as the real providers do for most of it."""

    model_config = ConfigDict(extra="ignore", frozen=True)


@dataclass(frozen=True, slots=True)
class Request:
    """A call after its key was checked and its body decoded."""

    path: str
    body: Any
    query: QueryParams
    parts: Mapping[str, str]  # of the path
    fault: Action | None = None
    files: Mapping[str, Upload] = field(default_factory=dict[str, Upload])  # of a form
    key: str = ""  # the idempotency key, where the operation honours one

    def all_of(self, name: str) -> list[str]:
        """What a repeated parameter of the query says, without empty ones."""
        return [said.strip() for said in self.query.getlist(name) if said.strip()]

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
    quantity: float = 0.0  # of what is priced by the piece: images, characters, seconds
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer: JSON, or bytes of `media_type`; without a bill nothing is charged."""

    body: Any
    bill: Bill | None = None
    model: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    media_type: str = JSON


Handler = Callable[[Request], Answer]


@dataclass(frozen=True, slots=True)
class Operation:
    """One endpoint of a provider. `handle` runs in a worker thread, once per idempotency key.

    `heavy` work runs on the few threads of the media engines and obeys the latency model.
    """

    provider: Provider
    capability: str
    handle: Handler
    keyed: bool = False  # honours Idempotency-Key
    heavy: bool = False
    body_limit: int = BODY_LIMIT
