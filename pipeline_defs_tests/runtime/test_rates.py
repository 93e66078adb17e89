"""Rates per minute hold across processes."""

from __future__ import annotations

import asyncio
import time

import pytest
from redis.asyncio import Redis

from pipeline_defs import policies
from pipeline_defs.runtime.permits import Permit, Permits, keys_of
from pipeline_defs.runtime.rates import Rates
from pipeline_defs_tests.servers import ValkeyForTests

MANY = {"text": 1000}  # so many permits that only the rate counts
GRANTED = keys_of("text")[-1]


async def call(permits: Permits, *, used: bool = True) -> None:
    """A call that takes no time."""
    async with permits.hold("text", "unit") as permit:
        assert isinstance(permit, Permit)
        permit.counts = used


async def made(permits: list[Permits], calls: int, within: float) -> int:
    """How many of so many calls in each process were made in time."""
    tasks = [asyncio.create_task(call(one)) for one in permits for _ in range(calls)]
    done, waiting = await asyncio.wait(tasks, timeout=within)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    return len(done)


async def test_two_processes_together_keep_the_rate(redis: Redis) -> None:
    async with (
        Permits.open(redis, MANY, rates={"text": 7}) as one,
        Permits.open(redis, MANY, rates={"text": 7}) as other,
    ):
        assert await made([one, other], 10, within=2 * policies.PERMIT_POLL + 0.2) == 7


async def test_a_capability_without_a_rate_is_free(redis: Redis) -> None:
    async with Permits.open(redis, MANY, rates={}) as permits:
        assert await made([permits], 50, within=3) == 50
    assert not await redis.exists(GRANTED)


async def test_whoever_waits_for_the_rate_is_served_when_a_call_is_a_minute_old(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "PERMIT_POLL", 0.05)
    async with Permits.open(redis, MANY, rates={"text": 2}) as permits:
        assert await made([permits], 5, within=0.5) == 2
        oldest, *_ = await redis.zrange(GRANTED, 0, 0)
        await redis.zadd(GRANTED, {oldest: time.time() * 1000 - 60_001})
        assert await made([permits], 5, within=0.5) == 1
        assert 0 < await redis.pttl(GRANTED) <= 60_000


async def test_a_permit_that_was_not_used_does_not_count(redis: Redis) -> None:
    async with Permits.open(redis, MANY, rates={"text": 2}) as permits:
        for _ in range(5):
            await call(permits, used=False)
        assert await made([permits], 5, within=0.5) == 2


@pytest.mark.parametrize(
    "address", ["redis://valkey", "rediss://:secret@valkey/2", "redis://[::1]:7/0"]
)
def test_every_address_redis_takes_is_taken(address: str) -> None:
    """`redis://valkey` without a port stopped every worker at its start."""
    Rates(address)


async def test_whoever_is_cancelled_while_waiting_does_not_count(redis: Redis) -> None:
    """Each was granted the permit of the one before, and gave it back unused."""
    async with Permits.open(redis, {"text": 1}, rates={"text": 50}) as permits:
        async with permits.hold("text", "unit"):
            waiting = [asyncio.create_task(call(permits)) for _ in range(20)]
            await asyncio.sleep(0.2)
            for task in waiting:
                task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert await redis.zcard(GRANTED) == 1


async def test_a_clock_put_back_stops_nobody(redis: Redis) -> None:
    async with Permits.open(redis, MANY, rates={"text": 2}) as permits:
        hour = time.time() * 1000 + 3_600_000
        await redis.zadd(GRANTED, {"p:1": hour, "p:2": hour})
        assert await made([permits], 5, within=0.5) == 2


async def test_while_redis_is_away_nothing_is_counted(valkey_server: ValkeyForTests) -> None:
    rates = Rates(valkey_server.url)
    valkey_server.kill()
    try:
        started = time.monotonic()
        for _ in range(2):
            assert await rates.count("text", {"unit": 1}) == 0
        assert time.monotonic() - started < 15
    finally:
        await rates.aclose()
        valkey_server.start()
