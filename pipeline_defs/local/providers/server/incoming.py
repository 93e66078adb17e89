"""What a client sent, before anything is made of it: its key, its bytes, its body."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode
from binascii import Error as BadBase64
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request as HttpRequest

from pipeline_defs.local.providers.server.multipart import Form, is_form, read_form
from pipeline_defs.local.providers.server.shapes import ApiError, Provider

FIELDS_MOST = 200  # of a form


def expect_key(http: HttpRequest, provider: Provider, key: str) -> None:
    """401 in the provider's words where a client does not present `key` in its way."""
    if provider.is_open:
        return
    if provider.key_header:
        given = http.headers.get(provider.key_header, "")
    else:
        given = _basic_password(http, provider.user) if provider.basic else bearer(http)
    if not same(given, key):
        raise ApiError(401, *provider.unauthorized)


def bearer(http: HttpRequest) -> str:
    """The bearer token."""
    scheme, _, given = http.headers.get("authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else ""


def same(given: str, expected: str) -> bool:
    """Whether a key is the expected one, in constant time; spaces in ours do not count."""
    return hmac.compare_digest(given.encode(), expected.replace(" ", "").encode())


async def read(http: HttpRequest, limit: int) -> bytes:
    """The body; 413 beyond `limit` bytes."""
    body = bytearray()
    async for chunk in http.stream():
        body += chunk
        if len(body) > limit:
            raise ApiError(413, "request_too_large", f"more than {limit} bytes")
    return bytes(body)


def decoded(raw: bytes, content_type: str) -> tuple[Any, Form]:
    """The JSON object, or a form's fields together with the form."""
    if is_form(content_type):
        form = read_form(raw, content_type)
        return dict(form.fields), form
    if content_type.startswith("application/x-www-form-urlencoded"):
        return _fields(raw.decode("utf-8", "replace")), Form()
    try:
        value = json.loads(raw or b"{}")
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "invalid_json", "the body is not valid JSON") from error
    if not isinstance(value, dict):
        raise ApiError(400, "invalid_json", "the body is not a JSON object")
    return value, Form()


def fingerprint(http: HttpRequest, raw: bytes) -> str:
    """What makes two requests the same one: a form's random boundary is no part of it."""
    asked = f"{http.method} {http.url.path}?{http.url.query}\n".encode()
    content_type = http.headers.get("content-type", "")
    _, found, boundary = content_type.partition("boundary=")
    if is_form(content_type) and found:
        raw = raw.replace(boundary.strip('"').encode(), b"")
    return hashlib.sha256(asked + raw).hexdigest()


def _fields(text: str) -> dict[str, str | list[str]]:
    """A form's fields; a name that stands there more than once has a list."""
    values: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MOST)
    except ValueError as error:
        raise ApiError(400, "invalid_form", f"more than {FIELDS_MOST} fields") from error
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {name: found if len(found) > 1 else found[0] for name, found in values.items()}


def _basic_password(http: HttpRequest, user: str) -> str:
    """The password, if `user` or anybody gives it; WordPress shows application passwords with
    spaces, which do not count."""
    scheme, _, given = http.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        pair = b64decode(given.strip(), validate=True).decode()
    except (BadBase64, UnicodeDecodeError):
        return ""
    name, _, password = pair.partition(":")
    return password.replace(" ", "") if not user or same(name, user) else ""
