"""Looks for what nobody said: calls without an answer, calls that fell silent, recordings.

Webhooks are lost, and a worker may die right after an order. Each look notes when it was made, so
that the next one is some time later.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from pipeline_defs import policies
from pipeline_defs.defs.calls.campaigning import STOPPING, tell
from pipeline_defs.defs.calls.placing import bind
from pipeline_defs.domain.calls.calling import StatusNews
from pipeline_defs.domain.calls.campaigns import Call, Campaign
from pipeline_defs.domain.errors import ErrorRecord, PipelineError, Transient
from pipeline_defs.runtime.call_events import apply
from pipeline_defs.runtime.driving import Assignment
from pipeline_defs.storage import calls
from pipeline_defs.storage.database import Transaction

T = TypeVar("T")
POLICY = policies.LISTENING_IN
CLOCKS_APART = timedelta(seconds=30)  # ours and the provider's


async def find(job: Assignment, campaign: Campaign, call: Call) -> None:
    """Look for a call that may have been placed; one that surely was not is due again."""
    intended = call.intended_at or datetime.now(UTC)
    since = intended - CLOCKS_APART
    telephony = job.resources.gateways.telephony
    listed = await _asked(job, call, lambda: telephony.find(call.phone, since, POLICY.timeout))
    if listed is None:
        return
    by_sid = {known.sid: known for known in listed}
    ours = await job.work.transact(lambda tx: calls.unknown_sids(tx, list(by_sid)))
    if ours:
        await bind(job, call, by_sid[ours[0]])
    elif datetime.now(UTC) - intended > timedelta(seconds=policies.CALL_NEVER_PLACED):
        await job.work.transact(lambda tx: calls.not_placed(tx, call))
    else:
        await _noted(job, call)


async def look(job: Assignment, campaign: Campaign, call: Call) -> None:
    """Ask how a call stands of which nothing was heard for long."""
    sid = call.sid
    if sid is None:
        return
    telephony = job.resources.gateways.telephony
    news = await _asked(job, call, lambda: telephony.look(sid, POLICY.timeout))
    if news is not None:
        await _heard(job, call, news)


async def seek_recording(job: Assignment, campaign: Campaign, call: Call) -> None:
    """Ask for the recording of a call that is over; after a while there is none."""
    sid = call.sid
    if sid is None:
        return
    telephony = job.resources.gateways.telephony
    found = await _asked(job, call, lambda: telephony.recordings(sid, POLICY.timeout))
    if found is None:
        return
    for news in found:
        if news.state != "in-progress":
            await job.work.transact(lambda tx, n=news: apply(tx, call, n))
            return
    ended = call.ended_at or datetime.now(UTC)
    if datetime.now(UTC) - ended > timedelta(seconds=policies.RECORDING_WAIT):
        await job.work.transact(lambda tx: _without_recording(tx, call))
    else:
        await _noted(job, call)


async def _asked(job: Assignment, call: Call, question: Callable[[], Awaitable[T]]) -> T | None:
    """The answer; None where the provider is away: it is asked again later."""
    try:
        async with job.resources.permits.hold(POLICY.capability, group=job.unit_id) as permit:
            permit.counts = False  # the rate is that of calls placed
            return await question()
    except PipelineError as error:
        if error.code in STOPPING or not isinstance(error, Transient):
            raise
        await _noted(job, call)
        return None


async def _heard(job: Assignment, call: Call, news: StatusNews) -> None:
    await job.work.transact(lambda tx: apply(tx, call, news))


async def _noted(job: Assignment, call: Call) -> None:
    await job.work.transact(lambda tx: calls.heard(tx, call))


async def _without_recording(tx: Transaction, call: Call) -> None:
    error = ErrorRecord(
        "RECORDING_MISSING",
        f"no recording came within {policies.RECORDING_WAIT:g} s of the call's end",
        retryable=False,
        advice="It is read by itself if it comes later.",
    )
    await calls.heard(tx, call, recording_state="absent")
    await calls.set_error(tx, call, "recording", error)
    tell(
        tx,
        call.campaign_id,
        "recording",
        "failed",
        f"Call {call.order}: {error.message}",
        part=call.key,
        error=error.as_dict(),
    )
