"""Rates per minute hold across processes."""

from __future__ import annotations

import asyncio
import time

import pytest

from pipeline_defs.runtime.rates import Rates
from pipeline_defs_tests.servers import ValkeyForTests


async def admitted(rates: list[Rates], calls: int, within: float) -> int:
    """How many of so many calls per client were let through in time."""
    tasks = [asyncio.create_task(r.admit("text")) for r in rates for _ in range(calls)]
    done, waiting = await asyncio.wait(tasks, timeout=within)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    return len(done)


async def test_two_clients_together_keep_the_rate(redis_url: str) -> None:
    rates = [Rates(redis_url, {"text": 7}) for _ in range(2)]
    assert await admitted(rates, 10, within=1.2) == 7
    for client in rates:
        await client.aclose()


async def test_a_capability_without_a_rate_is_free(redis_url: str) -> None:
    rates = Rates(redis_url, {})
    assert await admitted([rates], 50, within=1) == 50
    await rates.aclose()


@pytest.mark.parametrize(
    "address", ["redis://valkey", "rediss://:secret@valkey/2", "redis://[::1]:7/0"]
)
def test_every_address_redis_takes_is_taken(address: str) -> None:
    """`redis://valkey` without a port stopped every worker at its start."""
    Rates(address)


async def test_while_redis_is_away_calls_are_let_through(valkey_server: ValkeyForTests) -> None:
    rates = Rates(valkey_server.url, {"text": 1})
    valkey_server.kill()
    try:
        started = time.monotonic()
        await rates.admit("text")
        await rates.admit("text")
        assert time.monotonic() - started < 15
    finally:
        await rates.aclose()
        valkey_server.start()
