"""The text port as the runtime uses it: the chain of the request's purpose, model by model."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Self, TypeVar

from pydantic import BaseModel

from pipeline_defs.domain.errors import Transient
from pipeline_defs.gateways.catalog import Catalog, Model
from pipeline_defs.gateways.chain import first_served
from pipeline_defs.gateways.endpoints import resolve, serving
from pipeline_defs.gateways.text.chat import ChatText
from pipeline_defs.gateways.text.client import OpenAITransport
from pipeline_defs.gateways.text.port import TextAnswer, TextPort, TextRequest
from pipeline_defs.gateways.text.responses import ResponsesText
from pipeline_defs.settings import Settings

T = TypeVar("T", bound=BaseModel)


class ChainedText:
    """Implements `TextPort`. Clients are opened on first use, in the loop that uses them."""

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        self._settings = settings
        self._catalog = catalog
        self._transports: dict[str, OpenAITransport] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all clients."""
        transports, self._transports = self._transports, {}
        for transport in transports.values():
            await transport.aclose()

    async def generate(self, request: TextRequest[T]) -> TextAnswer[T]:
        """See `TextPort.generate`. The models of the purpose's chain share `request.timeout`."""
        models = serving(request.purpose, self._settings, self._catalog)
        ends = asyncio.get_running_loop().time() + request.timeout

        async def ask(model: Model) -> TextAnswer[T]:
            left = ends - asyncio.get_running_loop().time()
            if left <= 0:
                raise Transient("TIMEOUT", f"no time is left to ask {model.key}")
            return await self._adapter(model).generate(replace(request, timeout=left))

        answer, wasted = await first_served(models, ask, final_try=request.final_try)
        return replace(answer, usage=(*wasted, *answer.usage))

    def _adapter(self, model: Model) -> TextPort:
        if model.provider not in self._transports:
            endpoint = resolve(model.provider, self._settings, self._catalog)
            self._transports[model.provider] = OpenAITransport(endpoint)
        transport = self._transports[model.provider]
        adapter = ResponsesText if model.api == "responses" else ChatText
        return adapter(transport, model)
