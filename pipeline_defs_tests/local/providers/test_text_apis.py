"""The text endpoints in the shapes of OpenAI and OpenRouter."""

from __future__ import annotations

import pytest

from pipeline_defs.domain.articles.drafts import OutlineDraft, OutlineTask
from pipeline_defs_tests.local.providers.client import (
    Providers,
    chat_body,
    outline_body,
    refused,
    said,
)

TASK = OutlineTask(topic="Bees", sections=4)


async def test_responses_answer_a_task_with_json_of_the_schema_and_usage(
    providers: Providers,
) -> None:
    response = await providers.outline("Bees", 4)
    body = response.json()
    assert (response.status_code, body["status"], body["object"]) == (200, "completed", "response")
    assert len(OutlineDraft.model_validate(said(response)).sections) == 4
    assert body["model"] == "local-extractive-writer"
    usage = body["usage"]
    assert usage["input_tokens"] > 50
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert response.headers["x-request-id"].startswith("req_")


async def test_responses_take_messages_with_parts_as_input(providers: Providers) -> None:
    body = outline_body("Bees", 4)
    part = {"type": "input_text", "text": body["input"]}
    response = await providers.post(
        "/openai/v1/responses", {**body, "input": [{"role": "user", "content": [part]}]}
    )
    assert len(said(response)["sections"]) == 4


@pytest.mark.parametrize(
    "path", ["/openai/v1/chat/completions", "/openrouter/api/v1/chat/completions"]
)
async def test_chat_answers_the_same_task(path: str, providers: Providers) -> None:
    response = await providers.post(path, chat_body(TASK, OutlineDraft))
    body = response.json()
    assert body["choices"][0]["finish_reason"] == "stop"
    assert len(said(response)["sections"]) == 4
    assert body["usage"]["completion_tokens"] > 0


async def test_openrouter_reports_its_cost_and_serves_the_first_living_model(
    providers: Providers,
) -> None:
    body = chat_body(TASK, OutlineDraft, models=["gpt-4-turbo", "anthropic/claude-sonnet-5"])
    response = await providers.post(
        "/openrouter/api/v1/chat/completions", {**body, "model": "gpt-4-turbo"}
    )
    assert response.json()["usage"]["cost"] > 0
    assert response.json()["model"] == "local-extractive-writer"


async def test_a_model_past_its_end_is_not_found(providers: Providers) -> None:
    response = await providers.post("/openai/v1/responses", outline_body(model="gpt-4-turbo"))
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "model_not_found"


async def test_models_are_listed_with_their_shutdown_dates(providers: Providers) -> None:
    listed = (await providers.get("/openai/v1/models")).json()["data"]
    dates = {model["id"]: model["shutdown_date"] for model in listed}
    assert dates["gpt-5.4-nano"] == "2027-04-01"
    assert dates["local-extractive-writer"] is None
    assert (await providers.get("/openrouter/api/v1/models")).json()["data"][0]["pricing"]


async def test_a_prompt_without_a_task_is_refused_with_what_the_writer_can_do(
    providers: Providers,
) -> None:
    response = await providers.post(
        "/openai/v1/responses", {"model": "gpt-5.6-luna", "input": "Write me a poem."}
    )
    assert response.status_code == 200
    assert "local-extractive-writer" in refused(response)
    assert "article_outline" in refused(response)
    assert "OPENAI_API_KEY" in refused(response)


async def test_a_schema_of_another_kind_is_refused(providers: Providers) -> None:
    form = {"type": "json_schema", "name": "X", "schema": {"properties": {"poem": {}}}}
    response = await providers.post(
        "/openai/v1/responses", {**outline_body(), "text": {"format": form}}
    )
    assert "schema" in refused(response)


async def test_a_chat_refusal_stands_in_its_own_field(providers: Providers) -> None:
    body = chat_body(OutlineTask(topic="Football", sections=3), OutlineDraft)
    response = await providers.post("/openai/v1/chat/completions", body)
    message = response.json()["choices"][0]["message"]
    assert message["content"] is None
    assert "do not cover 'Football'" in message["refusal"]
    assert "Volcanoes" in message["refusal"]


async def test_an_answer_longer_than_allowed_is_incomplete(providers: Providers) -> None:
    response = await providers.post("/openai/v1/responses", outline_body(max_output_tokens=50))
    body = response.json()
    assert body["status"] == "incomplete"
    assert body["incomplete_details"] == {"reason": "max_output_tokens"}
    assert body["usage"]["output_tokens"] <= 50


@pytest.mark.parametrize(
    ("change", "field"),
    [({"model": 5}, "model"), ({"input": None}, "input"), ({"max_output_tokens": -1}, "max")],
)
async def test_a_request_that_is_not_valid_is_told_which_field(
    change: dict[str, object], field: str, providers: Providers
) -> None:
    response = await providers.post("/openai/v1/responses", {**outline_body(), **change})
    assert response.status_code == 400
    assert field in response.json()["error"]["message"]


async def test_a_body_that_is_no_json_is_a_bad_request(providers: Providers) -> None:
    response = await providers.http.post(
        "/openai/v1/responses", content=b"{", headers=providers.headers
    )
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_json")
