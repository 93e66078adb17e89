"""Text by the OpenAI Responses API, with a strict JSON schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from pipeline_defs.domain.errors import Transient
from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chain import derived_key
from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.failures import InvalidAnswer, OutputTooLong, Refused
from pipeline_defs.gateways.openai_transport import OpenAITransport
from pipeline_defs.gateways.text.answers import Tokens, parse_value, text_usage
from pipeline_defs.gateways.text.port import TextAnswer, TextRequest
from pipeline_defs.gateways.text.schema import schema_name, strict_schema
from pipeline_defs.gateways.wire import Wire, parse_wire

if TYPE_CHECKING:
    from openai import AsyncOpenAI

T = TypeVar("T", bound=BaseModel)


class _Part(Wire):
    type: str
    text: str = ""
    refusal: str = ""


class _Item(Wire):
    type: str
    content: tuple[_Part, ...] | None = None


class _Incomplete(Wire):
    reason: str | None = None


class _CachedTokens(Wire):
    cached_tokens: int = 0


class _Usage(Wire):
    input_tokens: int = 0
    output_tokens: int = 0
    input_tokens_details: _CachedTokens | None = None


class _Answer(Wire):
    status: str | None = None
    model: str = ""
    output: tuple[_Item, ...]
    incomplete_details: _Incomplete | None = None
    usage: _Usage | None = None

    def parts(self, kind: str) -> list[_Part]:
        """All message parts of one type, in order."""
        messages = [item for item in self.output if item.type == "message"]
        return [part for item in messages for part in item.content or () if part.type == kind]


class ResponsesText:
    """One model behind `POST /responses`."""

    def __init__(self, transport: OpenAITransport, model: Model) -> None:
        self._transport = transport
        self._model = model

    async def generate(self, request: TextRequest[T]) -> TextAnswer[T]:
        """See `TextPort.generate`."""
        allowed = min(request.max_output_tokens, self._model.max_output_tokens)
        key = derived_key(request.idempotency_key, self._model)

        async def send(client: AsyncOpenAI) -> Any:
            return await client.responses.with_raw_response.create(
                model=self._model.id,
                instructions=request.instructions,
                input=request.prompt,
                max_output_tokens=allowed,
                store=False,
                text={
                    "format": {
                        "type": "json_schema",
                        "name": schema_name(request.answer),
                        "schema": strict_schema(request.answer),
                        "strict": True,
                    }
                },
                extra_headers={"Idempotency-Key": key},
                extra_body=self._model.options,
                timeout=request.timeout,
            )

        body = await self._transport.ask(send, timeout=request.timeout, model=self._model.id)
        answer = parse_wire(_Answer, body, self._transport.endpoint)
        return self._read(answer, request, allowed)

    def _read(self, answer: _Answer, request: TextRequest[T], allowed: int) -> TextAnswer[T]:
        endpoint = self._transport.endpoint
        usage = text_usage(endpoint, self._model, answer.model, _tokens(answer.usage))
        text = "".join(part.text for part in answer.parts("output_text"))
        reason = answer.incomplete_details.reason if answer.incomplete_details else None
        refusals = answer.parts("refusal")
        if refusals or reason == "content_filter":
            words = " ".join(part.refusal for part in refusals) or text
            raise Refused(endpoint.label, endpoint.redact(words), usage)
        if reason == "max_output_tokens":
            raise OutputTooLong(endpoint.label, allowed, usage)
        _expect_completed(answer.status, endpoint, usage)
        value = parse_value(text, request.answer, endpoint.label, usage)
        return TextAnswer(value, answer.model or self._model.id, endpoint.label, usage)


def _tokens(usage: _Usage | None) -> Tokens:
    if usage is None:
        return Tokens()
    details = usage.input_tokens_details
    return Tokens(usage.input_tokens, usage.output_tokens, details.cached_tokens if details else 0)


def _expect_completed(status: str | None, endpoint: Endpoint, usage: Any) -> None:
    if status == "failed":
        raise Transient("PROVIDER_ERROR", f"{endpoint.label} gave up on the answer")
    if status not in {None, "completed"}:
        raise InvalidAnswer(f"{endpoint.label} answered with status '{status:.40}'", usage)
