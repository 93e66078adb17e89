"""Carries the `openai` package's requests over our own HTTP, with its bounds and its errors."""

from __future__ import annotations

from io import BytesIO

import httpx2

from pipeline_defs.gateways.http import Http

OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection"})


def wired(http: Http) -> httpx2.AsyncClient:
    """A client for the package; closing it closes `http`."""
    return httpx2.AsyncClient(transport=_Wire(http), trust_env=False, follow_redirects=False)


class _Wire(httpx2.AsyncBaseTransport):
    """One exchange of the package at a time is one of ours."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        body = await request.aread()
        reply = await self._http.exchange(
            request.method, str(request.url), request.headers, BytesIO(body) if body else None
        )
        headers = [(n, v) for n, v in reply.headers.items() if n.lower() not in OF_THE_WIRE]
        return httpx2.Response(reply.status, headers=headers, content=reply.body, request=request)

    async def aclose(self) -> None:
        await self._http.aclose()
