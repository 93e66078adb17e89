"""Reading what a provider says went wrong, in whichever shape it says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Complaint:
    """A provider's own code in lower case, its words, and the prompt it would accept instead."""

    code: str = ""
    message: str = ""
    suggestion: str = ""


def read_complaint(body: Any) -> Complaint:
    """From `{"error": {...}}`, from ElevenLabs' `{"detail": {"status"}}` or WordPress' `{"code"}`.

    Whatever else `body` is: an empty complaint.
    """
    error = body.get("error") or body.get("detail") or body if isinstance(body, dict) else body
    if isinstance(error, str):
        return Complaint(message=error)
    if not isinstance(error, dict):
        return Complaint()
    named = (error.get("code"), error.get("status"), error.get("type"))
    code = next((name for name in named if isinstance(name, str)), "")
    message = str(error.get("message") or "") + _categories(error)
    return Complaint(code.lower(), message, _suggestion(error))


def _categories(error: dict[str, Any]) -> str:
    """What OpenAI's moderation objected to, as ` (violence, hate)`."""
    details = error.get("moderation_details")
    found = details.get("categories") if isinstance(details, dict) else None
    names = [str(name) for name in found] if isinstance(found, list) else []
    return f" ({', '.join(names)})" if names else ""


def _suggestion(error: dict[str, Any]) -> str:
    """What ElevenLabs would accept in place of a refused prompt."""
    for place in (error.get("data"), error):
        if isinstance(place, dict) and isinstance(place.get("prompt_suggestion"), str):
            return place["prompt_suggestion"]
    return ""
