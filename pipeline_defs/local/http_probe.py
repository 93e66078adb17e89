"""Small HTTP requests to our own services on loopback: no proxy, no redirects, short patience."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

_LARGEST = 4_000_000


def get(
    url: str, headers: Mapping[str, str] | None = None, timeout: float = 3.0
) -> tuple[int, Any]:
    """Status and parsed body (None when it is not JSON); `OSError` when nothing answers."""
    return _request("GET", url, None, headers or {}, timeout)


def post(url: str, body: object, timeout: float = 5.0) -> tuple[int, Any]:
    """The same for a JSON body."""
    headers = {"Content-Type": "application/json"}
    return _request("POST", url, json.dumps(body).encode(), headers, timeout)


def _request(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str], timeout: float
) -> tuple[int, Any]:
    address = urlsplit(url)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(address.hostname or "", address.port, timeout=timeout)
    try:
        connection.request(method, address.path or "/", body, dict(headers))
        response = connection.getresponse()
        raw = response.read(_LARGEST)
    except http.client.HTTPException as error:
        raise ConnectionError(f"no HTTP answer: {error!r}") from error
    finally:
        connection.close()
    try:
        return response.status, json.loads(raw)
    except ValueError:
        return response.status, None
