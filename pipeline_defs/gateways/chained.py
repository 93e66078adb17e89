"""What all chained ports share: clients opened on first use, one deadline over a whole chain."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Protocol, Self, TypeVar

from pipeline_defs.domain.errors import Transient
from pipeline_defs.gateways.catalog import Catalog, Model
from pipeline_defs.gateways.chain import first_served
from pipeline_defs.gateways.endpoints import resolve, serving
from pipeline_defs.gateways.http import Http
from pipeline_defs.gateways.openai_transport import OpenAITransport
from pipeline_defs.gateways.usage import Usage
from pipeline_defs.policies import PROVIDER_RESPONSE_LIMIT_BYTES
from pipeline_defs.settings import Settings


class ChainRequest(Protocol):
    """A request of any port: a frozen dataclass with a total time in seconds."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def timeout(self) -> float: ...
    @property
    def final_try(self) -> bool: ...


R = TypeVar("R", bound=ChainRequest)
A = TypeVar("A")


class Chained:
    """Base of the chained ports. Clients belong to the event loop that first uses them."""

    limit = PROVIDER_RESPONSE_LIMIT_BYTES  # most bytes of an answer, decoded

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        self._settings = settings
        self._catalog = catalog
        self._https: dict[str, Http] = {}
        self._transports: dict[str, OpenAITransport] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all clients; another request opens new ones."""
        https, self._https = self._https, {}
        transports, self._transports = self._transports, {}
        for client in (*https.values(), *transports.values()):
            await client.aclose()

    async def _first_served(
        self,
        purpose: str,
        request: R,
        ask: Callable[[Model, R], Awaitable[A]],
        models: Sequence[Model] | None = None,
    ) -> tuple[A, tuple[Usage, ...]]:
        """The first answer along the purpose's chain, or these of its models; they share
        `request.timeout`."""
        models = models or serving(purpose, self._settings, self._catalog)
        ends = asyncio.get_running_loop().time() + request.timeout

        async def in_time(model: Model) -> A:
            left = ends - asyncio.get_running_loop().time()
            if left <= 0:
                raise Transient("TIMEOUT", f"no time is left to ask {model.key}")
            return await ask(model, replace(request, timeout=left))

        return await first_served(models, in_time, final_try=request.final_try)

    def _http(self, model: Model) -> Http:
        if model.provider not in self._https:
            endpoint = resolve(model.provider, self._settings, self._catalog)
            self._https[model.provider] = Http(endpoint, self.limit)
        return self._https[model.provider]

    def _transport(self, model: Model) -> OpenAITransport:
        if model.provider not in self._transports:
            endpoint = resolve(model.provider, self._settings, self._catalog)
            self._transports[model.provider] = OpenAITransport(endpoint, self.limit)
        return self._transports[model.provider]
