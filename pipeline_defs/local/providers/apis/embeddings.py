"""Embeddings: OpenAI's `/embeddings`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pipeline_defs.local.providers.engine.embedding import MODEL, Embedder
from pipeline_defs.local.providers.server.shapes import ApiError
from pipeline_defs.local.providers.server.work import Answer, Bill, Body, Request

TEXTS_MOST = 2048
Text = Annotated[str, Field(min_length=1)]


class _Asked(Body):
    model: str = Field(min_length=1)
    input: Text | list[Text]
    encoding_format: Literal["float"] = "float"


class EmbeddingsApi:
    """The local embedder in OpenAI's shape."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def openai(self, request: Request) -> Answer:
        """`POST /embeddings`."""
        asked = request.parse(_Asked)
        texts = [asked.input] if isinstance(asked.input, str) else asked.input
        if not 1 <= len(texts) <= TEXTS_MOST:
            raise ApiError(400, "invalid_request", f"input: 1 to {TEXTS_MOST} texts")
        vectors, tokens = self._embedder.embed(texts)
        body = {
            "object": "list",
            "data": [
                {"object": "embedding", "index": number, "embedding": vector}
                for number, vector in enumerate(vectors)
            ],
            "model": MODEL,
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
        }
        return Answer(body, Bill(input_tokens=tokens), MODEL)
