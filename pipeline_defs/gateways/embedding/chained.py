"""The embedding port as the runtime uses it: the chain for embeddings, model by model."""

from __future__ import annotations

from dataclasses import replace

from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chained import Chained
from pipeline_defs.gateways.embedding.openai import OpenAIEmbedding
from pipeline_defs.gateways.embedding.port import EmbeddingAnswer, EmbeddingRequest


class ChainedEmbedding(Chained):
    """Implements `EmbeddingPort`."""

    async def embed(self, request: EmbeddingRequest) -> EmbeddingAnswer:
        """See `EmbeddingPort.embed`. The models of the chain share `request.timeout`."""

        async def ask(model: Model, timed: EmbeddingRequest) -> EmbeddingAnswer:
            return await OpenAIEmbedding(self._transport(model), model).embed(timed)

        answer, wasted = await self._first_served("embedding", request, ask)
        return replace(answer, usage=(*wasted, *answer.usage))
