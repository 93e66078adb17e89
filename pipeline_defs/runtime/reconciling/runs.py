"""Runs of ours in Dagster that nobody waits for or that do not get on, and pool slots left behind.

Dagster's run monitoring fails dead workers, late starts and late cancellations within seconds and
frees pool slots of runs that have ended. Here is what it leaves behind when it breaks on a run.
A run is only ended after it was looked at once more, and none of which a worker says it is at it.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from functools import partial

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.domain.reconciliation import Finding
from pipeline_defs.runtime.dagster.internals import WorkerStatus
from pipeline_defs.runtime.dispatch_tags import DISPATCH_TAG
from pipeline_defs.runtime.driving import MAX_RUNTIME_TAG
from pipeline_defs.runtime.reconciling.world import World

Status = dg.DagsterRunStatus
UNWANTED = "Nobody waits for it any more: its units have ended or were queued anew."
BEFORE_WORK = (Status.NOT_STARTED, Status.STARTING)


async def look(world: World) -> list[Finding]:
    """Cancel what is not wanted, fail what is stuck, free what has leaked."""
    return [await _unwanted(world), await _stuck(world), await _slots(world)]


async def _unwanted(world: World) -> Finding:
    """The token of a dispatch is stored before its run exists, so each wanted run is known."""
    before = datetime.now(UTC) - timedelta(seconds=policies.RUN_UNWANTED)
    waiting = await world.ask(
        lambda: world.instance.get_run_records(
            dg.RunsFilter(statuses=[Status.QUEUED], created_before=before),
            limit=policies.RECONCILIATION_BATCH,
            ascending=True,
        )
    )
    tokens = {
        r.dagster_run.run_id: r.dagster_run.tags[DISPATCH_TAG]
        for r in waiting
        if DISPATCH_TAG in r.dagster_run.tags
    }
    if not tokens:
        return Finding("runs_unwanted")
    rows = await world.database.all(
        None, "reconciliation.dispatches_wanted", tokens=list(tokens.values())
    )
    wanted = {row["token"] for row in rows}
    unwanted = [run_id for run_id, token in tokens.items() if token not in wanted]
    cancelled = [await world.ask(partial(_cancel, world.instance, run_id)) for run_id in unwanted]
    return Finding("runs_unwanted", found=len(unwanted), failed=sum(cancelled))


def _cancel(instance: dg.DagsterInstance, run_id: str) -> bool:
    run = instance.get_run_by_id(run_id)
    if run is None or run.status != Status.QUEUED:
        return False
    instance.report_run_canceling(run, UNWANTED)
    instance.report_run_canceled(run, UNWANTED)
    return True


async def _stuck(world: World) -> Finding:
    records = await world.ask(lambda: _not_getting_on(world.instance))
    found = [r for r in records if r.dagster_run.run_id != world.run_id and _is_stuck(r)]
    ended = 0
    for record in found:
        ended += await world.ask(partial(_end, world.instance, record))
    return Finding("runs_stuck", found=len(found), failed=ended)


def _not_getting_on(instance: dg.DagsterInstance) -> list[dg.RunRecord]:
    before = datetime.now(UTC) - timedelta(seconds=policies.RUN_STUCK)
    return list(
        instance.get_run_records(
            dg.RunsFilter(
                statuses=[*BEFORE_WORK, Status.STARTED, Status.CANCELING], updated_before=before
            ),
            limit=policies.RECONCILIATION_BATCH,
            ascending=True,
        )
    )


def _is_stuck(record: dg.RunRecord) -> bool:
    """Whether it is beyond what run monitoring allows, by far."""
    now = time.time()
    if record.dagster_run.status != Status.STARTED:
        return record.update_timestamp.timestamp() < now - policies.RUN_STUCK
    limit = record.dagster_run.tags.get(MAX_RUNTIME_TAG)
    if limit is None or record.start_time is None:
        return False
    return record.start_time + float(limit) < now - policies.RUN_STUCK


def _end(instance: dg.DagsterInstance, seen: dg.RunRecord) -> bool:
    """Fail a run, or call it cancelled, if it stands as it was seen and nobody works on it."""
    run_id, status = seen.dagster_run.run_id, seen.dagster_run.status
    if not _worker_is_gone(instance, seen.dagster_run):
        return False
    run = instance.get_run_by_id(run_id)
    if run is None or run.status != status:
        return False
    minutes = policies.RUN_STUCK / 60
    if status == Status.CANCELING:
        instance.report_run_canceled(run, f"Cancelled: it did not end for {minutes:g} min.")
    else:
        what = "start" if status in BEFORE_WORK else "end in its time"
        instance.report_run_failed(
            run,
            f"RUN_STUCK: it did not {what} for {minutes:g} min more than it may, and no worker is "
            "at it. Its units are dispatched anew.",
        )
    return True


def _worker_is_gone(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """As run monitoring finds out: after several looks at which no worker had it."""
    launcher = instance.run_launcher
    if not launcher.supports_check_run_worker_health:
        return True
    for _ in range(policies.WORKER_SILENT_CHECKS):
        if launcher.check_run_worker_health(run).status != WorkerStatus.RUNNING:
            return True
        time.sleep(policies.WORKER_INSPECT_CACHE)
    return False


async def _slots(world: World) -> Finding:
    holders = await world.ask(lambda: _slot_holders(world.instance))
    ended = await ended_runs(world, holders, policies.SLOT_LEAKED)
    for run_id in ended:
        await world.ask(partial(_free, world.instance, run_id))
    count = sum(holders[run_id] for run_id in ended)
    return Finding("slots_leaked", found=count, freed=count)


def _slot_holders(instance: dg.DagsterInstance) -> dict[str, int]:
    """Runs that hold pool slots or wait for some, with how many they hold."""
    storage = instance.event_log_storage
    held = dict.fromkeys(storage.get_concurrency_run_ids(), 0)
    for info in storage.get_concurrency_infos(list(storage.get_concurrency_keys())).values():
        for slot in info.claimed_slots:
            held[slot.run_id] = held.get(slot.run_id, 0) + 1
    return held


def _free(instance: dg.DagsterInstance, run_id: str) -> None:
    instance.event_log_storage.free_concurrency_slots_for_run(run_id)


async def ended_runs(world: World, run_ids: Collection[str], since: float) -> set[str]:
    """Those of the runs that ended more than `since` seconds ago, or that Dagster does not know."""
    if not run_ids:
        return set()
    records = await world.ask(
        lambda: world.instance.get_run_records(dg.RunsFilter(run_ids=list(run_ids)))
    )
    recent = time.time() - since
    going_on = {
        r.dagster_run.run_id
        for r in records
        if not r.dagster_run.is_finished or (r.end_time or r.update_timestamp.timestamp()) > recent
    }
    return set(run_ids) - going_on
