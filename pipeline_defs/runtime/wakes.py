"""Wakes a worker that waits for something from outside, in whichever process it is.

A wake-up is a hint: it may be lost, so who waits looks again by itself after a while.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from pipeline_defs.runtime.concurrency import stop

log = logging.getLogger(__name__)
CHANNEL = "wakes"
LISTEN_AGAIN = 0.5
AWAY = (RedisError, OSError, asyncio.TimeoutError)


async def wake(redis: Redis | None, key: str) -> None:
    """Tell whoever waits for `key`."""
    if redis is None:
        return
    try:
        await redis.publish(CHANNEL, key)
    except AWAY as error:
        log.warning("nobody was woken for %s: %s", key, type(error).__name__)


class Expectation:
    """Somebody who waits for a key."""

    def __init__(self, event: asyncio.Event) -> None:
        self._event = event

    async def wait(self, seconds: float) -> bool:
        """Until the key is woken, or was since the last wait; at most so long. Whether it was."""
        # Not wait_for: until Python 3.12 it swallows a cancellation at the wrong moment.
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        woken = self._event.is_set()
        self._event.clear()
        return woken


class Wakes:
    """Everything one process waits for. Use as `async with Wakes.open(...)`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    @classmethod
    @asynccontextmanager
    async def open(cls, redis: Redis) -> AsyncGenerator[Wakes]:
        """With the listener running."""
        wakes = cls(redis)
        listener = asyncio.create_task(wakes._listen())
        try:
            yield wakes
        finally:
            await stop(listener)

    @contextmanager
    def expected(self, key: str) -> Generator[Expectation]:
        """Within the block a wake-up of `key` is noticed, also one that comes between two waits."""
        event = asyncio.Event()
        self._waiting[key].add(event)
        try:
            yield Expectation(event)
        finally:
            self._waiting[key].discard(event)
            if not self._waiting[key]:
                del self._waiting[key]

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    async for message in channel.listen():
                        self._tell(message)
            except AWAY as error:
                log.warning("not listening for wake-ups: %s", type(error).__name__)
                await asyncio.sleep(LISTEN_AGAIN)

    def _tell(self, message: Mapping[str, Any]) -> None:
        if message["type"] != "message":
            return
        data = message["data"]
        key = data.decode() if isinstance(data, bytes) else str(data)
        for event in self._waiting.get(key, ()):
            event.set()
