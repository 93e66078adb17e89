"""The port of the example line, and its adapter: a poet over HTTP."""

from __future__ import annotations

import os
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.http import Call, Http
from pipeline_defs.gateways.usage import Usage


@dataclass(frozen=True, slots=True)
class VerseRequest:
    """A verse on a theme. The key is the same for every try of the same verse."""

    instructions: str
    theme: str
    timeout: float
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class VerseAnswer:
    """The verse, and what it cost."""

    text: str
    usage: Usage


class PoetPort(Protocol):
    """Writes verses."""

    async def write(self, request: VerseRequest) -> VerseAnswer:
        """The verse. Raises PipelineError."""
        ...


class HttpPoet:
    """A poet behind `POST /verses`; failures are classified by `gateways.http`."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def write(self, request: VerseRequest) -> VerseAnswer:
        """See `PoetPort`."""
        body = {"instructions": request.instructions, "theme": request.theme}
        call = Call(
            "POST",
            "/verses",
            request.timeout,
            json=body,
            idempotency_key=request.idempotency_key,
        )
        found = await self._http.json(call)
        price = Decimal(found["cost_usd"])
        usage = Usage("text", "poet", "basho", 0, 0, Decimal(1), "verses", price, "reported")
        return VerseAnswer(found["verse"], usage)


def poet_endpoint() -> Endpoint:
    """Where the poet is: `POET_URL`. In the product `settings.py` reads it."""
    return Endpoint("poet", os.environ["POET_URL"], "POET_URL")
