"""Admits a provider call: within the limits of its capability, and of each key its policy names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from pipeline_defs.policies import StepPolicy
from pipeline_defs.runtime.claims import Claim
from pipeline_defs.runtime.permits import Permits
from pipeline_defs.runtime.rates import Rates


@asynccontextmanager
async def admitted(
    permits: Permits, rates: Rates, policy: StepPolicy, claim: Claim
) -> AsyncGenerator[None]:
    """Wait until the call may be made; it counts as in work for the length of the block.

    Whoever waits for the rate of a key holds no permit, so that others go on. Raises Transient
    `PERMITS_UNAVAILABLE`, see `Permits.hold`.
    """
    at_once = {_key(n.key, claim): n.at_once for n in policy.limits if n.at_once}
    per_minute = {_key(n.key, claim): n.per_minute for n in policy.limits if n.per_minute}
    while True:
        async with permits.hold(policy.capability, claim.unit_id, at_once) as permit:
            permit.counts = False
            pause = await rates.count(policy.capability, per_minute) if per_minute else 0.0
            if not pause:
                permit.counts = True
                yield
                return
        await asyncio.sleep(pause)


def _key(name: str, claim: Claim) -> str:
    """What a limit is counted under."""
    return f"{name} {claim.org_id if name == 'org' else claim.unit_id}"
