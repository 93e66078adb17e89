"""Limits by key: what one org or unit may have in work at once, and per minute."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping

import pytest
from redis.asyncio import Redis

from pipeline_defs import policies
from pipeline_defs.policies import KeyLimit, Retry, StepPolicy
from pipeline_defs.runtime.admission import admitted
from pipeline_defs.runtime.claims import Claim
from pipeline_defs.runtime.permits import Permits
from pipeline_defs.runtime.rates import Rates
from pipeline_defs_tests.runtime.test_permits import NOTHING, traces

CAPABILITY = "text"


def policy(*limits: KeyLimit) -> StepPolicy:
    return StepPolicy(CAPABILITY, timeout=5, retry=Retry(1, 0, 0), limits=limits)


def claim(org: str, unit: str) -> Claim:
    return Claim(org, unit, "articles", "queued", 1)


class Calls:
    """Makes calls in two processes, and counts how many are in work by organization and unit."""

    def __init__(self, permits: list[Permits], rates: Rates) -> None:
        self.permits = permits
        self.rates = rates
        self.inside: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.ended: list[str] = []

    async def make(
        self, policy: StepPolicy, org: str, unit: str, seconds: float = 0.01, process: int = 0
    ) -> None:
        """One call of that length."""
        async with admitted(self.permits[process], self.rates, policy, claim(org, unit)):
            for name in (org, unit, "all"):
                self.inside[name] += 1
                self.most[name] = max(self.most[name], self.inside[name])
            await asyncio.sleep(seconds)
            for name in (org, unit, "all"):
                self.inside[name] -= 1
        self.ended.append(unit)


@pytest.fixture
async def calls(redis: Redis, redis_url: str) -> AsyncIterator[Calls]:
    """Five permits, shared by two processes."""
    rates = Rates(redis_url)
    async with (
        Permits.open(redis, {CAPABILITY: 5}, lease=2) as one,
        Permits.open(redis, {CAPABILITY: 5}, lease=2) as other,
    ):
        yield Calls([one, other], rates)
    await rates.aclose()


async def test_an_organization_keeps_its_limit_and_others_use_what_it_leaves(
    calls: Calls, redis: Redis
) -> None:
    limited = policy(KeyLimit("org", at_once=2))
    await asyncio.gather(
        *[calls.make(limited, "large", f"l{n % 3}", process=n % 2) for n in range(30)],
        *[calls.make(limited, "small", f"s{n}", process=n % 2) for n in range(10)],
    )
    assert (calls.most["large"], calls.most["small"]) == (2, 2)
    assert calls.most["all"] == 4
    assert await traces(redis) == NOTHING


async def test_several_limits_hold_together_and_nobody_blocks_another(calls: Calls) -> None:
    """Each call takes its permit under all its limits at once, so none waits with half of them."""
    first = policy(KeyLimit("org", at_once=3), KeyLimit("unit", at_once=1))
    second = policy(KeyLimit("unit", at_once=1), KeyLimit("org", at_once=3))
    async with asyncio.timeout(10):
        await asyncio.gather(
            *[
                calls.make(
                    first if n % 2 else second, f"o{n % 2}", f"u{n % 2}{n % 3}", process=n % 2
                )
                for n in range(60)
            ]
        )
    units = [name for name in calls.most if name.startswith("u")]
    assert len(units) == 6
    assert {calls.most[name] for name in units} == {1}
    assert max(calls.most["o0"], calls.most["o1"]) <= 3
    assert calls.most["all"] == 5


async def test_whoever_is_at_its_limit_leaves_the_permits_to_those_behind_it(calls: Calls) -> None:
    limited = policy(KeyLimit("unit", at_once=1))
    slow = [asyncio.create_task(calls.make(limited, "o", "u", 30)) for _ in range(8)]
    await asyncio.sleep(0.1)
    async with asyncio.timeout(5):
        await calls.make(limited, "o", "v")
    assert calls.ended == ["v"]
    assert calls.inside["u"] == 1
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)


async def test_a_dead_holder_loses_its_place_under_the_limit(calls: Calls, redis: Redis) -> None:
    dead = Permits(redis, {CAPABILITY: 5}, lease=0.6)  # nobody renews its lease
    await dead._acquire("dead:1", CAPABILITY, 'u\n{"org o": 1}')
    async with asyncio.timeout(5):
        await calls.make(policy(KeyLimit("org", at_once=1)), "o", "v")
    assert calls.ended == ["v"]


async def test_after_a_flush_the_limits_of_live_holders_count_again(
    calls: Calls, redis: Redis
) -> None:
    limited = policy(KeyLimit("org", at_once=1))
    holder = asyncio.create_task(calls.make(limited, "o", "u", 1.5))
    await asyncio.sleep(0.1)
    await redis.flushall()
    await asyncio.sleep(0.6)  # a heartbeat
    await calls.make(limited, "o", "v")
    assert calls.most["o"] == 1
    await holder


async def test_a_rate_by_key_holds_in_all_processes_and_for_each_key_alone(calls: Calls) -> None:
    limited = policy(KeyLimit("unit", per_minute=3))
    tasks = [
        asyncio.create_task(calls.make(limited, "o", unit, process=n % 2))
        for unit in ("u", "v")
        for n in range(8)
    ]
    done, waiting = await asyncio.wait(tasks, timeout=1.5)
    assert Counter(calls.ended) == {"u": 3, "v": 3}
    assert len(done) == 6
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_whoever_waits_for_a_rate_holds_no_permit(calls: Calls, redis: Redis) -> None:
    limited = policy(KeyLimit("unit", per_minute=1))
    await calls.make(limited, "o", "u")
    waiting = [asyncio.create_task(calls.make(limited, "o", "u")) for _ in range(20)]
    await asyncio.sleep(0.5)
    assert await traces(redis) == NOTHING
    async with asyncio.timeout(2):
        await calls.make(limited, "o", "v")
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_of_several_rates_none_is_used_up_by_a_call_that_another_refuses(
    redis_url: str,
) -> None:
    rates = Rates(redis_url)
    limits: Mapping[str, int] = {"org o": 2, "unit u": 1}
    assert await rates.count(CAPABILITY, limits) == 0
    for _ in range(5):
        assert await rates.count(CAPABILITY, limits) > 0
    assert await rates.count(CAPABILITY, {"org o": 2}) == 0
    await rates.aclose()


def test_the_limits_of_the_product_leave_room_for_what_its_policies_ask() -> None:
    """An organization alone can use what a limit by key allows."""
    found = [p for p in vars(policies).values() if isinstance(p, StepPolicy) and p.limits]
    assert found
    for step in found:
        for limit in step.limits:
            if limit.at_once is not None:
                assert limit.at_once <= policies.CAPABILITY_LIMITS[step.capability]
            if limit.per_minute is not None:
                assert limit.per_minute <= policies.CAPABILITY_RATES_PER_MINUTE[step.capability]
