"""Ends a call that a machine took, and finds out how long it lasted before it is booked.

That a machine answered is heard while the line is still open: only the end tells the seconds, by a
webhook or, where none comes, when asked.
"""

from __future__ import annotations

import asyncio
from time import monotonic

from pipeline_defs import policies
from pipeline_defs.domain.calls.campaigns import Call
from pipeline_defs.domain.errors import Transient
from pipeline_defs.runtime.call_events import apply
from pipeline_defs.runtime.driving import Assignment
from pipeline_defs.storage import calls
from pipeline_defs.storage.database import Transaction

TIMEOUT = policies.LISTENING_IN.timeout


async def hang_up(job: Assignment, call: Call) -> Call:
    """The call as it is once it ended; without its seconds where the provider does not tell."""
    if call.sid is None or call.seconds is not None:
        return call
    until = monotonic() + policies.HANGING_UP_MOST
    try:
        await job.resources.gateways.telephony.hang_up(call.sid, TIMEOUT)
        while call.seconds is None and monotonic() < until:
            call = await _looked_at(job, call, call.sid or "")
    except Transient:  # the provider is away: what is known is booked
        return call
    return call


async def _looked_at(job: Assignment, call: Call, sid: str) -> Call:
    """The call after asking for it, and a moment later where it is not over yet."""
    news = await job.resources.gateways.telephony.look(sid, TIMEOUT)

    async def hear(tx: Transaction) -> Call:
        await apply(tx, call, news)
        return await calls.get(tx, call.campaign_id, call.order) or call

    now = await job.work.transact(hear)
    if now.seconds is None:
        await asyncio.sleep(policies.HANGING_UP_LOOK)
    return now
