"""Breaking a connection on purpose: ASGI has no word for it, so the transports are kept here."""

from __future__ import annotations

import asyncio

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_transports: dict[tuple[str, int], asyncio.Transport] = {}


class ConnectionCut(Exception):
    """Raised where the app runs without a socket, as in tests: the client gets no answer."""


class CuttableProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol that lets the app find the transport of a request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Remember the transport under the client's address."""
        super().connection_made(transport)
        if self.client is not None:
            _transports[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        super().connection_lost(exc)
        if self.client is not None:
            _transports.pop(self.client, None)


async def cut(scope: Scope) -> None:
    """Reset the connection of a request, whatever was sent."""
    client = scope.get("client")
    transport = _transports.get(tuple(client)) if client else None
    if transport is None:
        raise ConnectionCut
    await asyncio.sleep(0.02)  # let what was written leave the buffers
    transport.abort()
    await asyncio.sleep(0.02)  # let the server notice before the app returns
