"""Verifies the callbacks by which OpenRouter tells that a video job is over.

Signed is `<t>,<raw body>` with HMAC-SHA256; the header says `t=<unix seconds>,v1=<hex>`. Whatever
is malformed is refused with a reason: no input makes it raise anything else. A callback is only a
hint: the job itself is looked at before anything is believed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline_defs.policies import WEBHOOK_TOLERANCE

SIGNATURE_HEADER = "x-openrouter-signature"
KEY_HEADER = "x-openrouter-idempotency-key"
EVENTS = "video.generation."  # followed by the job's status
STATUSES = frozenset({"completed", "failed", "cancelled", "expired"})
MOST_SIGNATURES = 16
KEY_LIMIT = 200  # characters
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_HEX = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
_NAME = re.compile(r"[\x21-\x7e]{1,200}")  # of a job or an event: printable, without spaces


class CallbackRefused(Exception):
    """The callback is not OpenRouter's, or not readable; the text says why."""


@dataclass(frozen=True, slots=True)
class CallbackEvent:
    """A job is over. The same event always carries the same `idempotency_key`."""

    job_id: str
    status: str  # completed, failed, cancelled or expired
    idempotency_key: str


def sign(secret: str, timestamp: int, raw_body: bytes) -> str:
    """The signature header of a body."""
    return f"t={timestamp},v1={_digest(secret, str(timestamp), raw_body)}"


def verify(
    headers: Mapping[str, str], raw_body: bytes, secrets: Sequence[str], now: float
) -> CallbackEvent:
    """The event, when it was signed with one of `secrets` within five minutes of `now`.

    `now` is in seconds since 1970; several secrets are accepted during a change-over. Raises
    CallbackRefused for everything else.
    """
    known = [secret for secret in secrets if secret]
    if not known:
        raise CallbackRefused("OPENROUTER_WEBHOOK_SECRET is not set on this gateway")
    sent = {name.lower(): value for name, value in headers.items()}
    timestamp, signatures = _parts(sent.get(SIGNATURE_HEADER, ""))
    if not abs(now - int(timestamp)) <= WEBHOOK_TOLERANCE:
        raise CallbackRefused(f"t in {SIGNATURE_HEADER} is too far from the present")
    expected = [_digest(secret, timestamp, raw_body) for secret in known]
    matches = [hmac.compare_digest(given, wanted) for given in signatures for wanted in expected]
    if not any(matches):
        raise CallbackRefused("no signature matches")
    return _event(raw_body, sent.get(KEY_HEADER, ""))


def _digest(secret: str, timestamp: str, raw_body: bytes) -> str:
    key = secret.encode("utf-8", "surrogatepass")
    return hmac.new(key, f"{timestamp},".encode() + raw_body, hashlib.sha256).hexdigest()


def _parts(header: str) -> tuple[str, list[str]]:
    """Timestamp as sent, and well-formed signatures in lower case."""
    pairs = [part.strip().partition("=") for part in header.split(",")[: MOST_SIGNATURES + 1]]
    timestamps = [value for name, _, value in pairs if name == "t"]
    signatures = [value.lower() for name, _, value in pairs if name == "v1"]
    if len(timestamps) != 1 or not _TIMESTAMP.fullmatch(timestamps[0]):
        raise CallbackRefused(f"{SIGNATURE_HEADER} must hold t=<seconds since 1970>")
    well_formed = [signature for signature in signatures if _HEX.fullmatch(signature)]
    if not well_formed:
        raise CallbackRefused(f"{SIGNATURE_HEADER} must hold v1=<64 hex digits>")
    return timestamps[0], well_formed


def _event(raw_body: bytes, key: str) -> CallbackEvent:
    body = _json(raw_body)
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(data, dict):
        raise CallbackRefused("the body holds no event")
    kind, job_id = body.get("type"), data.get("id")
    status = kind.removeprefix(EVENTS) if isinstance(kind, str) else ""
    if status not in STATUSES or kind != EVENTS + status:
        raise CallbackRefused("the event is not the end of a video job")
    if not isinstance(job_id, str) or not _NAME.fullmatch(job_id):
        raise CallbackRefused("the event names no job")
    if key and not _NAME.fullmatch(key):
        raise CallbackRefused(f"{KEY_HEADER} must be up to {KEY_LIMIT} printable characters")
    return CallbackEvent(job_id, status, key or f"{job_id}:{status}")


def _json(raw_body: bytes) -> Any:
    try:
        return json.loads(raw_body)
    except (ValueError, RecursionError):
        raise CallbackRefused("the body is not JSON") from None
