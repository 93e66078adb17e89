"""ASGI middleware: a request body is taken in whole, within a size and a time, or refused.

Nothing behind it ever waits for a slow sender or holds more than the limit.
"""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline_defs.web.problems import Problem, response

FORM = "application/x-www-form-urlencoded"
METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class BodyGuard:
    """Answers 413, 415 and 408 itself; `limit` in bytes, `deadline` in seconds for a body.

    Bodies are JSON; below the paths of `forms` they may be forms too.
    """

    def __init__(
        self, app: ASGIApp, limit: int, deadline: float, forms: tuple[str, ...] = ()
    ) -> None:
        self._app = app
        self._limit = limit
        self._deadline = deadline
        self._forms = forms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard HTTP requests that may have a body."""
        if scope["type"] != "http" or scope["method"] not in METHODS:
            await self._app(scope, receive, send)
            return
        try:
            self._check_headers(Headers(scope=scope), scope["path"])
            body = await self._read(receive)
        except Problem as problem:
            problem.headers = {**(problem.headers or {}), "Connection": "close"}
            await response(problem)(scope, receive, send)
            return
        if body is not None:
            await self._app(scope, _replay(body, receive), send)

    def _check_headers(self, headers: Headers, path: str) -> None:
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length[:20]) > self._limit:
            raise self._too_large()
        if headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise Problem(
                415,
                "UNSUPPORTED_MEDIA_TYPE",
                "Compressed bodies are not accepted.",
                advice="Send the body without Content-Encoding.",
            )
        has_body = length != "0" or "transfer-encoding" in headers
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        is_form = media_type == FORM and path.startswith(self._forms)
        if has_body and media_type != "application/json" and not is_form:
            raise Problem(
                415,
                "UNSUPPORTED_MEDIA_TYPE",
                "The body must be JSON.",
                advice="Send it with `Content-Type: application/json`.",
            )

    async def _read(self, receive: Receive) -> bytes | None:
        """The whole body, or None when the client went away."""
        chunks: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._deadline):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    chunk = message.get("body", b"")
                    size += len(chunk)
                    if size > self._limit:
                        raise self._too_large()
                    chunks.append(chunk)
                    if not message.get("more_body", False):
                        return b"".join(chunks)
        except TimeoutError as error:
            raise Problem(
                408,
                "BODY_TOO_SLOW",
                f"The body did not arrive within {self._deadline:g} seconds.",
            ) from error

    def _too_large(self) -> Problem:
        return Problem(413, "BODY_TOO_LARGE", f"The body may have at most {self._limit} bytes.")


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
