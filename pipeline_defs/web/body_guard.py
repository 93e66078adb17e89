"""ASGI middleware: a request body is taken in whole, within a size and a time, or refused.

Nothing behind it ever waits for a slow sender or holds more than the limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline_defs.web.problems import Problem, response

METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class BodyRule:
    """What bodies may be at paths that begin so: bytes, seconds to arrive in, media types."""

    path: str
    limit: int
    deadline: float
    media_types: tuple[str, ...] = (JSON,)


class BodyGuard:
    """Answers 413, 415 and 408 itself. The first rule whose path fits counts."""

    def __init__(self, app: ASGIApp, rules: Sequence[BodyRule]) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard HTTP requests that may have a body."""
        if scope["type"] != "http" or scope["method"] not in METHODS:
            await self._app(scope, receive, send)
            return
        rule = next(rule for rule in self._rules if scope["path"].startswith(rule.path))
        try:
            _check_headers(Headers(scope=scope), rule)
            body = await _read(receive, rule)
        except Problem as problem:
            problem.headers = {**(problem.headers or {}), "Connection": "close"}
            await response(problem)(scope, receive, send)
            return
        if body is not None:
            await self._app(scope, _replay(body, receive), send)


def _check_headers(headers: Headers, rule: BodyRule) -> None:
    length = headers.get("content-length", "0")
    if length.isdigit() and int(length[:20]) > rule.limit:
        raise _too_large(rule)
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Problem(
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            "Compressed bodies are not accepted.",
            advice="Send the body without Content-Encoding.",
        )
    has_body = length != "0" or "transfer-encoding" in headers
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if has_body and media_type not in rule.media_types:
        json_alone = rule.media_types == (JSON,)
        raise Problem(
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            "The body must be JSON." if json_alone else "The body is of no type that is read here.",
            advice=f"Send it with `Content-Type: {'` or `'.join(rule.media_types)}`.",
        )


async def _read(receive: Receive, rule: BodyRule) -> bytes | None:
    """The whole body, or None when the client went away."""
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(rule.deadline):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                chunk = message.get("body", b"")
                size += len(chunk)
                if size > rule.limit:
                    raise _too_large(rule)
                chunks.append(chunk)
                if not message.get("more_body", False):
                    return b"".join(chunks)
    except TimeoutError as error:
        raise Problem(
            408,
            "BODY_TOO_SLOW",
            f"The body did not arrive within {rule.deadline:g} seconds.",
        ) from error


def _too_large(rule: BodyRule) -> Problem:
    return Problem(413, "BODY_TOO_LARGE", f"The body may have at most {rule.limit} bytes.")


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
