"""Conducts the interviews of a campaign: places what is due, reads what was recorded.

Each call goes its own way, a step at a time, by what is stored of it: a worker that dies leaves
nothing that the next one does not find. The run ends when nothing can be done but wait; whoever
hears of a call wakes the campaign.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline_defs import policies
from pipeline_defs.defs.calls import placing, reading, tracing
from pipeline_defs.defs.calls.campaigning import STOPPING, read_campaign, tell
from pipeline_defs.domain.calls import agenda
from pipeline_defs.domain.calls.agenda import Step
from pipeline_defs.domain.calls.campaigns import Call, Campaign
from pipeline_defs.domain.calls.graph import standing_of
from pipeline_defs.domain.errors import LostClaim, PipelineError, classify
from pipeline_defs.runtime.dispatch_tags import DISPATCH_TAG
from pipeline_defs.runtime.driving import Assignment, PartFailure
from pipeline_defs.storage import calls
from pipeline_defs.storage.database import Transaction

Take = Callable[[Assignment, Campaign, Call], Awaitable[None]]
STEPS: Mapping[Step, Take] = {
    "place": placing.place,
    "give_up": placing.give_up,
    "find": tracing.find,
    "look": tracing.look,
    "seek_recording": tracing.seek_recording,
    "settle": placing.settle,
    "read": reading.read,
    "extract": reading.extract,
}


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A step that is being taken."""

    step: Step
    task: asyncio.Task[None]


async def conduct(job: Assignment) -> None:
    """Do everything that is due for the calls of the run."""
    if job.fresh:
        await reading.forget(job)
    before = await read_campaign(job)
    under_way: dict[int, UnderWay] = {}  # by the order of the call
    try:
        await _until_nothing_is_due(job, under_way)
    except PipelineError:
        if under_way:  # what is paid for is kept before the campaign stops
            await asyncio.wait([taken.task for taken in under_way.values()])
        raise
    finally:
        tasks = [taken.task for taken in under_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await _report_evidence(job)
    await _report_the_rest(job, before)


async def _until_nothing_is_due(job: Assignment, under_way: dict[int, UnderWay]) -> None:
    while True:
        campaign = await read_campaign(job)
        for call, step in _due(job, campaign, under_way):
            task = asyncio.create_task(_take(job, campaign, call, step))
            under_way[call.order] = UnderWay(step, task)
        if not under_way:
            return
        await asyncio.wait(
            [taken.task for taken in under_way.values()],
            timeout=policies.CONDUCT_POLL,
            return_when=asyncio.FIRST_COMPLETED,
        )
        for order in [order for order, taken in under_way.items() if taken.task.done()]:
            under_way.pop(order).task.result()


def _due(
    job: Assignment, campaign: Campaign, under_way: Mapping[int, UnderWay]
) -> list[tuple[Call, Step]]:
    """Steps to take now, as many as are allowed at once."""
    now = datetime.now(UTC)
    placing_now = sum(taken.step == "place" for taken in under_way.values())
    slots = agenda.slots(campaign, now) - placing_now  # counted twice at worst, never not at all
    room = policies.CALLS_READ_AT_ONCE - len(under_way)
    found: list[tuple[Call, Step]] = []
    for call in campaign.calls:
        if call.key not in job.partitions or call.order in under_way or len(found) >= room:
            continue
        due = agenda.step_of(campaign, call, now)
        if due is None or due[1] > now or not job.selects(agenda.ASSET_OF[due[0]]):
            continue
        if due[0] == "place":
            slots -= 1
            if slots < 0:
                continue
        found.append((call, due[0]))
    return found


async def _take(job: Assignment, campaign: Campaign, call: Call, step: Step) -> None:
    """One step of one call; what goes wrong stops this call alone."""
    try:
        await STEPS[step](job, campaign, call)
    except LostClaim:
        raise
    except Exception as raised:
        error = classify(raised)
        if error.code in STOPPING:
            raise error from raised
        await _failed(job, call, step, error)


async def _failed(job: Assignment, call: Call, step: Step, error: PipelineError) -> None:
    asset = agenda.ASSET_OF[step]
    stage = "recording" if step == "seek_recording" else asset

    async def write(tx: Transaction) -> None:
        await calls.set_error(tx, call, stage, error.record())
        tell(
            tx,
            call.campaign_id,
            step,
            "failed",
            f"Call {call.order}: {error.message}",
            part=call.key,
            error=error.record().as_dict(),
        )

    await job.work.transact(write)
    job.failures.append(PartFailure(asset, call.key, error))


async def _report_evidence(job: Assignment) -> None:
    """What was said moves what verdicts follow from, long before it is judged again."""
    await job.report_bridges(standing_of(await read_campaign(job)))


async def _report_the_rest(job: Assignment, before: Campaign) -> None:
    """A run that people launched, or that fails, tells Dagster too what it found up to date."""
    if DISPATCH_TAG in job.context.run.tags and not job.failures:
        return
    after = await read_campaign(job)
    failed = {(failure.asset, failure.partition) for failure in job.failures}
    for key in job.partitions:
        for asset in ("call", "transcript", "claims"):
            stands = after.version(asset, key)
            untouched = stands is not None and stands == before.version(asset, key)
            if untouched and job.selects(asset) and (asset, key) not in failed:
                await job.report_again(asset, key)
