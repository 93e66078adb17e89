"""Permits: how many calls of a capability are in work at once, across all runs and hosts.

A permit is a lease in Redis: its holder renews it, a dead holder loses it. A freed permit is handed
to the waiting group (a unit) that holds fewest, so that two lectures share a capability fairly.
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
KEYS = ("holders", "waiters", "alive", "groups", "sequence", "revoked")


def keys_of(capability: str) -> list[str]:
    """What Redis knows of a capability's permits, in the order in which the script takes it."""
    return [f"permits:{{{capability}}}:{name}" for name in KEYS]


def holder_name(run_id: str) -> str:
    """A name for one who holds permits, of which reconciling/permits.py finds the run again."""
    return f"{run_id or NO_RUN}.{int(time.time())}.{secrets.token_hex(4)}"


class Permits:
    """The permits of one process. Use as `async with Permits.open(...)`."""

    def __init__(
        self, redis: Redis, limits: Mapping[str, int], lease: float, run_id: str = ""
    ) -> None:
        self._redis = redis
        self._limits = limits
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
        run_id: str = "",
    ) -> AsyncGenerator[Permits]:
        """Permits with their heartbeat and their listener running; `run_id`: whose they are."""
        permits = cls(redis, limits, lease, run_id)
        tasks = [asyncio.create_task(permits._listen()), asyncio.create_task(permits._heartbeat())]
        try:
            yield permits
        finally:
            await stop(*tasks)

    @asynccontextmanager
    async def hold(
        self, capability: str, group: str, at_once: Mapping[str, int] | None = None
    ) -> AsyncGenerator[None]:
        """Wait for a permit and keep it for the length of the block.

        `at_once`: how many calls of the capability each of these keys may have in work; there is a
        permit only when all of them allow it.
        Raises Transient `PERMITS_UNAVAILABLE` when Redis stays away longer than is tolerated.
        """
        if at_once:
            group = f"{group}\n{json.dumps(at_once)}"
        self._count += 1
        member = f"{self._process}:{self._count}"
        try:
            await self._acquire(member, capability, group)
            self._held[member] = (capability, group)
            yield
        finally:
            self._held.pop(member, None)
            self._waiting.pop(member, None)
            await self._release(member, capability)

    async def _acquire(self, member: str, capability: str, group: str) -> None:
        granted = self._waiting[member] = asyncio.Event()
        away_since: float | None = None
        while not granted.is_set():
            try:
                if await self._ask(member, capability, group):
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
            # The grant is told by a message; asking again now and then covers a lost one.
            # Not wait_for: until Python 3.12 it swallows a cancellation at the moment of the grant.
            with suppress(TimeoutError):
                async with asyncio.timeout(policies.PERMIT_POLL):
                    await granted.wait()

    async def _ask(self, member: str, capability: str, group: str) -> bool:
        """Whether the member has its permit. Ends only when Redis has answered, also if cancelled:
        the release that follows must not overtake the question."""
        question = asyncio.ensure_future(self._call("acquire", capability, group, member))
        try:
            return bool(await asyncio.shield(question))
        except asyncio.CancelledError:
            await asyncio.wait([question])
            raise

    async def _release(self, member: str, capability: str) -> None:
        try:
            await asyncio.shield(self._call("release", capability, "", member))
        except UNREACHABLE as error:
            log.warning(
                "permit not given back (%s): its lease ends by itself", type(error).__name__
            )

    async def _call(self, operation: str, capability: str, group: str, *members: str) -> Any:
        lease = int(self._lease * 1000)
        args = [operation, self._limits[capability], lease, group, CHANNEL, *members]
        async with asyncio.timeout(policies.REDIS_CALL_TIMEOUT), self._calls:
            return await self._script(keys=keys_of(capability), args=args)

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
            await self._release(member, capability)  # given back meanwhile: do not revive it

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
        if message["type"] != "message":
            return
        data = message["data"]
        waiting = self._waiting.get(data.decode() if isinstance(data, bytes) else str(data))
        if waiting is not None:
            waiting.set()
