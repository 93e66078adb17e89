"""What a provider's failure means: one pure function from an answer to a classified error.

Codes (stable): RATE_LIMITED, OVERLOADED, PROVIDER_ERROR, CONFLICT, TIMEOUT, UNREACHABLE,
CONNECTION_LOST and INVALID_ANSWER are transient; QUOTA, UNAUTHORIZED, MODEL_GONE, REFUSED,
TOO_LARGE, BAD_REQUEST, NOT_FOUND and REDIRECTED are permanent.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pipeline_defs.domain.errors import Permanent, PipelineError, Transient
from pipeline_defs.gateways.complaints import Complaint, read_complaint
from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.usage import Usage
from pipeline_defs.policies import WRITING

RETRY_AFTER_CAP = WRITING.retry.honour_retry_after_up_to
REFUSAL_TEXT_LIMIT = 900
MESSAGE_LIMIT = 300

_REFUSAL_CODES = {
    "content_policy_violation",
    "content_filter",
    "moderation_blocked",
    "image_content_policy_violation",
    "invalid_prompt",
    "safety",
    "bad_prompt",  # ElevenLabs music
    "content_against_policy",
}
_QUOTA_CODES = {
    "insufficient_quota",
    "billing_hard_limit_reached",
    "billing_not_active",
    "quota_exceeded",
    "insufficient_credits",
}
_MODEL_CODES = {"model_not_found", "model_deprecated", "model_not_available"}
_LENGTH_CODES = {
    "context_length_exceeded",
    "string_above_max_length",
    "request_too_large",
    "max_character_limit_exceeded",
    "text_too_long",
}
# How providers say of a failed job, in a code or in words, that they objected to its content.
_REFUSAL_WORDS = re.compile(
    r"moderat|content.?polic|policy.?violat|content.?filter|safety|sensitive.?content|flagged",
    re.IGNORECASE,
)


class InvalidAnswer(Transient):
    """An answer came, was paid for and cannot be used. A repair is a new call with a new key."""

    def __init__(self, message: str, usage: tuple[Usage, ...] = ()) -> None:
        super().__init__("INVALID_ANSWER", message)
        self.usage = usage


class Refused(Permanent):
    """The provider declined on grounds of content; its words are in the message."""

    def __init__(
        self, provider: str, text: str, usage: tuple[Usage, ...] = (), *, suggestion: str = ""
    ) -> None:
        words = " ".join(text.split())[:REFUSAL_TEXT_LIMIT] or "no reason given"
        advice = "Change the topic or the wording; the same request is refused again."
        if suggestion:
            advice += f" {provider} suggests: {' '.join(suggestion.split())[:REFUSAL_TEXT_LIMIT]}"
        super().__init__(
            "REFUSED",
            f"{provider} refused: {words}",
            advice=advice,
            user_action_required=True,
        )
        self.usage = usage


class OutputTooLong(Permanent):
    """The answer did not fit into the output tokens allowed; it was paid for."""

    def __init__(self, provider: str, tokens: int, usage: tuple[Usage, ...] = ()) -> None:
        super().__init__(
            "OUTPUT_TOO_LONG",
            f"{provider} needed more than the {tokens} output tokens allowed",
            advice="Ask for a shorter text or allow more output tokens.",
        )
        self.usage = usage


def spent(error: BaseException) -> tuple[Usage, ...]:
    """What a failed call cost all the same; empty where nothing is known to be billed."""
    return tuple(getattr(error, "usage", ()))


def charge(error: PipelineError, usage: tuple[Usage, ...]) -> None:
    """Put what other calls for the same answer cost on the bill of the error raised for all."""
    if usage:
        vars(error)["usage"] = usage


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed answer: HTTP status (or the one inside the body), headers, decoded JSON or None."""

    status: int
    headers: Mapping[str, str]
    body: Any = None
    model: str = ""  # set where the request named one


def classify_failure(
    failure: Failure, endpoint: Endpoint, now: datetime | None = None
) -> PipelineError:
    """The error a failed answer means. Pure but for the clock, which `now` replaces."""
    complaint = read_complaint(failure.body)
    code, message = complaint.code, complaint.message
    said = _said(message, endpoint)
    wait = retry_after(failure.headers, now or datetime.now(UTC))
    by_code = _by_code(complaint, failure, endpoint, said)
    if by_code is not None:
        return by_code
    if failure.status == 403 and is_refusal(code, message):
        return Refused(endpoint.label, endpoint.redact(message))
    return _by_status(failure, endpoint, said, wait)


def is_refusal(code: str, message: str) -> bool:
    """Whether a failed job or a forbidden request was an objection to its content."""
    return code in _REFUSAL_CODES or bool(_REFUSAL_WORDS.search(f"{code} {message}"))


def _by_code(
    complaint: Complaint, failure: Failure, endpoint: Endpoint, said: str
) -> PipelineError | None:
    """The meanings that the provider's own error code settles, whatever the status."""
    code = complaint.code
    if code in _REFUSAL_CODES:
        suggestion = endpoint.redact(complaint.suggestion)
        return Refused(endpoint.label, said.lstrip(": "), suggestion=suggestion)
    if code in _QUOTA_CODES:
        return _quota(endpoint)
    if code in _MODEL_CODES:
        return _model_gone(failure, endpoint)
    if code in _LENGTH_CODES:
        return _too_large(endpoint)
    return None


def _by_status(
    failure: Failure, endpoint: Endpoint, said: str, wait: float | None
) -> PipelineError:
    status, name = failure.status, endpoint.label
    if status == 429:
        return Transient("RATE_LIMITED", f"{name} is rate limiting", retry_after=wait)
    if status in {503, 529}:
        return Transient("OVERLOADED", f"{name} is overloaded ({status})", retry_after=wait)
    if status == 408:
        return Transient("TIMEOUT", f"{name} timed out (408)", retry_after=wait)
    if status == 409:
        return Transient("CONFLICT", f"{name} is at work on the same request", retry_after=wait)
    if status >= 500:
        return Transient("PROVIDER_ERROR", f"{name} failed ({status}){said}", retry_after=wait)
    return _permanent_by_status(failure, endpoint, said)


def _permanent_by_status(failure: Failure, endpoint: Endpoint, said: str) -> PipelineError:
    status, name = failure.status, endpoint.label
    if status in {401, 403}:
        return Permanent(
            "UNAUTHORIZED",
            f"{name} does not accept the key ({status})",
            advice=f"Check {endpoint.variable} and what its owner may do.",
            user_action_required=True,
        )
    if status == 402:
        return _quota(endpoint)
    if status in {404, 410} and failure.model and isinstance(failure.body, dict):
        return _model_gone(failure, endpoint)
    if status in {404, 410}:
        return Permanent(
            "NOT_FOUND",
            f"{name} does not know what was asked for ({status}){said}",
            advice="Check the address of the provider.",
        )
    if status == 413:
        return _too_large(endpoint)
    if status == 451:
        return Refused(name, said.lstrip(": "))
    if 300 <= status < 400:
        return Permanent(
            "REDIRECTED",
            f"{name} redirects ({status}); redirects are never followed",
            advice="Set the provider's final address.",
            user_action_required=True,
        )
    return Permanent("BAD_REQUEST", f"{name} does not accept the request ({status}){said}")


def _quota(endpoint: Endpoint) -> Permanent:
    return Permanent(
        "QUOTA",
        f"the account at {endpoint.label} has no credit left",
        advice=f"Add credit to the account of {endpoint.variable}, then run it again.",
        user_action_required=True,
    )


def _model_gone(failure: Failure, endpoint: Endpoint) -> Permanent:
    return Permanent(
        "MODEL_GONE",
        f"{endpoint.label} does not serve the model '{failure.model}'",
        advice="Name a current model in providers.toml; `pipeline doctor` lists the aging ones.",
        user_action_required=True,
    )


def _too_large(endpoint: Endpoint) -> Permanent:
    return Permanent(
        "TOO_LARGE",
        f"the request is larger than {endpoint.label} accepts",
        advice="Use fewer or shorter sources.",
    )


def _said(message: str, endpoint: Endpoint) -> str:
    text = endpoint.redact(" ".join(message.split()))[:MESSAGE_LIMIT]
    return f": {text}" if text else ""


def inner_status(error: Any) -> int:
    """The HTTP status that an error inside a successful answer stands for; 502 if it says none."""
    code = error.get("code") if isinstance(error, dict) else None
    if code == "rate_limit_exceeded":
        return 429
    status = int(code) if isinstance(code, int | str) and str(code).isdecimal() else 0
    return status if 400 <= status < 600 else 502


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait by `Retry-After(-ms)`: a number or an HTTP date, within [0, cap]."""
    milliseconds = headers.get("retry-after-ms")
    seconds = _number(milliseconds)
    if seconds is not None:
        return _capped(seconds / 1000)
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None:
        return _capped(seconds)
    try:
        when = parsedate_to_datetime(value or "")
    except (ValueError, TypeError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return _capped((when - now).total_seconds())


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _capped(seconds: float) -> float:
    return min(max(seconds, 0.0), RETRY_AFTER_CAP)
