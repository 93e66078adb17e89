"""The image port as the runtime uses it: the chain for pictures, model by model."""

from __future__ import annotations

from dataclasses import replace

from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chained import Chained
from pipeline_defs.gateways.image.openai import OpenAIImages
from pipeline_defs.gateways.image.openrouter import OpenRouterImages
from pipeline_defs.gateways.image.port import ImageAnswer, ImagePort, ImageRequest
from pipeline_defs.policies import PROVIDER_MEDIA_LIMIT_BYTES


class ChainedImages(Chained):
    """Implements `ImagePort`."""

    limit = PROVIDER_MEDIA_LIMIT_BYTES

    async def draw(self, request: ImageRequest) -> ImageAnswer:
        """See `ImagePort.draw`. The models of the chain share `request.timeout`."""

        async def ask(model: Model, timed: ImageRequest) -> ImageAnswer:
            return await self._adapter(model).draw(timed)

        answer, wasted = await self._first_served("image", request, ask)
        return replace(answer, usage=(*wasted, *answer.usage))

    def _adapter(self, model: Model) -> ImagePort:
        if model.api == "openai-images":
            return OpenAIImages(self._transport(model), model)
        return OpenRouterImages(self._http(model), model)
