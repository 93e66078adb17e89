"""The pipeline of a page: stages as data, and the few lines that run them.

A stage that fails stops the page unless its `on_error` handles the error; hooks are told before and
after each. Whatever happens is a row of the page and a progress event.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline_defs.defs.pages.making import Making
from pipeline_defs.domain.errors import LostClaim, PipelineError, classify
from pipeline_defs.domain.pages.stages import TITLES, StageName, StageRecord
from pipeline_defs.runtime import control
from pipeline_defs.runtime.lines import PAGE_LINE
from pipeline_defs.storage import pages
from pipeline_defs.storage.database import Transaction

Detail = dict[str, Any]
OUTCOMES = {
    "running": "started",
    "completed": "finished",
    "skipped": "skipped",
    "failed": "failed",
}


def never(_making: Making) -> str | None:
    """A stage that is always run."""
    return None


async def stop(_making: Making, error: PipelineError) -> Detail:
    """An error that stops the page."""
    raise error


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of the pipeline.

    `run` does it and says what is worth telling; `skip` gives the reason for leaving it out;
    `on_error` handles an error (the page goes on, its answer is recorded) or raises it.
    """

    name: StageName
    run: Callable[[Making], Awaitable[Detail]]
    skip: Callable[[Making], str | None] = never
    on_error: Callable[[Making, PipelineError], Awaitable[Detail]] = stop


Hook = Callable[[Transaction, Making, StageRecord], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Hooks:
    """Told of each stage in the transaction that records it, before and after it."""

    before: tuple[Hook, ...] = ()
    after: tuple[Hook, ...] = ()


async def run_stages(making: Making, stages: Sequence[Stage], hooks: Hooks) -> None:
    """Run stages in order; raises the PipelineError that stops the page."""
    ended: StageRecord | None = None
    for stage in stages:
        reason = stage.skip(making)
        if reason is not None:
            await _record(making, hooks, ended)
            ended = StageRecord(stage.name, "skipped", 0.0, {"reason": reason})
            continue
        await _record(making, hooks, ended, StageRecord(stage.name, "running"))
        ended = await _run(making, hooks, stage)
    await _record(making, hooks, ended)


async def _run(making: Making, hooks: Hooks, stage: Stage) -> StageRecord:
    began = time.monotonic()
    try:
        detail = await stage.run(making)
    except LostClaim:
        raise
    except Exception as raised:  # noqa: BLE001 # classified, recorded, handled or raised
        error = classify(raised)
        try:
            handled: Detail = {"handled": error.record().as_dict()}
            detail = await stage.on_error(making, error) | handled
        except PipelineError as stopping:
            record = StageRecord(
                stage.name,
                "failed",
                round(time.monotonic() - began, 3),
                None,
                stopping.record().as_dict(),
            )
            await _record(making, hooks, record)
            raise
    return StageRecord(stage.name, "completed", round(time.monotonic() - began, 3), detail)


async def _record(making: Making, hooks: Hooks, *records: StageRecord | None) -> None:
    """What ended and what begins, in one transaction."""
    told = [record for record in records if record is not None]
    if not told:
        return

    async def write(tx: Transaction) -> None:
        for record in told:
            for hook in hooks.before if record.status == "running" else hooks.after:
                await hook(tx, making, record)

    await making.job.work.transact(write)


async def note_stage(tx: Transaction, making: Making, record: StageRecord) -> None:
    """The row of the stage."""
    await pages.set_stage(
        tx,
        making.page.id,
        record.name,
        record.status,
        seconds=record.seconds,
        detail=record.detail,
        error=record.error,
    )


async def tell_progress(tx: Transaction, making: Making, record: StageRecord) -> None:
    """The progress event, with how far the page is."""
    more: Detail = {"error": record.error} if record.error else {}
    control.advance(
        tx,
        PAGE_LINE,
        making.page.id,
        stage=record.name,
        outcome=OUTCOMES[record.status],
        message=_message(record),
        seconds=record.seconds,
        **more,
    )


def _message(record: StageRecord) -> str:
    title = TITLES[record.name]
    if record.status == "skipped":
        return f"{title}: left out, {(record.detail or {}).get('reason', '')}"
    if record.status == "failed":
        return f"{title}: {(record.error or {}).get('message', '')}"
    return title if record.status == "running" else f"{title}: done"


RECORDING = Hooks(before=(note_stage, tell_progress), after=(note_stage, tell_progress))
