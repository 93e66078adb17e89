"""Telling a client that its video job is over, signed as OpenRouter signs it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import time
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from pipeline_defs.local.providers.server.store import as_json

PAUSES = (0.5, 2.0, 8.0)  # seconds before the second and later tries
TRY_TIME = aiohttp.ClientTimeout(total=5.0)
SIGNATURE = "X-OpenRouter-Signature"
IDEMPOTENCY_KEY = "X-OpenRouter-Idempotency-Key"


def may_be_called(url: str) -> bool:
    """Whether an address is on this machine: a development server calls nobody else."""
    try:
        parts = urlsplit(url)
        host, scheme, _ = parts.hostname or "", parts.scheme, parts.port
    except ValueError:
        return False
    if scheme not in {"http", "https"}:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def signature(secret: str, timestamp: int, raw: bytes) -> str:
    """The value of the signature header for a body sent at `timestamp` (seconds since 1970)."""
    signed = str(timestamp).encode() + b"," + raw
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


async def send(url: str, event: dict[str, Any], key: str, secret: str) -> bool:
    """Post an event until somebody takes it; whether somebody did."""
    raw = as_json(event).encode()
    async with aiohttp.ClientSession(timeout=TRY_TIME) as http:
        for pause in (*PAUSES, None):
            if await _taken(http, url, raw, key, secret):
                return True
            if pause is not None:
                await asyncio.sleep(pause)
    return False


async def _taken(http: aiohttp.ClientSession, url: str, raw: bytes, key: str, secret: str) -> bool:
    headers = {
        "content-type": "application/json",
        SIGNATURE: signature(secret, int(time.time()), raw),
        IDEMPOTENCY_KEY: key,
    }
    try:
        async with http.post(url, data=raw, headers=headers, allow_redirects=False) as answer:
            return 200 <= answer.status < 300
    except (aiohttp.ClientError, TimeoutError):
        return False  # the next try, or the client's own polling, makes up for it
