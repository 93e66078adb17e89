"""Places calls, at most once per attempt, and books how they went.

The intent is stored before the provider is asked. What surely was not placed is asked for again;
what may have been placed is looked for (see tracing), and never asked for twice.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal

from pipeline_defs import policies
from pipeline_defs.defs.calls import previews
from pipeline_defs.defs.calls.campaigning import STOPPING, made, tell
from pipeline_defs.defs.calls.hanging_up import hang_up
from pipeline_defs.domain.calls import calling, gates, interview, recipe
from pipeline_defs.domain.calls.campaigns import Call, Campaign
from pipeline_defs.domain.errors import ErrorRecord, PipelineError
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.telephony.failures import OF_ACCOUNT, UNCONFIRMED
from pipeline_defs.gateways.telephony.port import CallOrder, KnownCall
from pipeline_defs.runtime.call_events import apply, callback_urls
from pipeline_defs.runtime.crash_points import crash_point
from pipeline_defs.runtime.driving import Assignment
from pipeline_defs.runtime.paid_calls import Outcome, Try
from pipeline_defs.runtime.retrying import delay_before_retry
from pipeline_defs.storage import calls
from pipeline_defs.storage.database import Transaction

POLICY = policies.PLACING


async def place(job: Assignment, campaign: Campaign, call: Call) -> None:
    """Call a contact."""
    questions = [question.question for question in campaign.checklist]
    status, recording = callback_urls(job.resources.settings, job.work.claim.org_id, call)
    order = CallOrder(
        to=call.phone,
        twiml=interview.twiml(campaign.consent, questions),
        status_callback=status,
        recording_callback=recording,
        timeout=POLICY.timeout,
    )
    if not await job.work.transact(lambda tx: calls.intend(tx, call)):
        return
    crash_point("call.before_call")
    try:
        placed = await _ordered(job, call, order)
    except PipelineError as error:
        await _not_ordered(job, call, error)
        return
    crash_point("call.after_call")

    async def keep(tx: Transaction) -> None:
        await calls.placed(tx, call, placed.sid)
        tell(tx, campaign.id, "call", "started", _calling(call), part=call.key)

    await job.work.transact(keep)


async def give_up(job: Assignment, campaign: Campaign, call: Call) -> None:
    """A contact that may not be called."""
    error = gates.may_call(campaign, call, call.due_at).error
    if error is not None:
        await _end(job, call, "cancelled", error, "skipped")


async def settle(job: Assignment, campaign: Campaign, call: Call) -> None:
    """Book the outcome and the cost of a call that is over."""
    inputs = recipe.call_inputs(campaign, call)

    if call.status == "voicemail":  # the interview would go on with a machine
        call = await hang_up(job, call)
    seconds = calling.billed_seconds(call)

    async def count(_this: Try) -> Outcome:
        used = job.resources.gateways.telephony.bill(seconds)
        return Outcome({"seconds": seconds}, used)

    cost = Decimal(0)
    if call.sid is not None:
        step = f"call/{call.attempt}"
        paid = await job.work.paid(call.key, step, call.sid, policies.LISTENING_IN, count)
        cost = paid.cost_usd
    result = made(
        recipe.CALL,
        call.key,
        version_of(call.sid, call.attempt, call.status, call.seconds),
        inputs,
        cost_usd=cost,
        metadata=previews.call(campaign, call),
    )
    await job.work.store(result, lambda tx: calls.settled(tx, call))
    await job.reporter.made(job.work, result)


async def _ordered(job: Assignment, call: Call, order: CallOrder) -> KnownCall:
    """Order a call, again only while it surely was not placed."""
    attempt = 0
    while True:
        attempt += 1
        try:
            async with job.resources.permits.hold(POLICY.capability, group=job.unit_id):
                return await job.resources.gateways.telephony.place(order)
        except PipelineError as error:
            delay = delay_before_retry(error, attempt, POLICY.retry)
            if delay is None or error.code == UNCONFIRMED:
                raise
            await job.work.progress(
                "call",
                "retrying",
                f"Call {call.order}: {error.message}; trying again in {delay:.1f} s",
                part=call.key,
                error=error.record().as_dict(),
            )
            await asyncio.sleep(delay)


async def _not_ordered(job: Assignment, call: Call, error: PipelineError) -> None:
    if error.code == UNCONFIRMED:
        await job.work.progress(
            "call",
            "retrying",
            f"Call {call.order}: {error.message}",
            part=call.key,
            error=error.record().as_dict(),
        )
        return
    if error.code in STOPPING or error.code in OF_ACCOUNT:
        await job.work.transact(lambda tx: calls.not_placed(tx, call))
        raise error
    await _end(job, call, "failed", error.record(), "failed")


async def _end(job: Assignment, call: Call, status: str, error: ErrorRecord, outcome: str) -> None:
    """A contact that is not called after all."""

    async def write(tx: Transaction) -> None:
        await calls.move(tx, call, (status,))
        await calls.set_error(tx, call, "call", error)
        tell(
            tx,
            call.campaign_id,
            "call",
            outcome,
            f"Call {call.order}: {error.message}",
            part=call.key,
            error=error.as_dict(),
            call_status=status,
        )

    await job.work.transact(write)


def _calling(call: Call) -> str:
    again = f", attempt {call.attempt}" if call.attempt > 1 else ""
    return f"Call {call.order}: calling {call.name}{again}"


async def bind(job: Assignment, call: Call, found: KnownCall) -> None:
    """A call whose answer was lost was found at the provider."""

    async def write(tx: Transaction) -> None:
        await calls.placed(tx, call, found.sid)
        placed = await calls.get(tx, call.campaign_id, call.order)
        if placed is not None:
            await apply(tx, placed, found.news)

    await job.work.transact(write)
