"""The research port as the runtime uses it: the chain for research, provider by provider."""

from __future__ import annotations

from dataclasses import replace

from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chained import Chained
from pipeline_defs.gateways.research.perplexity import PerplexityResearch, PerplexitySearch
from pipeline_defs.gateways.research.port import ResearchAnswer, ResearchPort, ResearchRequest
from pipeline_defs.gateways.research.web_search import WebSearch


class ChainedResearch(Chained):
    """Implements `ResearchPort`."""

    async def search(self, request: ResearchRequest) -> ResearchAnswer:
        """See `ResearchPort.search`. The providers of the chain share `request.timeout`."""

        async def ask(model: Model, timed: ResearchRequest) -> ResearchAnswer:
            return await self._adapter(model).search(timed)

        answer, wasted = await self._first_served("research", request, ask)
        return replace(answer, usage=(*wasted, *answer.usage))

    def _adapter(self, model: Model) -> ResearchPort:
        http = self._http(model)
        if model.api == "search":
            return WebSearch(http, model, self._catalog.search)
        return (PerplexitySearch if model.api == "perplexity-search" else PerplexityResearch)(
            http, model
        )
