"""Text by chat completions: any OpenAI-compatible server, and OpenRouter with its own additions."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, Field

from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chain import derived_key
from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.failures import (
    Failure,
    InvalidAnswer,
    OutputTooLong,
    Refused,
    classify_failure,
    inner_status,
)
from pipeline_defs.gateways.openai_transport import OpenAITransport
from pipeline_defs.gateways.text.answers import Tokens, parse_value, text_usage
from pipeline_defs.gateways.text.port import TextAnswer, TextRequest
from pipeline_defs.gateways.text.schema import schema_name, strict_schema
from pipeline_defs.gateways.usage import Usage
from pipeline_defs.gateways.wire import Wire, parse_wire

if TYPE_CHECKING:
    from openai import AsyncOpenAI

T = TypeVar("T", bound=BaseModel)


class _Message(Wire):
    content: str | None = None
    refusal: str | None = None


class _Choice(Wire):
    message: _Message | None = None
    finish_reason: str | None = None
    error: dict[str, Any] | None = None


class _CachedTokens(Wire):
    cached_tokens: int | None = None


class _Usage(Wire):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _CachedTokens | None = None
    cost: Decimal | None = Field(default=None, ge=0)


class _Answer(Wire):
    model: str = ""
    choices: tuple[_Choice, ...] = Field(min_length=1)
    usage: _Usage | None = None


class ChatText:
    """One model behind `POST /chat/completions`.

    With api `openrouter` the catalogue's `fallbacks` go along, so that OpenRouter turns to them by
    itself; the answer says who served, and its `usage.cost` is the bill.
    """

    def __init__(self, transport: OpenAITransport, model: Model) -> None:
        self._transport = transport
        self._model = model

    async def generate(self, request: TextRequest[T]) -> TextAnswer[T]:
        """See `TextPort.generate`."""
        allowed = min(request.max_output_tokens, self._model.max_output_tokens)
        key = derived_key(request.idempotency_key, self._model)

        async def send(client: AsyncOpenAI) -> Any:
            return await client.chat.completions.with_raw_response.create(
                model=self._model.id,
                messages=[
                    {"role": "system", "content": request.instructions},
                    {"role": "user", "content": request.prompt},
                ],
                max_tokens=allowed,
                response_format={
                    "type": "json_schema",
                    "json_schema": {
                        "name": schema_name(request.answer),
                        "schema": strict_schema(request.answer),
                        "strict": True,
                    },
                },
                extra_headers={"Idempotency-Key": key},
                extra_body=self._extra_body(),
                timeout=request.timeout,
            )

        body = await self._transport.ask(send, timeout=request.timeout, model=self._model.id)
        answer = parse_wire(_Answer, body, self._transport.endpoint)
        return self._read(answer, request, allowed)

    def _extra_body(self) -> dict[str, Any]:
        if self._model.api == "openrouter" and self._model.fallbacks:
            return {**self._model.options, "models": [self._model.id, *self._model.fallbacks]}
        return self._model.options

    def _read(self, answer: _Answer, request: TextRequest[T], allowed: int) -> TextAnswer[T]:
        endpoint = self._transport.endpoint
        usage = text_usage(endpoint, self._model, answer.model, _tokens(answer.usage))
        choice = answer.choices[0]
        message = choice.message or _Message()
        if choice.error is not None or choice.finish_reason == "error":
            raise _inner_failure(choice, self._model.id, endpoint)
        if message.refusal or choice.finish_reason == "content_filter":
            words = message.refusal or message.content or ""
            raise Refused(endpoint.label, endpoint.redact(words), usage)
        if choice.finish_reason == "length":
            raise OutputTooLong(endpoint.label, allowed, usage)
        text = _content(message, choice, endpoint, usage)
        value = parse_value(text, request.answer, endpoint.label, usage)
        return TextAnswer(value, answer.model or self._model.id, endpoint.label, usage)


def _content(
    message: _Message, choice: _Choice, endpoint: Endpoint, usage: tuple[Usage, ...]
) -> str:
    if choice.finish_reason not in {None, "stop"}:
        reason = choice.finish_reason
        raise InvalidAnswer(f"{endpoint.label} ended its answer with '{reason:.40}'", usage)
    if not message.content:
        raise InvalidAnswer(f"{endpoint.label} gave an empty answer", usage)
    return message.content


def _inner_failure(choice: _Choice, model: str, endpoint: Endpoint) -> Exception:
    error = choice.error or {}
    return classify_failure(Failure(inner_status(error), {}, {"error": error}, model), endpoint)


def _tokens(usage: _Usage | None) -> Tokens:
    if usage is None:
        return Tokens()
    details = usage.prompt_tokens_details
    cached = (details.cached_tokens or 0) if details else 0
    return Tokens(usage.prompt_tokens, usage.completion_tokens, cached, usage.cost)
