"""Drives the units of one run: claim, begin, work, settle.

One unit's failure never stops another's.

An asset op hands over its partitions and a coroutine that knows how to work on one unit:

    async for event in drive(context, ARTICLE_LINE, write_sections, bridges=BRIDGES):
        yield event
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.domain.errors import (
    ErrorRecord,
    LostClaim,
    PipelineError,
    Transient,
    Unknown,
    classify,
)
from pipeline_defs.domain.graph import UnitGraph
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.domain.versions import AssetVersion
from pipeline_defs.runtime import control
from pipeline_defs.runtime.claims import Claim
from pipeline_defs.runtime.dagster.internals import DagsterExecutionInterruptedError
from pipeline_defs.runtime.dispatch_tags import DISPATCH_TAG
from pipeline_defs.runtime.interrupts import interruptible
from pipeline_defs.runtime.lines import Line
from pipeline_defs.runtime.reporting import Reporter
from pipeline_defs.runtime.resources import Resources, open_resources
from pipeline_defs.runtime.turns import Turns
from pipeline_defs.runtime.work import Made, UnitWork, made_of
from pipeline_defs.settings import Settings
from pipeline_defs.storage.database import Transaction

INFRASTRUCTURE = frozenset({"DATABASE_UNAVAILABLE", "PERMITS_UNAVAILABLE"})
MAX_RUNTIME_TAG = "dagster/max_runtime"
ANCESTOR_TAGS = ("dagster/parent_run_id", "dagster/root_run_id")


@dataclass(frozen=True, slots=True)
class Run:
    """What all units of a run share."""

    context: dg.AssetExecutionContext
    resources: Resources
    reporter: Reporter
    fresh: bool


@dataclass(frozen=True, slots=True)
class PartFailure:
    """A part that could not be made, while the unit goes on without it."""

    asset: str
    partition: str
    error: PipelineError


@dataclass(frozen=True, slots=True)
class Assignment:
    """One unit's share of a run.

    A body that goes on without some part notes it in `failures`: the unit is not failed by it, but
    the run is, so that Dagster shows which partitions are missing.
    """

    run: Run
    work: UnitWork
    partitions: tuple[str, ...]
    failures: list[PartFailure] = field(default_factory=list)

    @property
    def context(self) -> dg.AssetExecutionContext:
        """Dagster's context of the op."""
        return self.run.context

    @property
    def resources(self) -> Resources:
        """Open connections."""
        return self.run.resources

    @property
    def reporter(self) -> Reporter:
        """Tells Dagster."""
        return self.run.reporter

    @property
    def is_dispatched(self) -> bool:
        """Whether the dispatcher asked for this run: what the unit wants next follows."""
        return DISPATCH_TAG in self.context.run.tags

    @property
    def fresh(self) -> bool:
        """Whether to make anew what is up to date."""
        return self.run.fresh

    @property
    def unit_id(self) -> str:
        """The unit at work."""
        return self.work.claim.unit_id

    async def raise_generations(self, assets: Iterable[tuple[str, str]]) -> None:
        """Make these (asset, partition) anew: once per run, however often it is retried."""
        root = self.context.run.tags.get("dagster/root_run_id", self.context.run.run_id)
        for asset, partition in assets:

            async def raise_one(asset: str = asset, partition: str = partition) -> None:
                await self.work.transact(
                    lambda tx: tx.run(
                        "ledger.raise_generation",
                        unit_id=self.unit_id,
                        asset=asset,
                        partition=partition,
                    )
                )

            await self.work.step(partition, f"fresh:{asset}", root, raise_one)

    async def report_again(self, asset: str, partition: str) -> None:
        """Nothing to make: tell Dagster the version that stands, as the run promised one."""
        row = await self.work.transact(
            lambda tx: tx.one("assets.get", asset=asset, partition=partition)
        )
        if row is not None:
            await self.reporter.made(self.work, made_of(row), reused=True)

    async def bridge(
        self, asset: str, partition: str, version: str, known: AssetVersion | None, **about: Any
    ) -> None:
        """Store and report a version of a bridge, unless it is the one that is `known`.

        Every report wakes what depends on it. `about`: metadata.
        """
        if known is not None and known.data_version == version:
            return
        made = Made(asset, partition, version, "", "", metadata=about)
        await self.work.store(made)
        await self.reporter.made(self.work, made)

    async def report_bridges(self, unit: UnitGraph) -> None:
        """Report the bridges that this run has moved, however it came out."""
        for bridge in unit.changed_bridges:
            await self.bridge(bridge.node.asset, bridge.node.partition, bridge.version, None)

    async def report_leftovers(self) -> None:
        """Tell Dagster what a worker stored that died before it could say so."""
        rows = await self.work.transact(
            lambda tx: tx.all("assets.unreported", unit_id=self.unit_id)
        )
        for row in rows:
            await self.reporter.made(self.work, made_of(row))

    def selects(self, asset: str) -> bool:
        """Whether this run is to make the asset."""
        return dg.AssetKey.from_user_string(asset) in self.context.selected_asset_keys


Drive = Callable[[Assignment], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Failed:
    """A unit that failed in this run."""

    unit_id: str
    error: ErrorRecord
    cause: BaseException | None


async def drive(
    context: dg.AssetExecutionContext,
    settings: Settings,
    line: Line,
    work_on: Drive,
    *,
    bridges: frozenset[str],
    fresh: bool,
) -> AsyncIterator[Any]:
    """Work on all units of the run at once.

    Yields nothing: events are logged by the reporter once their results are durable, and all of a
    unit's before it is settled. Raises dg.Failure naming what failed, dg.RetryRequested when the
    infrastructure was away, or the interruption of the run.
    """
    for event in ():
        yield event
    ancestors = [context.run.tags[tag] for tag in ANCESTOR_TAGS if tag in context.run.tags]
    async with (
        open_resources(settings, context.run.run_id, ancestors) as resources,
        Reporter.open(context, bridges, settings.studio_url) as reporter,
        Turns.open(
            resources.database, settings, line, by_hand=DISPATCH_TAG not in context.run.tags
        ) as turns,
    ):
        slots = asyncio.Semaphore(line.units_at_once)

        async def in_slot(unit_id: str, keys: tuple[str, ...]) -> Failed | None:
            async with slots:
                if not await turns.wait_for(unit_id):
                    context.log.info(f"{unit_id} skipped: it waits no more")
                    return None
                try:
                    return await _drive_unit(run, line, work_on, unit_id, keys)
                finally:
                    turns.released()

        run = Run(context, resources, reporter, fresh)
        jobs = [
            asyncio.create_task(in_slot(unit_id, keys))
            for unit_id, keys in _by_unit(context.partition_keys).items()
        ]
        async with interruptible(jobs) as interrupted:
            outcomes = await asyncio.gather(*jobs, return_exceptions=True)
        if interrupted.is_set():
            raise DagsterExecutionInterruptedError
    _raise_failures(outcomes)


def _by_unit(partition_keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    grouped: dict[str, list[str]] = {}
    for key in partition_keys:
        grouped.setdefault(key.partition("/")[0], []).append(key)
    return {unit: tuple(keys) for unit, keys in grouped.items()}


async def _drive_unit(
    run: Run, line: Line, work_on: Drive, unit_id: str, partitions: tuple[str, ...]
) -> Failed | None:
    claims, log = run.resources.claims, run.context.log
    claim = await claims.take(unit_id)
    if claim is None:
        holder = await claims.holder_of(unit_id)
        reason = f"run {holder['claim_run_id']} is working on it" if holder else "it does not exist"
        log.warning(f"{unit_id} skipped: {reason}")
        return None
    if DISPATCH_TAG in run.context.run.tags and claim.status in FINAL_STATES:
        log.info(f"{unit_id} skipped: it was {claim.status} before this run started")
        await _in_claim(run, claim, _nothing)
        return None

    failures: list[PartFailure] = []

    async def body() -> None:
        work = await run.resources.work_on(
            claim, lambda tx: control.begin(tx, line, unit_id, claim.status)
        )
        assignment = Assignment(run, work, partitions, failures)
        await assignment.report_leftovers()
        await work_on(assignment)
        await run.reporter.flush()  # the next run may begin right after
        await _in_claim(run, claim, lambda tx: control.go_on(tx, line, unit_id))

    try:
        return await _supervise(run, line, claim, body) or _of_parts(unit_id, failures)
    except LostClaim:
        log.warning(f"{unit_id}: another run has taken it over; stopped")
    except PipelineError as error:  # the database was away when the unit was to be settled
        return Failed(unit_id, error.record(), None)
    finally:
        claims.forget(claim)
    return None


def _of_parts(unit_id: str, failures: Sequence[PartFailure]) -> Failed | None:
    """What the run has to tell of a unit that goes on without some parts."""
    if not failures:
        return None
    named = "; ".join(f"{f.asset} of {f.partition}: {f.error}" for f in failures[:10])
    more = f" and {len(failures) - 10} more" if len(failures) > 10 else ""
    unknown = next((f.error for f in failures if isinstance(f.error, Unknown)), None)
    first = unknown or failures[0].error
    record = ErrorRecord(first.code, named + more, first.retryable, first.advice)
    return Failed(unit_id, record, unknown)


async def _supervise(
    run: Run, line: Line, claim: Claim, body: Callable[[], Awaitable[None]]
) -> Failed | None:
    """Run the body as a task that the claim can stop, and settle the unit however it ends."""
    claim.task = task = asyncio.ensure_future(body())
    strike = asyncio.get_running_loop().call_later(line.deadline, claim.stop_for, "deadline")
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return await _stopped(run, line, claim)
    except LostClaim:
        raise
    except Exception as raised:  # noqa: BLE001 # classified, recorded and raised after all units
        return await _failed(run, line, claim, classify(raised))
    finally:
        strike.cancel()
    return None


async def _stopped(run: Run, line: Line, claim: Claim) -> Failed | None:
    if claim.stop == "lost":
        raise LostClaim(claim.unit_id)
    if claim.stop == "deadline":
        error = Transient(
            "DEADLINE",
            f"not finished within {line.deadline:g} s",
            advice="What is completed stays: resume to go on.",
        )
        return await _failed(run, line, claim, error)
    await _tell_what_is_quick(run)
    if claim.stop == "cancelled" or await asyncio.to_thread(_is_being_cancelled, run):
        await _in_claim(
            run, claim, lambda tx: control.cancelled(tx, line, claim.unit_id, "generating")
        )
        run.context.log.info(f"{claim.unit_id} cancelled")
    else:  # a deploy, or the run's own time limit: the unit goes on in another run
        await _in_claim(run, claim, lambda tx: control.interrupted(tx, line, claim.unit_id))
        run.context.log.info(f"{claim.unit_id} interrupted; another run goes on with it")
    return None


async def _tell_what_is_quick(run: Run) -> None:
    """Tell Dagster what was made, if that is soon done; else the next run tells it."""
    with suppress(PipelineError, TimeoutError):
        async with asyncio.timeout(policies.FLUSH_GRACE):
            await run.reporter.flush()


def _is_being_cancelled(run: Run) -> bool:
    """Whether a person asked Dagster to cancel this run. Its own time limit looks the same."""
    record = run.context.instance.get_run_record_by_id(run.context.run.run_id)
    if record is None or record.dagster_run.status != dg.DagsterRunStatus.CANCELING:
        return False
    limit = record.dagster_run.tags.get(MAX_RUNTIME_TAG)
    return (
        limit is None
        or record.start_time is None
        or (time.time() - record.start_time < float(limit))
    )


async def _failed(run: Run, line: Line, claim: Claim, error: PipelineError) -> Failed | None:
    record = error.record()
    if error.code not in INFRASTRUCTURE:  # else it stays in work and is admitted again
        await _tell_what_is_quick(run)
        await _in_claim(
            run,
            claim,
            lambda tx: control.finish(tx, line, claim.unit_id, "failed", record),
        )
    return Failed(claim.unit_id, record, error if isinstance(error, Unknown) else None)


async def _in_claim(
    run: Run, claim: Claim, settle: Callable[[Transaction], Awaitable[Any]]
) -> None:
    """Settle the unit and give it back, in one transaction under the fence."""

    async def write(tx: Transaction) -> None:
        await settle(tx)
        await tx.run("units.release_claim", id=claim.unit_id, fence=claim.fence)

    claim.settling = True
    await run.resources.commits.run(claim, write)


async def _nothing(_tx: Transaction) -> None:
    """Nothing to settle."""


def _raise_failures(outcomes: Sequence[Failed | BaseException | None]) -> None:
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, asyncio.CancelledError):
            raise outcome
    failures = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
    if not failures:
        return
    for failure in failures:
        if failure.error.code in INFRASTRUCTURE:
            raise dg.RetryRequested(
                max_retries=policies.INFRASTRUCTURE_RETRIES,
                seconds_to_wait=policies.INFRASTRUCTURE_RETRY_DELAY,
            )
    description = "; ".join(
        f"{f.unit_id}: {f.error.code}: {f.error.message} {f.error.advice}".strip() for f in failures
    )
    raise dg.Failure(
        description=description,
        metadata={"failed": [f.unit_id for f in failures]},
        allow_retries=False,
    ) from next((f.cause for f in failures if f.cause is not None), None)
