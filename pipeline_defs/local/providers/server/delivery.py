"""Getting an answer to the client, whole or broken as a fault script wants it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pipeline_defs.local.providers.server.connections import cut
from pipeline_defs.local.providers.server.faults import Action, Drip

HTML_GARBAGE = b"<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>\n"
WRONG_SCHEMA = b'{"unexpected": true}'


def delivered(
    body: bytes, status: int, headers: Mapping[str, str], fault: Action | None
) -> Response:
    """The response that sends `body`, damaged by `fault`."""
    sent = dict(headers)
    sent.setdefault("content-type", "application/json; charset=utf-8")
    if fault is None:
        return Response(body, status, sent)
    if fault.lost_answer:
        return CutResponse()
    if fault.drip is not None or fault.cuts_after is not None:
        return BrokenResponse(body, status, sent, drip=fault.drip, cuts_after=fault.cuts_after)
    return Response(body, status, sent)


class CutResponse(Response):
    """No answer at all: the connection is reset."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reset the connection."""
        await cut(scope)


class BrokenResponse(Response):
    """An answer that comes in drips, or ends before it should, or both."""

    def __init__(
        self,
        body: bytes,
        status: int,
        headers: Mapping[str, str],
        *,
        drip: Drip | None,
        cuts_after: int | None,
    ) -> None:
        super().__init__(body, status, dict(headers))
        self._drip = drip
        whole = len(body)
        at = whole if cuts_after is None else whole // 2 if cuts_after < 0 else cuts_after
        self._part = body[:at]
        self._is_cut = cuts_after is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the announced length in full, or break off."""
        start = {"type": "http.response.start", "status": self.status_code}
        await send({**start, "headers": self.raw_headers})
        step = self._drip.chunk_bytes if self._drip is not None else max(1, len(self._part))
        for at in range(0, len(self._part), step):
            if self._drip is not None:
                await asyncio.sleep(self._drip.interval)
            piece = self._part[at : at + step]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        if self._is_cut:
            await cut(scope)
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})
