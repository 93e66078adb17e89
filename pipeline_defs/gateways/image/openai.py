"""Pictures by the OpenAI images API: OpenAI, or any server that speaks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chain import derived_key
from pipeline_defs.gateways.image.answers import read_image, size_of
from pipeline_defs.gateways.image.port import ImageAnswer, ImageRequest
from pipeline_defs.gateways.openai_transport import OpenAITransport

if TYPE_CHECKING:
    from openai import AsyncOpenAI


class OpenAIImages:
    """One model behind `POST /images/generations`."""

    def __init__(self, transport: OpenAITransport, model: Model) -> None:
        self._transport = transport
        self._model = model

    async def draw(self, request: ImageRequest) -> ImageAnswer:
        """See `ImagePort.draw`."""
        key = derived_key(request.idempotency_key, self._model)

        async def send(client: AsyncOpenAI) -> Any:
            return await client.images.with_raw_response.generate(
                model=self._model.id,
                prompt=request.prompt,
                size=size_of(request),
                n=1,
                extra_headers={"Idempotency-Key": key},
                extra_body=self._model.options,
                timeout=request.timeout,
            )

        body = await self._transport.ask(send, timeout=request.timeout, model=self._model.id)
        return read_image(body, self._transport.endpoint, self._model)
