"""Permits that nobody gives back.

A dead holder loses its permit with its lease, within seconds. Left over are leases that end too
late, as the clock of Redis was wrong when they began, and permits that a living process renews
although its run has ended so long ago that no call of it can be in work.
"""

from __future__ import annotations

import time
from typing import Any

from pipeline_defs import policies
from pipeline_defs.domain.errors import Transient
from pipeline_defs.domain.reconciliation import Finding
from pipeline_defs.runtime.permits import CHANNEL, NO_RUN, SCRIPT, UNREACHABLE, keys_of
from pipeline_defs.runtime.reconciling.runs import ended_runs
from pipeline_defs.runtime.reconciling.world import World

LEASE = int(policies.PERMIT_LEASE * 1000)


async def look(world: World) -> list[Finding]:
    """Shorten leases, free what has leaked. Raises Transient `PERMITS_UNAVAILABLE`."""
    try:
        shortened = [
            int(await _script(world, capability, "shorten"))
            for capability in policies.CAPABILITY_LIMITS
        ]
        held = {
            capability: await _held_since_long(world, capability)
            for capability in policies.CAPABILITY_LIMITS
        }
        runs = {run_of_member(member) for members in held.values() for member in members}
        ended = await ended_runs(world, runs, policies.PERMIT_OUTLIVES_RUN)
        freed = 0
        for capability, members in held.items():
            leaked = [member for member in members if run_of_member(member) in ended]
            if leaked:
                await _script(world, capability, "revoke", str(policies.PERMIT_REVOKED), *leaked)
            freed += len(leaked)
    except UNREACHABLE as error:
        raise Transient(
            "PERMITS_UNAVAILABLE",
            f"Redis does not answer ({type(error).__name__})",
            advice="Check Redis with `pipeline doctor`; the next pass looks again.",
        ) from error
    return [
        Finding("permits_overlong", found=sum(shortened), repaired=sum(shortened)),
        Finding("permits_leaked", found=freed, freed=freed),
    ]


async def _held_since_long(world: World, capability: str) -> list[str]:
    """Holders that a run has opened before the time in which each call of it ends."""
    members = [
        member.decode() if isinstance(member, bytes) else str(member)
        for member in await world.redis.zrange(keys_of(capability)[0], 0, -1)
    ]
    before = time.time() - policies.PERMIT_OUTLIVES_RUN
    return [member for member in members if 0 < _opened_at(member) < before]


async def _script(world: World, capability: str, operation: str, *more: str) -> Any:
    script = world.redis.register_script(SCRIPT.read_text())
    limit = policies.CAPABILITY_LIMITS[capability]
    rate = policies.CAPABILITY_RATES_PER_MINUTE.get(capability, 0)
    args = [operation, limit, rate, LEASE, "", CHANNEL, *more]
    return await script(keys=keys_of(capability), args=args)


def run_of_member(member: str) -> str:
    """The run whose permit it is (see `permits.holder_name`); empty where no run has it."""
    return _parts(member)[0]


def _opened_at(member: str) -> float:
    """Seconds since the epoch; 0 where no run has it."""
    opened = _parts(member)[1]
    return float(opened) if opened.isdigit() else 0.0


def _parts(member: str) -> tuple[str, str]:
    parts = member.partition(":")[0].split(".")
    if len(parts) != 3 or parts[0] == NO_RUN:
        return "", ""
    return parts[0], parts[1]
