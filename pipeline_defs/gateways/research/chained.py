"""The research port as the runtime uses it: the chain for research, provider by provider."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Self

from pipeline_defs.domain.errors import Transient
from pipeline_defs.gateways.catalog import Catalog, Model
from pipeline_defs.gateways.chain import first_served
from pipeline_defs.gateways.endpoints import resolve, serving
from pipeline_defs.gateways.http import Http
from pipeline_defs.gateways.research.perplexity import PerplexityResearch, PerplexitySearch
from pipeline_defs.gateways.research.port import ResearchAnswer, ResearchPort, ResearchRequest
from pipeline_defs.gateways.research.web_search import WebSearch
from pipeline_defs.settings import Settings


class ChainedResearch:
    """Implements `ResearchPort`. Clients are opened on first use, in the loop that uses them."""

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        self._settings = settings
        self._catalog = catalog
        self._clients: dict[str, Http] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all clients."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    async def search(self, request: ResearchRequest) -> ResearchAnswer:
        """See `ResearchPort.search`. The providers of the chain share `request.timeout`."""
        models = serving("research", self._settings, self._catalog)
        ends = asyncio.get_running_loop().time() + request.timeout

        async def ask(model: Model) -> ResearchAnswer:
            left = ends - asyncio.get_running_loop().time()
            if left <= 0:
                raise Transient("TIMEOUT", f"no time is left to ask {model.key}")
            return await self._adapter(model).search(replace(request, timeout=left))

        answer, wasted = await first_served(models, ask, final_try=request.final_try)
        return replace(answer, usage=(*wasted, *answer.usage))

    def _adapter(self, model: Model) -> ResearchPort:
        if model.provider not in self._clients:
            endpoint = resolve(model.provider, self._settings, self._catalog)
            self._clients[model.provider] = Http(endpoint)
        http = self._clients[model.provider]
        if model.api == "search":
            return WebSearch(http, model, self._catalog.search)
        return (PerplexitySearch if model.api == "perplexity-search" else PerplexityResearch)(
            http, model
        )
