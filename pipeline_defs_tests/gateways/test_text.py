"""Text adapters against a server that answers like the providers, and unlike them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from pipeline_defs.domain.articles.drafts import OutlineDraft
from pipeline_defs.domain.errors import Permanent, PipelineError
from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.gateways.failures import spent
from pipeline_defs.gateways.text.chained import ChainedText
from pipeline_defs.gateways.text.port import TextAnswer, TextRequest
from pipeline_defs.settings import Settings
from pipeline_defs_tests.gateways.conftest import SECRET
from pipeline_defs_tests.gateways.scripted_server import Answer, ScriptedServer

Make = Callable[..., Settings]
OUTLINE = {"title": "Tides", "description": "", "sections": []}
REQUEST = TextRequest(
    instructions="Plan an article.",
    prompt="Tides",
    answer=OutlineDraft,
    purpose="outline",
    max_output_tokens=1000,
    timeout=10.0,
    idempotency_key="unit-1",
)


class Adapter(BaseModel):
    """One of the three wire formats: how to configure it and how it wraps a text."""

    name: str

    @property
    def settings(self) -> dict[str, str]:
        return {"openai": {"openai_api_key": SECRET}, "openrouter": {"openrouter_api_key": SECRET}}[
            self.name
        ]

    def wrap(self, text: str, **changes: Any) -> dict[str, Any]:
        return responses(text, **changes) if self.name == "openai" else chat(text, **changes)

    def refusal(self, words: str) -> dict[str, Any]:
        if self.name == "openai":
            return responses("", parts=[{"type": "refusal", "refusal": words}])
        return chat("", message={"role": "assistant", "content": None, "refusal": words})

    def too_long(self, text: str) -> dict[str, Any]:
        if self.name == "openai":
            reason = {"reason": "max_output_tokens"}
            return responses(text, status="incomplete", incomplete_details=reason)
        return chat(text, finish_reason="length")


def responses(text: str, parts: list[Any] | None = None, **changes: Any) -> dict[str, Any]:
    content = parts or [{"type": "output_text", "text": text, "annotations": []}]
    return {
        "id": "resp_1",
        "object": "response",
        "status": "completed",
        "model": "gpt-5.6-terra-2026-07-09",
        "output": [
            {"type": "reasoning", "summary": []},
            {"type": "message", "role": "assistant", "content": content},
        ],
        "usage": {
            "input_tokens": 1000,
            "output_tokens": 100,
            "input_tokens_details": {"cached_tokens": 500},
        },
        "error": None,
        **changes,
    }


def chat(text: str, message: Any = None, **changes: Any) -> dict[str, Any]:
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": message or {"role": "assistant", "content": text},
        **changes,
    }
    return {
        "id": "gen-1",
        "model": "anthropic/claude-sonnet-5",
        "choices": [choice],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "cost": 0.0123},
    }


@pytest.fixture(params=["openai", "openrouter"])
def adapter(request: pytest.FixtureRequest) -> Adapter:
    return Adapter(name=request.param)


@pytest.fixture
def text(
    adapter: Adapter, server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> ChainedText:
    return text_of(adapter, server, settings_with, catalog)


def text_of(
    adapter: Adapter, server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> ChainedText:
    base = {f"{adapter.name}_base_url": f"{server.url}/v1"}
    return ChainedText(settings_with(**adapter.settings, **base), catalog)


async def generated(
    text: ChainedText, request: TextRequest[OutlineDraft] = REQUEST
) -> TextAnswer[OutlineDraft]:
    async with text:
        return await text.generate(request)


async def failure(text: ChainedText, request: TextRequest[OutlineDraft] = REQUEST) -> PipelineError:
    """The error of a call; checks that no secret is in it or in what caused it."""
    with pytest.raises(PipelineError) as caught:
        await generated(text, request)
    error: BaseException | None = caught.value
    while error is not None:
        assert SECRET not in f"{error!r} {error}"
        error = error.__cause__ or error.__context__
    return caught.value


async def test_a_structured_answer_is_validated_and_priced(
    adapter: Adapter, server: ScriptedServer, text: ChainedText
) -> None:
    server.script(Answer(adapter.wrap(json.dumps(OUTLINE))))
    answer = await generated(text)
    assert answer.value == OutlineDraft.model_validate(OUTLINE)
    (usage,) = answer.usage
    assert (usage.input_tokens, usage.output_tokens, usage.provider) == (1000, 100, adapter.name)
    if adapter.name == "openai":
        assert answer.model == "gpt-5.6-terra-2026-07-09"
        expected = (Decimal("0.0023"), "computed")  # 500 at 2.00, 500 at 0.20, 100 at 12.00
    else:
        assert answer.model == "anthropic/claude-sonnet-5"
        expected = (Decimal("0.0123"), "reported")
    assert (usage.cost_usd, usage.cost_source) == expected


async def test_the_request_carries_key_limits_and_a_strict_schema(
    adapter: Adapter, server: ScriptedServer, text: ChainedText
) -> None:
    server.script(Answer(adapter.wrap(json.dumps(OUTLINE))))
    await generated(text)
    (request,) = server.requests
    assert request.headers["authorization"] == f"Bearer {SECRET}"
    assert request.headers["idempotency-key"].startswith("unit-1:")
    if adapter.name == "openai":
        assert request.path == "/v1/responses"
        assert request.json["max_output_tokens"] == 1000
        assert request.json["store"] is False
        assert request.json["text"]["format"]["strict"] is True
    else:
        assert request.path == "/v1/chat/completions"
        assert request.json["max_tokens"] == 1000
        assert request.json["response_format"]["json_schema"]["strict"] is True
        assert request.json["models"] == ["anthropic/claude-sonnet-5", "openai/gpt-5.6-terra"]


async def test_an_account_of_openai_in_the_environment_is_told_to_openai_only(
    adapter: Adapter,
    server: ScriptedServer,
    settings_with: Make,
    catalog: Catalog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-canary")
    server.script(Answer(adapter.wrap(json.dumps(OUTLINE))))
    await generated(text_of(adapter, server, settings_with, catalog))
    assert ("openai-organization" in server.requests[0].headers) == (adapter.name == "openai")


async def test_json_in_one_code_fence_is_read(
    adapter: Adapter, server: ScriptedServer, text: ChainedText
) -> None:
    server.script(Answer(adapter.wrap(f"```json\n{json.dumps(OUTLINE)}\n```")))
    assert (await generated(text)).value.title == "Tides"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("", "answer"),
        ("Sure! Here it is: {}", "Invalid JSON"),
        ('{"title": "Tides", "sections": [', "Invalid JSON"),
        ('{"title": "Tides"}', "sections: Field required"),
        ('{"title": "", "sections": []}', "title: String should have at least 1 character"),
        ('{"title": "T", "sections": [], "more": 1}', "more: Extra inputs"),
        ("[]", "answer: Input should be an object"),
    ],
)
async def test_an_unusable_answer_says_what_is_wrong_and_what_it_cost(
    said: str, words: str, adapter: Adapter, server: ScriptedServer, text: ChainedText
) -> None:
    server.script(Answer(adapter.wrap(said)))
    error = await failure(text)
    assert (error.code, error.retryable) == ("INVALID_ANSWER", True)
    assert words in error.message
    assert [usage.output_tokens for usage in spent(error)] == [100]
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>gateway</html>",
        b'"text"',
        b"[]",
        b"{}",
        b'{"output": 3, "choices": 3}',
        b'{"output": [{"content": []}], "choices": []}',
        b'{"choices": [{"message": {"content": 5}}], "output": [5]}',
    ],
)
async def test_an_envelope_in_another_shape_is_an_invalid_answer(
    body: bytes, server: ScriptedServer, text: ChainedText
) -> None:
    server.script(Answer(body))
    assert (await failure(text)).code == "INVALID_ANSWER"


async def test_a_refusal_keeps_the_models_words_and_is_not_tried_elsewhere(
    adapter: Adapter, server: ScriptedServer, text: ChainedText
) -> None:
    server.script(Answer(adapter.refusal("I cannot help with that.")))
    error = await failure(text, replace(REQUEST, final_try=True))
    assert isinstance(error, Permanent)
    assert (error.code, error.user_action_required) == ("REFUSED", True)
    assert "I cannot help with that." in error.message
    assert spent(error)
    assert len(server.requests) == 1


async def test_content_filters_are_refusals(
    adapter: Adapter, server: ScriptedServer, text: ChainedText
) -> None:
    if adapter.name == "openai":
        body = responses("", status="incomplete", incomplete_details={"reason": "content_filter"})
    else:
        body = chat("", finish_reason="content_filter")
    server.script(Answer(body))
    assert (await failure(text)).code == "REFUSED"


async def test_an_answer_cut_at_the_token_limit_is_permanent_and_paid(
    adapter: Adapter, server: ScriptedServer, text: ChainedText
) -> None:
    server.script(Answer(adapter.too_long('{"title": "Ti')))
    error = await failure(text)
    assert (error.code, error.retryable) == ("OUTPUT_TOO_LONG", False)
    assert "1000" in error.message
    assert spent(error)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer({"error": {"message": f"bad key {SECRET}"}}, 401), "UNAUTHORIZED"),
        (Answer({"error": {"code": "context_length_exceeded"}}, 400), "TOO_LARGE"),
        (Answer({"error": {"message": "no such parameter"}}, 400), "BAD_REQUEST"),
        (Answer(b"oops", 500), "PROVIDER_ERROR"),
        (Answer(b"", 308, {"location": "http://127.0.0.1:1/"}), "REDIRECTED"),
        (Answer(b"{}", delay=5), "TIMEOUT"),
        (Answer(lost=True), "CONNECTION_LOST"),
        (Answer(b'{"output"', claimed_length=99), "CONNECTION_LOST"),
        (Answer(b" " * 3_000, drip=0.05), "TIMEOUT"),
        (
            Answer(gzip.compress(b"0" * 20_000_000), headers={"content-encoding": "gzip"}),
            "INVALID_ANSWER",
        ),
    ],
)
async def test_faults_are_classified_and_no_other_model_is_asked(
    answer: Answer, code: str, server: ScriptedServer, text: ChainedText
) -> None:
    server.script(answer)
    timeout = 0.5 if code == "TIMEOUT" else 10.0
    assert (await failure(text, replace(REQUEST, timeout=timeout))).code == code
    assert len(server.requests) == 1


async def test_the_wish_to_wait_reaches_the_caller(
    server: ScriptedServer, text: ChainedText
) -> None:
    server.default = lambda _: Answer(b"", 429, {"retry-after": "4"})
    error = await failure(text)
    assert (error.code, getattr(error, "retry_after", None)) == ("RATE_LIMITED", 4.0)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": {"code": 502, "message": "upstream"}}, "PROVIDER_ERROR"),
        ({"error": {"code": 403, "message": "flagged by moderation"}}, "REFUSED"),
        ({"error": {"code": "server_error", "message": "?"}}, "PROVIDER_ERROR"),
        ({"error": {"code": "rate_limit_exceeded", "message": "?"}}, "RATE_LIMITED"),
        ({"error": {"code": "402", "message": "?"}}, "QUOTA"),
        ({"error": "just words"}, "PROVIDER_ERROR"),
    ],
)
async def test_an_error_inside_a_successful_answer_is_an_error(
    body: dict[str, Any], code: str, server: ScriptedServer, text: ChainedText
) -> None:
    server.default = lambda _: Answer(body)
    assert (await failure(text)).code == code


@pytest.mark.parametrize("error", [None, {"code": 502, "message": "upstream died"}])
async def test_openrouters_error_after_generation_began_is_an_error(
    error: Any, server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> None:
    text = text_of(Adapter(name="openrouter"), server, settings_with, catalog)
    server.script(Answer(chat('{"title":', finish_reason="error", error=error)))
    assert (await failure(text)).code == "PROVIDER_ERROR"


async def test_the_chain_turns_to_the_next_model_and_says_who_served(
    server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> None:
    text = text_of(Adapter(name="openai"), server, settings_with, catalog)
    gone = {"error": {"code": "model_not_found", "message": "gone"}}
    served = responses(json.dumps(OUTLINE), model="gpt-5.6-luna")
    server.script(Answer(gone, 404), Answer(served))
    answer = await generated(text)
    assert answer.model == "gpt-5.6-luna"
    assert [request.json["model"] for request in server.requests] == [
        "gpt-5.6-terra",
        "gpt-5.6-luna",
    ]
    keys = {request.headers["idempotency-key"] for request in server.requests}
    assert keys == {"unit-1:openai:gpt-5.6-terra", "unit-1:openai:gpt-5.6-luna"}


async def test_a_retry_after_a_lost_answer_carries_the_same_key(
    server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> None:
    text = text_of(Adapter(name="openai"), server, settings_with, catalog)
    server.script(Answer(lost=True), Answer(responses(json.dumps(OUTLINE))))
    await failure(text)
    await generated(text)
    keys = [request.headers["idempotency-key"] for request in server.requests]
    assert keys[0] == keys[1]


async def test_a_compatible_server_needs_an_address_and_no_key(
    server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> None:
    text = ChainedText(settings_with(compatible_base_url=f"{server.url}/v1"), catalog)
    body = chat(json.dumps(OUTLINE))
    del body["usage"]
    server.script(Answer(body))
    answer = await generated(text)
    assert answer.provider == "compatible"
    assert answer.usage[0].cost_usd == 0
