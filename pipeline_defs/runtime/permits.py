"""Permits: how many calls of a capability are made at once and per minute, by all runs and hosts.

A permit is a lease in Redis: its holder renews it, a dead holder loses it. A freed permit is handed
to the waiting group (a unit) that holds fewest, so that two lectures share a capability fairly.
Once a minute's grants are used up all wait until the first of them is a minute old.
While Redis is away running calls go on and new ones wait; after a flush the live holders register
themselves again with their next heartbeat.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from pipeline_defs import policies
from pipeline_defs.domain.errors import Transient
from pipeline_defs.runtime.concurrency import stop

log = logging.getLogger(__name__)
SCRIPT = Path(__file__).parent / "lua" / "permits.lua"
CHANNEL = "permits:granted:"
UNREACHABLE = (RedisError, OSError, asyncio.TimeoutError)
NO_RUN = "no-run"
KEYS = ("holders", "waiters", "alive", "groups", "sequence", "revoked", "granted")


def keys_of(capability: str) -> list[str]:
    """What Redis knows of a capability's permits, in the order in which the script takes it."""
    return [f"permits:{{{capability}}}:{name}" for name in KEYS]


def holder_name(run_id: str) -> str:
    """A name for one who holds permits, of which reconciling/permits.py finds the run again."""
    return f"{run_id or NO_RUN}.{int(time.time())}.{secrets.token_hex(4)}"


@dataclass(slots=True)
class Permit:
    """A permit as it is held; `counts`: for the rate, as it does unless no call is made with it."""

    counts: bool = False


class Permits:
    """The permits of one process. Use as `async with Permits.open(...)`."""

    def __init__(
        self,
        redis: Redis,
        limits: Mapping[str, int],
        lease: float,
        *,
        run_id: str = "",
        rates: Mapping[str, int] = policies.CAPABILITY_RATES_PER_MINUTE,
    ) -> None:
        self._redis = redis
        self._limits = limits
        self._rates = rates
        self._lease = lease
        self._process = holder_name(run_id)
        self._count = 0
        self._held: dict[str, tuple[str, str]] = {}  # member -> (capability, group)
        self._waiting: dict[str, asyncio.Event] = {}
        self._calls = asyncio.Semaphore(policies.REDIS_CALLS_AT_ONCE)
        self._script = redis.register_script(SCRIPT.read_text())

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        redis: Redis,
        limits: Mapping[str, int] = policies.CAPABILITY_LIMITS,
        lease: float = policies.PERMIT_LEASE,
        *,
        run_id: str = "",
        rates: Mapping[str, int] = policies.CAPABILITY_RATES_PER_MINUTE,
    ) -> AsyncGenerator[Permits]:
        """Permits with their heartbeat and their listener running; `run_id`: whose they are."""
        permits = cls(redis, limits, lease, run_id=run_id, rates=rates)
        tasks = [asyncio.create_task(permits._listen()), asyncio.create_task(permits._heartbeat())]
        try:
            yield permits
        finally:
            await stop(*tasks)

    @asynccontextmanager
    async def hold(
        self, capability: str, group: str, at_once: Mapping[str, int] | None = None
    ) -> AsyncGenerator[Permit]:
        """Wait for a permit and keep it for the length of the block.

        `at_once`: how many calls of the capability each of these keys may have in work; there is a
        permit only when all of them allow it.
        Raises Transient `PERMITS_UNAVAILABLE` when Redis stays away longer than is tolerated.
        """
        if at_once:
            group = f"{group}\n{json.dumps(at_once)}"
        self._count += 1
        member = f"{self._process}:{self._count}"
        permit = Permit()
        try:
            await self._acquire(member, capability, group)
            self._held[member] = (capability, group)
            permit.counts = True
            yield permit
        finally:
            self._held.pop(member, None)
            self._waiting.pop(member, None)
            await self._release(member, capability, counts=permit.counts)

    async def _acquire(self, member: str, capability: str, group: str) -> None:
        granted = self._waiting[member] = asyncio.Event()
        away_since: float | None = None
        while not granted.is_set():
            try:
                await self._ask(member, capability, group)
                if granted.is_set():
                    return
                away_since = None
            except UNREACHABLE as error:
                away_since = away_since or time.monotonic()
                if time.monotonic() - away_since > policies.REDIS_OUTAGE_TOLERANCE:
                    raise Transient(
                        "PERMITS_UNAVAILABLE",
                        f"no permit for {capability}: Redis does not answer",
                        advice="Check Redis with `pipeline doctor`; the work is admitted again.",
                    ) from error
            # A grant is told by a message or another's answer; asking again covers a lost one.
            # Not wait_for: until Python 3.12 it swallows a cancellation at the moment of the grant.
            with suppress(TimeoutError):
                async with asyncio.timeout(policies.PERMIT_POLL):
                    await granted.wait()

    async def _ask(self, member: str, capability: str, group: str) -> None:
        """Ask for a permit, which may come later. Ends only when Redis has answered, also if
        cancelled: the release that follows must not overtake the question."""
        question = asyncio.ensure_future(self._call("acquire", capability, group, member))
        try:
            await asyncio.shield(question)
        except asyncio.CancelledError:
            await asyncio.wait([question])
            raise

    async def _release(self, member: str, capability: str, *, counts: bool) -> None:
        operation = "release" if counts else "return"
        try:
            await asyncio.shield(self._call(operation, capability, "", member))
        except UNREACHABLE as error:
            log.warning(
                "permit not given back (%s): its lease ends by itself", type(error).__name__
            )

    async def _call(self, operation: str, capability: str, group: str, *members: str) -> None:
        """Have the script do it, and tell those who wait here what it grants them by that."""
        limits = (self._limits[capability], self._rates.get(capability, 0))
        args = [operation, *limits, int(self._lease * 1000), group, CHANNEL, *members]
        async with asyncio.timeout(policies.REDIS_CALL_TIMEOUT), self._calls:
            answer = await self._script(keys=keys_of(capability), args=args)
        if isinstance(answer, list):
            for member in answer:
                self._granted(member)

    async def _heartbeat(self) -> None:
        while True:
            await asyncio.sleep(self._lease / 5)
            for capability in {capability for capability, _ in self._held.values()}:
                await self._renew(capability)

    async def _renew(self, capability: str) -> None:
        held = {member: group for member, (of, group) in self._held.items() if of == capability}
        try:
            await self._call("hold", capability, "", *chain.from_iterable(held.items()))
        except UNREACHABLE as error:
            log.warning("permits of %s not renewed: %s", capability, type(error).__name__)
            return
        for member in held.keys() - self._held.keys():
            await self._release(member, capability, counts=True)  # given back meanwhile

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as channel:
                    await channel.subscribe(CHANNEL + self._process)
                    async for message in channel.listen():
                        self._tell(message)
            except UNREACHABLE as error:
                log.warning("not listening for permits: %s", type(error).__name__)
                await asyncio.sleep(0.5)

    def _tell(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "message":
            self._granted(message["data"])

    def _granted(self, member: bytes | str) -> None:
        waiting = self._waiting.get(member.decode() if isinstance(member, bytes) else member)
        if waiting is not None:
            waiting.set()
