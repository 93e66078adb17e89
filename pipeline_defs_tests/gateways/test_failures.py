from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from pipeline_defs.domain.errors import Permanent, Transient
from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.failures import (
    REFUSAL_TEXT_LIMIT,
    RETRY_AFTER_CAP,
    Failure,
    Refused,
    classify_failure,
    retry_after,
)
from pipeline_defs_tests.gateways.conftest import SECRET

ENDPOINT = Endpoint("openai", "https://api.openai.com/v1", "OPENAI_API_KEY", SecretStr(SECRET))
NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def body(code: Any = None, message: str = "words", kind: str | None = None) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "type": kind}}


@pytest.mark.parametrize(
    ("status", "answer", "code", "retryable"),
    [
        (429, body("rate_limit_exceeded"), "RATE_LIMITED", True),
        (429, None, "RATE_LIMITED", True),
        (429, body("insufficient_quota"), "QUOTA", False),
        (429, body(None, kind="insufficient_quota"), "QUOTA", False),
        (402, body(402), "QUOTA", False),
        (500, body(), "PROVIDER_ERROR", True),
        (502, None, "PROVIDER_ERROR", True),
        (503, None, "OVERLOADED", True),
        (504, "<html>", "PROVIDER_ERROR", True),
        (529, None, "OVERLOADED", True),
        (408, None, "TIMEOUT", True),
        (409, None, "CONFLICT", True),
        (400, body("bad"), "BAD_REQUEST", False),
        (422, [], "BAD_REQUEST", False),
        (400, body("content_policy_violation"), "REFUSED", False),
        (400, body("moderation_blocked"), "REFUSED", False),
        (400, body("invalid_prompt"), "REFUSED", False),
        (403, body(403, "Input was flagged by moderation"), "REFUSED", False),
        (451, body(), "REFUSED", False),
        (401, body("invalid_api_key"), "UNAUTHORIZED", False),
        (403, body(), "UNAUTHORIZED", False),
        (401, {"code": "incorrect_password", "message": "no"}, "UNAUTHORIZED", False),
        (403, {"code": "rest_cannot_create", "message": "no"}, "UNAUTHORIZED", False),
        (400, {"code": "rest_invalid_param", "message": "status"}, "BAD_REQUEST", False),
        (401, {"detail": {"status": "invalid_api_key", "message": "no"}}, "UNAUTHORIZED", False),
        (401, {"detail": {"status": "quota_exceeded", "message": "no"}}, "QUOTA", False),
        (429, {"detail": {"status": "system_busy", "message": "no"}}, "RATE_LIMITED", True),
        (400, {"detail": {"status": "bad_prompt", "message": "no"}}, "REFUSED", False),
        (400, {"detail": {"type": "x", "code": "text_too_long"}}, "TOO_LARGE", False),
        (422, {"detail": [{"loc": ["body"], "msg": "missing"}]}, "BAD_REQUEST", False),
        (400, {"detail": "words"}, "BAD_REQUEST", False),
        (404, body(), "MODEL_GONE", False),
        (410, body(), "MODEL_GONE", False),
        (400, body("model_not_found"), "MODEL_GONE", False),
        (413, None, "TOO_LARGE", False),
        (400, body("context_length_exceeded"), "TOO_LARGE", False),
        (301, None, "REDIRECTED", False),
        (418, {"error": "short and stout"}, "BAD_REQUEST", False),
    ],
)
def test_every_failed_answer_has_one_meaning(
    status: int, answer: Any, code: str, retryable: bool
) -> None:
    error = classify_failure(Failure(status, {}, answer, "some-model"), ENDPOINT, NOW)
    assert (error.code, error.retryable) == (code, retryable)


def test_a_404_without_a_model_is_not_found() -> None:
    assert classify_failure(Failure(404, {}, None), ENDPOINT).code == "NOT_FOUND"


def test_a_refused_key_names_the_variable_and_never_the_key() -> None:
    said = body("invalid_api_key", f"Incorrect API key provided: {SECRET}")
    error = classify_failure(Failure(401, {}, said), ENDPOINT)
    assert isinstance(error, Permanent)
    assert error.user_action_required
    assert "OPENAI_API_KEY" in error.advice
    assert SECRET not in f"{error} {error.advice}"


def test_the_key_is_cut_out_of_whatever_the_provider_echoes() -> None:
    for status in (400, 500, 404, 451):
        error = classify_failure(Failure(status, {}, body(None, f"got {SECRET}")), ENDPOINT)
        assert SECRET not in str(error)


def test_a_refusal_keeps_the_providers_words_up_to_a_limit() -> None:
    refused = Refused("openai", "no " * 1000)
    assert len(refused.message) < REFUSAL_TEXT_LIMIT + 50
    assert refused.user_action_required


def test_a_refusal_brings_what_would_be_accepted_and_what_was_objected_to() -> None:
    detail = {
        "status": "bad_prompt",
        "message": "Names a band.",
        "data": {"prompt_suggestion": f"Calm  piano {SECRET}"},
    }
    refused = classify_failure(Failure(400, {}, {"detail": detail}), ENDPOINT)
    assert refused.message == "openai refused: Names a band."
    assert refused.advice.endswith("openai suggests: Calm piano ***")
    details = {"categories": ["violence", 7]}
    error = {"code": "moderation_blocked", "message": "No.", "moderation_details": details}
    refused = classify_failure(Failure(400, {}, {"error": error}), ENDPOINT)
    assert refused.message == "openai refused: No. (violence, 7)"


@pytest.mark.parametrize("detail", [{"data": 3}, {"data": {"prompt_suggestion": 3}}, 3, None, {}])
def test_a_complaint_of_any_shape_is_read(detail: Any) -> None:
    error = classify_failure(Failure(400, {}, {"detail": detail, "error": None}), ENDPOINT)
    assert error.code == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "1000000000"}, RETRY_AFTER_CAP),
        ({"retry-after": "inf"}, RETRY_AFTER_CAP),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "Mon, 23 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Mon, 23 Nov 2020 12:00:30 GMT"}, 0.0),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, RETRY_AFTER_CAP),
        ({"retry-after": "Mon, 99 Nov 2026 12:00:30 GMT"}, None),
    ],
)
def test_the_wish_to_wait_is_read_in_every_form_and_capped(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(headers, NOW) == seconds


def test_the_wish_to_wait_goes_with_the_error() -> None:
    error = classify_failure(Failure(429, {"retry-after": "3"}, None), ENDPOINT, NOW)
    assert isinstance(error, Transient)
    assert error.retry_after == 3.0
