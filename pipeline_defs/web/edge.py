"""ASGI middleware at the outer edge: security headers on every answer, and the last resort."""

from __future__ import annotations

import logging
import re
import traceback

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline_defs.web.problems import Problem, from_exception, response

log = logging.getLogger(__name__)

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",  # players, and the captions of a player
        "connect-src 'self'",
        "frame-src 'self'",  # the preview of a page, which is sandboxed
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
KEY_MARK = re.compile(rb"pk_[0-9a-f]{8}_")


class Edge:
    """Adds headers, refuses keys in addresses, and turns whatever still escapes into a problem.

    A traceback is logged without the exception's text, which may hold a user's data.
    """

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._headers = dict(HEADERS)
        if https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wrap HTTP requests."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def decorated(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        if KEY_MARK.search(scope["query_string"]) or KEY_MARK.search(scope["path"].encode()):
            await response(KEY_IN_ADDRESS)(scope, receive, decorated)
            return
        try:
            await self._app(scope, receive, decorated)
        except Exception as error:
            problem = from_exception(error)
            if problem.status_code == 500:
                frames = "".join(traceback.format_tb(error.__traceback__))
                log.error("unexpected %s in a request\n%s", type(error).__name__, frames)  # noqa: TRY400 (the text may hold user data)
            if started:
                raise
            await response(problem)(scope, receive, decorated)


KEY_IN_ADDRESS = Problem(
    400,
    "KEY_IN_ADDRESS",
    "An API key must never be part of an address: addresses are logged.",
    advice="Revoke this key and send the new one in the Authorization header.",
)
