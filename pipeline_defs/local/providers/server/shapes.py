"""How each provider writes its errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipeline_defs.gateways.endpoints import LOCAL_TWILIO_ACCOUNT

Shape = Callable[[int, str, str], dict[str, Any]]


class ApiError(Exception):
    """A request that is answered with an error in the provider's shape; nothing is billed."""

    def __init__(self, status: int, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as far as errors, keys and bills are concerned."""

    name: str
    shape: Shape
    unauthorized: tuple[str, str]  # code and message
    basic: bool = False  # Basic user:password instead of a bearer key
    user: str = ""  # who that user has to be; anybody where it is empty
    key_header: str = ""  # or a header of its own
    is_open: bool = False  # asks for no key

    def error(self, error: ApiError) -> dict[str, Any]:
        """The body of an error answer."""
        body = self.shape(error.status, error.code, error.message)
        if error.details:
            _inner(body).update(error.details)
        return body


def _inner(body: dict[str, Any]) -> dict[str, Any]:
    return body.get("error") or body.get("data") or body.get("detail") or body


def _openai(status: int, code: str, message: str) -> dict[str, Any]:
    kinds = {401: "invalid_request_error", 409: "idempotency_error", 429: "requests"}
    kind = kinds.get(status, "server_error" if status >= 500 else "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _openrouter(status: int, code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": status, "message": message, "metadata": {"reason": code}}}


def _perplexity(status: int, code: str, message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": code, "code": status}}


def _search(status: int, code: str, message: str) -> dict[str, Any]:
    return {"type": "ErrorResponse", "error": {"status": status, "code": code, "message": message}}


def _wordpress(status: int, code: str, message: str) -> dict[str, Any]:
    return {"code": code, "message": message, "data": {"status": status}}


def _elevenlabs(_: int, code: str, message: str) -> dict[str, Any]:
    return {"detail": {"status": code, "message": message}}


def _twilio(status: int, code: str, message: str) -> dict[str, Any]:
    number = int(code) if code.isdigit() else _TWILIO_CODES.get(status, 20500)
    more = f"https://www.twilio.com/docs/errors/{number}"
    return {"code": number, "message": message, "more_info": more, "status": status}


_TWILIO_CODES = {400: 20001, 401: 20003, 403: 20003, 404: 20404, 429: 20429, 503: 20503}
OPENAI = Provider("openai", _openai, ("invalid_api_key", "Incorrect API key provided."))
OPENROUTER = Provider("openrouter", _openrouter, ("invalid_key", "No auth credentials found"))
PERPLEXITY = Provider("perplexity", _perplexity, ("invalid_api_key", "Invalid API key provided."))
ELEVENLABS = Provider(
    "elevenlabs",
    _elevenlabs,
    ("invalid_api_key", "Invalid API key"),
    key_header="xi-api-key",
)
SEARCH = Provider("search", _search, ("SUBSCRIPTION_TOKEN_INVALID", "The key is not valid."))
KEYWORDS = Provider("keywords", _search, ("INVALID_KEY", "The key is not valid."))
RIVALS = Provider("competitors", _search, ("", ""), is_open=True)
WORDPRESS = Provider(
    "wordpress",
    _wordpress,
    ("incorrect_password", "The provided password is an invalid application password."),
    basic=True,
)
TWILIO = Provider(
    "twilio", _twilio, ("20003", "Authenticate"), basic=True, user=LOCAL_TWILIO_ACCOUNT
)

FAULT_CODES = {
    400: ("invalid_request", "The request is not valid."),
    401: ("invalid_api_key", "Incorrect API key provided."),
    402: ("insufficient_credits", "This request requires more credits."),
    403: ("permission_denied", "The key may not do this."),
    404: ("not_found", "There is no such thing."),
    408: ("request_timeout", "The request timed out."),
    409: ("conflict", "Another request is at work on this."),
    429: ("rate_limit_exceeded", "Rate limit reached. Please try again later."),
    500: ("server_error", "The server had an error while processing your request."),
    502: ("bad_gateway", "Bad gateway."),
    503: ("overloaded", "The service is overloaded. Please try again later."),
    529: ("overloaded", "The service is overloaded. Please try again later."),
}
