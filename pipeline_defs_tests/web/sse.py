"""A small client of Server-Sent Events for tests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Event:
    """One event as it arrived."""

    name: str
    id: str | None
    data: Any


class Stream:
    """Events of an open connection."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()
        self.comments = 0

    async def next(self, timeout: float = 5.0) -> Event | None:
        """The next event, None when the stream has ended."""
        return await asyncio.wait_for(self._next(), timeout)

    async def take(self, count: int) -> list[Event]:
        """The next events."""
        events = [await self.next() for _ in range(count)]
        return [event for event in events if event is not None]

    async def rest(self) -> list[Event]:
        """Everything until the end."""
        events: list[Event] = []
        while (event := await self.next()) is not None:
            events.append(event)
        return events

    async def _next(self) -> Event | None:
        fields: dict[str, str] = {}
        async for line in self._lines:
            if line.startswith(":"):
                self.comments += 1
            elif line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "data" in fields:
                return Event(fields.get("event", ""), fields.get("id"), json.loads(fields["data"]))
            else:
                fields = {}
        return None


@asynccontextmanager
async def follow(
    client: httpx.AsyncClient, path: str, last_event_id: str | None = None
) -> AsyncGenerator[Stream]:
    """Open a stream."""
    headers = {"Last-Event-ID": last_event_id} if last_event_id is not None else {}
    async with client.stream("GET", path, headers=headers) as response:
        assert response.status_code == 200, (await response.aread(), path)
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Stream(response)
