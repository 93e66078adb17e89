"""Rate limits per minute of a key, across all runs and hosts: a moving window in Redis."""

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
    """Waits until a call may be made without breaking the rate of its capability."""

    def __init__(
        self, redis_url: str, rates: Mapping[str, int] = policies.CAPABILITY_RATES_PER_MINUTE
    ) -> None:
        # Our own pool: `limits` refuses addresses that redis-py takes, such as one without a port.
        self._pool = ConnectionPool.from_url(redis_url, socket_connect_timeout=2)
        storage = RedisStorage(
            "async+redis://",
            implementation="redispy",
            connection_pool=self._pool,  # pyright: ignore[reportArgumentType]
        )
        self._limiter = MovingWindowRateLimiter(storage)
        self._rates = {key: RateLimitItemPerMinute(rate) for key, rate in rates.items()}

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.aclose()

    async def count(self, capability: str, per_minute: Mapping[str, int]) -> float:
        """Count a call for each key: 0, or the seconds until all have room, and none is counted.

        While Redis is away nothing is counted, as with `admit`.
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

    async def admit(self, capability: str, key: str = "all") -> None:
        """Return once the call counts within the window.

        While Redis is away calls are let through: permits wait for it anyway and bound the flow.
        """
        rate = self._rates.get(capability)
        while rate is not None:
            try:
                async with asyncio.timeout(policies.REDIS_CALL_TIMEOUT):
                    if await self._limiter.hit(rate, capability, key):
                        return
                    window = await self._limiter.get_window_stats(rate, capability, key)
            except (RedisError, OSError) as error:
                log.warning("rate of %s not counted: %s", capability, type(error).__name__)
                return
            wait = max(0.05, window.reset_time - time.time())
            await asyncio.sleep(min(wait, 1.0) + random.uniform(0, 0.1))  # noqa: S311 # jitter
