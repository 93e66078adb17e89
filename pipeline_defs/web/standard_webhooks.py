"""Verifies Standard Webhooks signatures over the raw bytes of a request.

Signed is `id.timestamp.body` with HMAC-SHA256 (`v1`). Whatever is malformed is refused with a
reason: no input makes it raise anything else. Ids are narrower than the specification allows (no
dots), so that the three signed parts cannot be shifted against each other.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence

from pipeline_defs import policies

ID = re.compile(rb"[A-Za-z0-9_-]{1,64}")
TIMESTAMP = re.compile(rb"[0-9]{1,12}")
MOST_SIGNATURES = 16


class Refused(Exception):
    """The signature does not hold; the text says why."""


def parse_secrets(text: str) -> tuple[bytes, ...]:
    """Keys from `whsec_<base64>`, several separated by spaces during a change-over.

    ValueError when one is empty or not base64.
    """
    keys: list[bytes] = []
    for secret in text.split() or [""]:
        encoded = secret.removeprefix("whsec_")
        padded = encoded + "=" * (-len(encoded) % 4)
        try:
            key = base64.b64decode(padded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValueError("a webhook signing secret is not base64") from error
        if not key:
            raise ValueError("a webhook signing secret is empty")
        keys.append(key)
    return tuple(keys)


def sign(key: bytes, event_id: bytes, timestamp: bytes, body: bytes) -> str:
    """The `v1` signature of an event."""
    signed = b".".join((event_id, timestamp, body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def verify(
    keys: Sequence[bytes],
    headers: tuple[bytes, bytes, bytes],
    body: bytes,
    now: float,
) -> str:
    """The event's id, when one of the signatures was made with one of the keys; else Refused.

    `headers` are the raw values of webhook-id, webhook-timestamp and webhook-signature.
    """
    event_id, timestamp, signatures = headers
    if not keys:
        raise Refused("WEBHOOK_SIGNING_SECRET is not set on this gateway")
    if not ID.fullmatch(event_id):
        raise Refused("webhook-id must be 1 to 64 letters, digits, - or _")
    if not TIMESTAMP.fullmatch(timestamp):
        raise Refused("webhook-timestamp must be whole seconds since 1970")
    if abs(now - int(timestamp)) > policies.WEBHOOK_TOLERANCE:
        raise Refused("webhook-timestamp is too far from the present")
    expected = [sign(key, event_id, timestamp, body).encode() for key in keys]
    matches = [
        hmac.compare_digest(given, wanted)
        for given in signatures.split(b" ")[:MOST_SIGNATURES]
        for wanted in expected
    ]
    if not any(matches):
        raise Refused("no signature matches")
    return event_id.decode()
