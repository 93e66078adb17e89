"""OpenAI: `/responses` and `/chat/completions`; and OpenRouter's form of the latter."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from pydantic import Field

from pipeline_defs.local.providers.apis.text import (
    TextCall,
    TextResult,
    now,
    said_text,
    schema_fields,
    write,
)
from pipeline_defs.local.providers.engines import Engines
from pipeline_defs.local.providers.server.work import Answer, Body, Request


class _Message(Body):
    role: str
    content: Any = None


class _ResponsesBody(Body):
    model: str = Field(min_length=1)
    input: str | list[_Message]
    instructions: str | None = None
    max_output_tokens: int | None = Field(default=None, ge=16)
    text: dict[str, Any] = {}
    store: bool = True


class _ChatBody(Body):
    model: str = ""
    models: list[str] = []
    messages: list[_Message] = Field(min_length=1)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    response_format: dict[str, Any] = {}


class OpenAIApi:
    """Text by the local writer in OpenAI's shapes."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def responses(self, request: Request) -> Answer:
        """`POST /responses`: status, refusal parts, `incomplete_details`, usage."""
        asked = request.parse(_ResponsesBody)
        messages = asked.input if isinstance(asked.input, list) else []
        prompt = said_text(asked.input) or _spoken(messages, {"user"})
        written = write(
            self._engines,
            TextCall(
                models=[asked.model],
                instructions=asked.instructions or _spoken(messages, {"system", "developer"}),
                prompt=prompt,
                fields=schema_fields(asked.text.get("format", {}).get("schema")),
                max_tokens=asked.max_output_tokens,
                fault=request.fault,
            ),
        )
        body = _response(written, asked)
        return Answer(body, written.bill, written.model, headers=_request_id())

    def chat(self, request: Request) -> Answer:
        """`POST /chat/completions`: one choice, `refusal`, `finish_reason`, usage."""
        written = self._chat(request)
        return Answer(_completion(written), written.bill, written.model, headers=_request_id())

    def openrouter_chat(self, request: Request) -> Answer:
        """The same at OpenRouter: a list of fallbacks, and the cost in the usage."""
        written = self._chat(request)
        body = _completion(written)
        body["provider"] = "local"
        body["id"] = f"gen-{uuid4().hex}"
        cost = float(written.cost_usd)
        body["usage"].update(
            cost=cost, is_byok=False, cost_details={"upstream_inference_cost": None}
        )
        return Answer(body, written.bill, written.model)

    def _chat(self, request: Request) -> TextResult:
        asked = request.parse(_ChatBody)
        call = TextCall(
            models=list(dict.fromkeys(name for name in (asked.model, *asked.models) if name)),
            instructions=_spoken(asked.messages, {"system", "developer"}),
            prompt=_spoken(asked.messages, {"user"}),
            fields=schema_fields(asked.response_format.get("json_schema", {}).get("schema")),
            max_tokens=asked.max_completion_tokens or asked.max_tokens,
            fault=request.fault,
        )
        return write(self._engines, call)


def _spoken(messages: list[_Message], roles: set[str]) -> str:
    return "\n\n".join(said_text(m.content) for m in messages if m.role in roles)


def _request_id() -> dict[str, str]:
    return {"x-request-id": f"req_{uuid4().hex}"}


def _response(written: TextResult, asked: _ResponsesBody) -> dict[str, Any]:
    part: dict[str, Any] = {"type": "output_text", "text": written.text, "annotations": []}
    if written.refusal:
        part = {"type": "refusal", "refusal": written.refusal}
    status = "incomplete" if written.incomplete else "completed"
    message = {
        "type": "message",
        "id": f"msg_{uuid4().hex}",
        "status": status,
        "role": "assistant",
        "content": [part],
    }
    return {
        "id": f"resp_{uuid4().hex}",
        "object": "response",
        "created_at": now(),
        "status": status,
        "error": None,
        "incomplete_details": {"reason": written.incomplete} if written.incomplete else None,
        "instructions": asked.instructions,
        "max_output_tokens": asked.max_output_tokens,
        "metadata": {},
        "model": written.model,
        "output": [message],
        "parallel_tool_calls": True,
        "store": asked.store,
        "temperature": None,
        "text": asked.text,
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
        "usage": {
            "input_tokens": written.input_tokens,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": written.output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": written.input_tokens + written.output_tokens,
        },
    }


def _completion(written: TextResult) -> dict[str, Any]:
    reasons = {"": "stop", "max_output_tokens": "length", "content_filter": "content_filter"}
    message = {
        "role": "assistant",
        "content": None if written.refusal else written.text,
        "refusal": written.refusal or None,
    }
    finish = reasons[written.incomplete]
    return {
        "id": f"chatcmpl-{uuid4().hex}",
        "object": "chat.completion",
        "created": now(),
        "model": written.model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
        "usage": {
            "prompt_tokens": written.input_tokens,
            "completion_tokens": written.output_tokens,
            "total_tokens": written.input_tokens + written.output_tokens,
            "prompt_tokens_details": {"cached_tokens": 0},
        },
    }
