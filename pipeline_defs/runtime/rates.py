"""Rate limits per minute of a key, across all runs and hosts: a moving window in Redis.

Those of a whole capability come with its permits.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Mapping

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from pipeline_defs import policies

log = logging.getLogger(__name__)


class Rates:
    """Counts calls of keys."""

    def __init__(self, redis_url: str) -> None:
        # Our own pool: `limits` refuses addresses that redis-py takes, such as one without a port.
        self._pool = ConnectionPool.from_url(redis_url, socket_connect_timeout=2)
        storage = RedisStorage(
            "async+redis://",
            implementation="redispy",
            connection_pool=self._pool,  # pyright: ignore[reportArgumentType]
        )
        self._limiter = MovingWindowRateLimiter(storage)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.aclose()

    async def count(self, capability: str, per_minute: Mapping[str, int]) -> float:
        """Count a call for each key: 0, or the seconds until all have room, and none is counted.

        While Redis is away nothing is counted: permits wait for it anyway and bound the flow.
        """
        limits = {key: RateLimitItemPerMinute(most) for key, most in per_minute.items()}
        try:
            async with asyncio.timeout(policies.REDIS_CALL_TIMEOUT):
                for key, limit in limits.items():
                    if not await self._limiter.test(limit, capability, key):
                        return await self._wait(limit, capability, key)
                for (
                    key,
                    limit,
                ) in limits.items():  # one that was quicker makes it stricter, not laxer
                    if not await self._limiter.hit(limit, capability, key):
                        return await self._wait(limit, capability, key)
        except (RedisError, OSError) as error:
            log.warning("rate of %s not counted: %s", capability, type(error).__name__)
        return 0.0

    async def _wait(self, limit: RateLimitItem, capability: str, key: str) -> float:
        window = await self._limiter.get_window_stats(limit, capability, key)
        return max(0.05, window.reset_time - time.time()) + random.uniform(0, 0.1)  # noqa: S311 # jitter
