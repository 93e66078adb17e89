"""Permits: never more than the limit at once, fair, and nothing leaks."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
import redis as sync_redis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from redis.asyncio import Redis

from pipeline_defs import policies
from pipeline_defs.runtime.permits import CHANNEL, SCRIPT, Permits, keys_of

LIMIT = 3
KEYS = keys_of("text")


async def traces(redis: Redis) -> list[Any]:
    """What Redis knows of holders and waiters."""
    holders, waiters, alive, groups, *_ = KEYS
    return [
        await redis.zrange(holders, 0, -1),
        await redis.zrange(waiters, 0, -1),
        await redis.zrange(alive, 0, -1),
        await redis.hgetall(groups),
    ]


NOTHING: list[Any] = [[], [], [], {}]


async def until(redis: Redis, key: str, members: int) -> None:
    """Wait until one of the keys has so many members."""
    async with asyncio.timeout(5):
        while await redis.zcard(key) != members:
            await asyncio.sleep(0.005)


async def until_listening(redis: Redis, permits: Permits) -> None:
    """Wait until messages arrive."""
    channel = CHANNEL + permits._process
    async with asyncio.timeout(5):
        while not (await redis.pubsub_numsub(channel))[0][1]:
            await asyncio.sleep(0.005)


class Holder:
    """A task that waits for a permit and keeps it until told."""

    def __init__(self, permits: Permits, group: str = "g") -> None:
        self.inside = asyncio.Event()
        self.leave = asyncio.Event()
        self.task = asyncio.create_task(self._hold(permits, group))

    async def _hold(self, permits: Permits, group: str) -> None:
        async with permits.hold("text", group):
            self.inside.set()
            await self.leave.wait()

    async def entered(self, within: float = 5) -> None:
        """Wait until the permit is there."""
        async with asyncio.timeout(within):
            await self.inside.wait()

    async def end(self) -> None:
        """Give the permit back."""
        self.leave.set()
        await self.task


def limits_of(group: str) -> dict[str, int]:
    """The limits by key that stand behind the name of a group."""
    return json.loads(group.partition("\n")[2] or "{}")


class PermitModel(RuleBasedStateMachine):
    """The script beside a model of it in plain Python."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.client = sync_redis.Redis.from_url(url, decode_responses=True)
        self.client.flushall()
        self.script = self.client.register_script(SCRIPT.read_text())
        self.holders: dict[str, str] = {}
        self.waiters: dict[str, str] = {}
        self.number = 0

    def call(self, operation: str, group: str, *members: str) -> Any:
        args = [operation, LIMIT, 0, 60_000, group, "granted:", *members]
        return self.script(keys=KEYS, args=args)

    def grant(self) -> list[str]:
        """Who holds a permit from now on, in order."""
        granted: list[str] = []
        while len(self.holders) < LIMIT:
            held = Counter(group.partition("\n")[0] for group in self.holders.values())
            used = Counter(key for group in self.holders.values() for key in limits_of(group))
            allowed = [
                member
                for member, group in self.waiters.items()
                if all(used[key] < most for key, most in limits_of(group).items())
            ]
            if not allowed:
                break
            best = min(allowed, key=lambda m: held[self.waiters[m].partition("\n")[0]])
            self.holders[best] = self.waiters.pop(best)
            granted.append(best)
        return granted

    @rule(
        group=st.sampled_from("abc"),
        limits=st.dictionaries(st.sampled_from("xyz"), st.integers(1, 2), max_size=2),
    )
    def ask(self, group: str, limits: dict[str, int]) -> None:
        if limits:
            group += "\n" + json.dumps(limits)
        self.number += 1
        member = f"p:{self.number}"
        self.waiters[member] = group
        assert self.call("acquire", group, member) == self.grant()

    @rule(data=st.data())
    def ask_again(self, data: st.DataObject) -> None:
        everyone = {**self.holders, **self.waiters}
        if everyone:
            member = data.draw(st.sampled_from(sorted(everyone)))
            known = [member] if member in self.holders else []
            assert self.call("acquire", everyone[member], member) == known

    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        """Also of somebody who only waits, or who gave it back before."""
        member = data.draw(st.sampled_from(["p:0", *sorted({**self.holders, **self.waiters})]))
        self.holders.pop(member, None)
        self.waiters.pop(member, None)
        assert self.call("release", "", member) == self.grant()

    def heartbeat(self) -> None:
        if self.holders:
            self.call("hold", "", *[word for pair in self.holders.items() for word in pair])

    @rule()
    def renew(self) -> None:
        self.heartbeat()

    @rule()
    def flush(self) -> None:
        """Everything is forgotten; the holders register again, then the waiters ask again."""
        self.client.flushall()
        self.heartbeat()
        for member, group in list(self.waiters.items()):
            self.call("acquire", group, member)

    @rule()
    def restart_that_lost_the_last_second(self) -> None:
        """The grants of the last second are waiters again; their holders know better."""
        for member in self.holders:
            self.client.zrem(KEYS[0], member)
            self.client.zadd(KEYS[1], {member: 0})
            self.client.zadd(KEYS[2], {member: 1e15})
        self.heartbeat()

    @invariant()
    def redis_agrees(self) -> None:
        assert len(self.holders) <= LIMIT
        assert set(self.client.zrange(KEYS[0], 0, -1)) == set(self.holders)
        assert self.client.zrange(KEYS[1], 0, -1) == list(self.waiters)
        assert set(self.client.zrange(KEYS[2], 0, -1)) == set(self.waiters)
        assert self.client.hgetall(KEYS[3]) == {**self.holders, **self.waiters}

    def teardown(self) -> None:
        self.client.close()


def test_the_script_grants_exactly_what_its_model_grants(redis_url: str) -> None:
    run_state_machine_as_test(
        lambda: PermitModel(redis_url),
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_processes_together_never_exceed_the_limit_and_a_killed_one_loses_its_permits(
    redis_url: str,
) -> None:
    """A worker killed with all five permits once stopped every other worker for good."""
    lease = 2.0
    command = [sys.executable, "-m", "pipeline_defs_tests.runtime.permit_holders", redis_url]
    processes = [
        subprocess.Popen([*command, str(LIMIT), str(lease), name])
        for name in ("one", "two", "three")
    ]
    client = sync_redis.Redis.from_url(redis_url, decode_responses=True)
    try:
        give_up = time.monotonic() + 30
        while int(client.get("entered") or 0) < 100 and time.monotonic() < give_up:
            time.sleep(0.02)
        processes[0].kill()
        processes[0].wait()
        client.srem("inside", *[f"one:{number}" for number in range(8)])
        time.sleep(lease + 0.3)
        before = int(client.get("entered"))
        assert int(client.get("most")) == LIMIT
        client.delete("most")
        time.sleep(0.7)
        assert int(client.get("entered")) > before + 20
        assert int(client.get("most")) == LIMIT  # all permits are in use again, and no more
    finally:
        for process in processes:
            process.kill()
            process.wait()
        client.close()


async def test_a_freed_permit_is_handed_over_in_order_of_arrival_in_every_process(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "PERMIT_POLL", 30)
    async with (
        Permits.open(redis, {"text": 1}) as permits,
        Permits.open(redis, {"text": 1}) as others,
    ):
        await until_listening(redis, permits)
        await until_listening(redis, others)
        first = Holder(permits)
        await first.entered()
        queue = []
        for number in range(6):
            queue.append(Holder(permits if number in (0, 2, 3) else others))
            await until(redis, KEYS[1], number + 1)
        await first.end()
        for position, holder in enumerate(queue):
            await holder.entered(within=2)
            assert not any(later.inside.is_set() for later in queue[position + 1 :])
            await holder.end()
    assert await traces(redis) == NOTHING


async def test_a_grant_whose_message_was_lost_is_found_by_asking_again(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "PERMIT_POLL", 0.1)
    monkeypatch.setattr(Permits, "_tell", lambda self, message: None)
    async with (
        Permits.open(redis, {"text": 1}) as permits,
        Permits.open(redis, {"text": 1}) as others,
    ):
        first = Holder(permits)
        await first.entered()
        second = Holder(others)
        await until(redis, KEYS[1], 1)
        await first.end()
        await second.entered(within=2)
        await second.end()


async def test_a_group_that_holds_none_goes_before_a_long_queue_of_another(redis: Redis) -> None:
    """A lecture with 360 segments in the queue kept a second lecture waiting to its end: only the
    first 200 waiters were looked at."""
    async with Permits.open(redis, {"text": 2}) as permits:
        holding = [Holder(permits, "large") for _ in range(2)]
        for holder in holding:
            await holder.entered()
        queue = [Holder(permits, "large") for _ in range(250)]
        await until(redis, KEYS[1], 250)
        small = Holder(permits, "small")
        await until(redis, KEYS[1], 251)
        await holding[0].end()
        await small.entered(within=2)
        assert not any(holder.inside.is_set() for holder in queue)
        for holder in (small, holding[1]):
            await holder.end()
        for holder in queue:
            holder.task.cancel()
        await asyncio.gather(*[holder.task for holder in queue], return_exceptions=True)
    assert await traces(redis) == NOTHING


async def test_two_groups_share_the_permits_evenly(redis: Redis) -> None:
    entered: Counter[str] = Counter()

    async def once(permits: Permits, group: str) -> None:
        async with permits.hold("text", group):
            entered[group] += 1
            if sum(entered.values()) == 40:
                halfway.update(entered)
            await asyncio.sleep(0.005)

    halfway: Counter[str] = Counter()
    async with Permits.open(redis, {"text": 4}) as permits:
        await asyncio.gather(
            *[once(permits, "many") for _ in range(60)], *[once(permits, "few") for _ in range(20)]
        )
    assert halfway["few"] >= 15


async def test_cancelled_while_waiting_nothing_is_left(redis: Redis) -> None:
    async with Permits.open(redis, {"text": 1}) as permits:
        first = Holder(permits)
        await first.entered()
        second, third = Holder(permits), Holder(permits)
        await until(redis, KEYS[1], 2)
        second.task.cancel()
        with suppress(asyncio.CancelledError):
            await second.task
        await first.end()
        await third.entered(within=2)
        await third.end()
    assert await traces(redis) == NOTHING


async def test_cancelled_at_the_moment_of_the_grant_the_work_never_begins(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before Python 3.12 `wait_for` swallows a cancellation that comes together with the result: a
    cancelled unit went on and paid for its call."""
    granted = Permits._granted
    waiting: list[Holder] = []

    def grant_and_cancel(self: Permits, member: bytes) -> None:
        granted(self, member)
        if member.endswith(b":2"):
            waiting[0].task.cancel()

    monkeypatch.setattr(Permits, "_granted", grant_and_cancel)
    async with Permits.open(redis, {"text": 1}) as permits:
        await until_listening(redis, permits)
        first = Holder(permits)
        await first.entered()
        waiting.append(Holder(permits))
        await until(redis, KEYS[1], 1)
        await first.end()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(waiting[0].task, 3)
        assert not waiting[0].inside.is_set()
    assert await traces(redis) == NOTHING


async def test_cancelled_at_any_moment_nothing_leaks(redis: Redis) -> None:
    """The question for a permit may be answered after the release of who asked was."""
    async with Permits.open(redis, {"text": 2}) as permits:
        for _ in range(6):
            holders = [Holder(permits) for _ in range(15)]
            for holder in holders:
                await asyncio.sleep(random.uniform(0, 0.001))
                holder.task.cancel()
            await asyncio.gather(*[holder.task for holder in holders], return_exceptions=True)
        assert await traces(redis) == NOTHING


async def test_a_heartbeat_on_its_way_does_not_revive_a_permit_given_back(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = Permits._call

    async def slow_heartbeat(self: Permits, operation: str, *rest: str) -> Any:
        if operation == "hold":
            await asyncio.sleep(0.2)
        return await call(self, operation, *rest)

    monkeypatch.setattr(Permits, "_call", slow_heartbeat)
    async with Permits.open(redis, {"text": 1}, lease=0.5) as permits:
        holder = Holder(permits)
        await holder.entered()
        await asyncio.sleep(0.15)  # the heartbeat of lease / 5 has begun
        await holder.end()
        await asyncio.sleep(0.3)
        assert await traces(redis) == NOTHING
