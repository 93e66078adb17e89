"""Embeddings by the OpenAI API: OpenAI, or any server that speaks it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import Field

from pipeline_defs.gateways.billing import Bill, media_usage
from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chain import derived_key
from pipeline_defs.gateways.embedding.port import EmbeddingAnswer, EmbeddingRequest
from pipeline_defs.gateways.failures import InvalidAnswer
from pipeline_defs.gateways.openai_transport import OpenAITransport
from pipeline_defs.gateways.wire import Wire, parse_wire

if TYPE_CHECKING:
    from openai import AsyncOpenAI


class _Embedding(Wire):
    index: int = Field(ge=0)
    embedding: tuple[float, ...] = Field(min_length=1)


class _Usage(Wire):
    prompt_tokens: int = Field(default=0, ge=0)


class _Answer(Wire):
    data: tuple[_Embedding, ...]
    model: str | None = None
    usage: _Usage = _Usage()


class OpenAIEmbedding:
    """One model behind `POST /embeddings`."""

    def __init__(self, transport: OpenAITransport, model: Model) -> None:
        self._transport = transport
        self._model = model

    async def embed(self, request: EmbeddingRequest) -> EmbeddingAnswer:
        """See `EmbeddingPort.embed`."""
        key = derived_key(request.idempotency_key, self._model)

        async def send(client: AsyncOpenAI) -> Any:
            return await client.embeddings.with_raw_response.create(
                input=list(request.texts),
                model=self._model.id,
                encoding_format="float",
                extra_headers={"Idempotency-Key": key},
                extra_body=self._model.options,
                timeout=request.timeout,
            )

        body = await self._transport.ask(send, timeout=request.timeout, model=self._model.id)
        endpoint = self._transport.endpoint
        answer = parse_wire(_Answer, body, endpoint)
        tokens = answer.usage.prompt_tokens
        bill = Bill("embedding", Decimal(len(request.texts)), "texts", input_tokens=tokens)
        usage = media_usage(endpoint, self._model, bill)
        found = {item.index: item.embedding for item in answer.data}
        sizes = {len(vector) for vector in found.values()}
        if sorted(found) != list(range(len(request.texts))) or len(sizes) != 1:
            raise InvalidAnswer(f"{endpoint.label} answered with other vectors than asked", usage)
        vectors = tuple(found[number] for number in sorted(found))
        return EmbeddingAnswer(vectors, answer.model or self._model.id, endpoint.label, usage)
