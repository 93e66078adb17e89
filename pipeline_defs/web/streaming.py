"""Answers of unknown length that do not wait for ever for a client that stopped reading."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from pipeline_defs.web.gateway import Gateway


class BoundedStream(StreamingResponse):
    """A stream whose every write has a limit of `patience` seconds.

    However it ends, its source is closed at once.
    """

    patience = 120.0  # of a player that has paused: it comes back with a Range request

    def __init__(
        self,
        source: AsyncGenerator[bytes],
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
    ) -> None:
        super().__init__(source, status, dict(headers or {}), media_type)
        self._source = source

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the end, or until a write is stuck."""

        async def bounded(message: Message) -> None:
            async with asyncio.timeout(self.patience):
                await send(message)

        try:
            await super().__call__(scope, receive, bounded)
        except* TimeoutError:
            self.dropped(scope["app"].state.gateway)
        finally:
            await self._source.aclose()

    def dropped(self, gateway: Gateway) -> None:
        """A client was let go."""


class EventStream(BoundedStream):
    """Server-Sent Events."""

    patience = 20.0  # a listener that takes nothing for so long is let go

    def __init__(self, events: AsyncGenerator[bytes]) -> None:
        super().__init__(events, 200, {"X-Accel-Buffering": "no"}, "text/event-stream")

    def dropped(self, gateway: Gateway) -> None:
        """Counted: a listener must not be too slow for its events."""
        gateway.metrics.stream_dropped.inc()
