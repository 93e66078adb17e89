"""Requests per minute, counted in Redis for all gateways together, in memory while it is away."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from pipeline_defs import policies
from pipeline_defs.web.problems import Problem

log = logging.getLogger(__name__)

REDIS_TIMEOUT = 0.5
REDIS_PAUSE = 5.0  # after a failure memory is used for this long


class RateLimits:
    """Counts by key and, for whoever shows no valid key, by address."""

    def __init__(self, redis_url: str | None, redis: Redis | None) -> None:
        self._memory = FixedWindowRateLimiter(MemoryStorage())
        self._redis: FixedWindowRateLimiter | None = None
        self._redis_after = 0.0
        if redis_url and redis is not None:
            options: dict[str, Any] = {"connection_pool": redis.connection_pool}
            storage = RedisStorage(
                f"async+{redis_url}",
                implementation="redispy",
                key_prefix="gateway-limits",
                **options,
            )
            self._redis = FixedWindowRateLimiter(storage)
        self._per_key = RateLimitItemPerMinute(policies.REQUESTS_PER_MINUTE_PER_KEY)
        self._per_address = RateLimitItemPerMinute(policies.REQUESTS_PER_MINUTE_UNAUTHENTICATED)

    async def count_key(self, org_id: str, key_id: str) -> None:
        """Count a request of a key; Problem 429 when it has made too many."""
        await self._count(self._per_key, f"key/{org_id}/{key_id}")

    async def count_refusal(self, address: str) -> None:
        """Count a request that was not let in; Problem 429 when there were too many."""
        await self._count(self._per_address, f"address/{address}")

    async def _count(self, item: RateLimitItem, name: str) -> None:
        if await self._hit(item, name):
            return
        seconds = 60 - int(time.time()) % 60
        raise Problem(
            429,
            "TOO_MANY_REQUESTS",
            f"More than {item.amount} requests in a minute.",
            advice=f"Go on in {seconds} seconds.",
            headers={"Retry-After": str(seconds)},
        )

    async def _hit(self, item: RateLimitItem, name: str) -> bool:
        if self._redis is not None and time.monotonic() >= self._redis_after:
            try:
                async with asyncio.timeout(REDIS_TIMEOUT):
                    return await self._redis.hit(item, name)
            except (RedisError, OSError, TimeoutError) as error:
                self._redis_after = time.monotonic() + REDIS_PAUSE
                log.warning(
                    "rate limits are kept in memory: Redis fails (%s)", type(error).__name__
                )
        return await self._memory.hit(item, name)
