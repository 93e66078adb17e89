"""Permits while Redis is killed, frozen or emptied: running work goes on, new work waits."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator

import pytest
from redis.asyncio import Redis

from pipeline_defs import policies
from pipeline_defs.domain.errors import Transient
from pipeline_defs.runtime.permits import Permits
from pipeline_defs_tests.runtime.test_permits import KEYS, NOTHING, Holder, traces
from pipeline_defs_tests.servers import ValkeyForTests


@pytest.fixture
def valkey(valkey_server: ValkeyForTests) -> Iterator[ValkeyForTests]:
    """The server; it runs again after the test, however that ends."""
    yield valkey_server
    if not valkey_server.alive:
        valkey_server.start()


async def test_killed_and_restarted_holders_go_on_and_waiters_are_served(
    redis: Redis, valkey: ValkeyForTests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "PERMIT_POLL", 0.1)
    async with Permits.open(redis, {"text": 1}, lease=2) as permits:
        holder = Holder(permits)
        await holder.entered()
        valkey.kill()
        waiter = Holder(permits)
        await asyncio.sleep(0.5)
        assert not holder.task.done()
        assert not waiter.task.done()
        await asyncio.to_thread(valkey.start)
        await asyncio.sleep(0.6)  # a heartbeat: the holder's permit counts
        assert await redis.zcard(KEYS[0]) == 1
        assert not waiter.inside.is_set()
        await holder.end()
        await waiter.entered(within=5)
        await waiter.end()
    assert await traces(redis) == NOTHING


async def test_an_outage_beyond_the_tolerance_is_a_transient_failure(
    redis: Redis, valkey: ValkeyForTests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "REDIS_OUTAGE_TOLERANCE", 0.3)
    monkeypatch.setattr(policies, "PERMIT_POLL", 0.1)
    monkeypatch.setattr(policies, "REDIS_CALL_TIMEOUT", 0.2)
    async with Permits.open(redis, {"text": 1}) as permits:
        valkey.kill()
        with pytest.raises(Transient) as raised:
            async with permits.hold("text", "g"):
                pass
    assert raised.value.code == "PERMITS_UNAVAILABLE"


async def test_a_frozen_redis_counts_as_away_and_holds_nobody_up(
    redis: Redis, valkey: ValkeyForTests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It accepts connections and never answers: a finished call waited for its release for ever."""
    monkeypatch.setattr(policies, "REDIS_OUTAGE_TOLERANCE", 0.3)
    monkeypatch.setattr(policies, "PERMIT_POLL", 0.1)
    monkeypatch.setattr(policies, "REDIS_CALL_TIMEOUT", 0.2)
    async with Permits.open(redis, {"text": 2}) as permits:
        holder = Holder(permits)
        await holder.entered()
        os.kill(valkey.pid, signal.SIGSTOP)
        try:
            started = time.monotonic()
            with pytest.raises(Transient):
                async with permits.hold("text", "g"):
                    pass
            await holder.end()
            assert time.monotonic() - started < 3
        finally:
            os.kill(valkey.pid, signal.SIGCONT)


async def test_after_a_flush_live_holders_register_again_within_a_heartbeat(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Contract E: the limit is never exceeded by more than the holders alive."""
    monkeypatch.setattr(policies, "PERMIT_POLL", 0.05)
    lease, limit = 1.5, 2
    async with Permits.open(redis, {"text": limit}, lease=lease) as permits:
        holding = [Holder(permits) for _ in range(limit)]
        for holder in holding:
            await holder.entered()
        waiting = [Holder(permits) for _ in range(6)]
        await asyncio.sleep(0.1)
        await redis.flushall()
        most = 0
        for _ in range(12):
            await asyncio.sleep(lease / 20)
            inside = sum(h.inside.is_set() and not h.task.done() for h in holding + waiting)
            most = max(most, inside)
        assert most <= 2 * limit
        registered = await redis.zcard(KEYS[0])
        assert registered == sum(h.inside.is_set() for h in holding + waiting)
        for holder in holding + waiting:
            holder.leave.set()
        async with asyncio.timeout(10):
            await asyncio.gather(*[holder.task for holder in holding + waiting])
    assert await traces(redis) == NOTHING
