"""Runs nobody waits for, runs that do not get on, slots left behind; and runs at work untouched."""

from __future__ import annotations

import dagster as dg
import psycopg
import pytest

from pipeline_defs import policies
from pipeline_defs.runtime.dagster.internals import CheckRunHealthResult, WorkerStatus
from pipeline_defs.runtime.dispatch_tags import DISPATCH_TAG
from pipeline_defs.runtime.driving import MAX_RUNTIME_TAG
from pipeline_defs.runtime.reconciling import runs
from pipeline_defs.runtime.reconciling.world import World
from pipeline_defs_tests.dagster_instance import Dagster
from pipeline_defs_tests.runtime.reconciling.conftest import RUN, numbers

Status = dg.DagsterRunStatus
LATE = policies.RUN_UNWANTED + 10
STUCK = policies.RUN_STUCK + 10


class Launcher:
    """Says of every run that a worker has it, or none."""

    supports_check_run_worker_health = True

    def __init__(self, status: WorkerStatus) -> None:
        self.status = status

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        return CheckRunHealthResult(self.status)


def says(monkeypatch: pytest.MonkeyPatch, status: WorkerStatus) -> None:
    launcher = Launcher(status)
    monkeypatch.setattr(dg.DagsterInstance, "run_launcher", property(lambda _: launcher))
    monkeypatch.setattr(policies, "WORKER_INSPECT_CACHE", 0.01)


def wants(admin: psycopg.Connection, token: str) -> None:
    """The unit waits for the run of this dispatch."""
    admin.execute("update app.units set dispatch_token = %s", [token])


async def test_a_queued_run_that_no_unit_waits_for_is_cancelled_with_the_reason(
    world: World, dagster: Dagster, unit: str
) -> None:
    run = dagster.run(Status.QUEUED, age=LATE, tags={DISPATCH_TAG: "replaced"})
    assert numbers(await runs.look(world), "runs_unwanted") == {"found": 1, "failed": 1}
    assert dagster.status(run) == Status.CANCELED
    assert "Nobody waits for it any more" in dagster.said(run)
    assert numbers(await runs.look(world), "runs_unwanted") == {}


async def test_queued_runs_that_are_wanted_young_or_started_by_people_stay(
    world: World, dagster: Dagster, unit: str, admin: psycopg.Connection
) -> None:
    wants(admin, "wanted")
    stay = [
        dagster.run(Status.QUEUED, age=LATE, tags={DISPATCH_TAG: "wanted"}),
        dagster.run(Status.QUEUED, age=5, tags={DISPATCH_TAG: "of a moment ago"}),
        dagster.run(Status.QUEUED, age=LATE),
        dagster.run(Status.STARTED, age=LATE, tags={DISPATCH_TAG: "working"}),
    ]
    assert numbers(await runs.look(world), "runs_unwanted") == {}
    assert [dagster.status(run) for run in stay] == [*[Status.QUEUED] * 3, Status.STARTED]


async def test_a_run_that_starts_in_the_moment_of_the_look_is_not_cancelled(
    world: World, dagster: Dagster, unit: str
) -> None:
    run = dagster.run(Status.QUEUED, age=LATE, tags={DISPATCH_TAG: "replaced"})
    seen = dagster.instance.get_run_by_id(run)
    assert seen is not None
    dagster.instance.run_storage.handle_run_event(
        run, dg.DagsterEvent("PIPELINE_START", seen.job_name)
    )
    assert dagster.status(run) == Status.STARTED
    assert not runs._cancel(world.instance, run)
    assert dagster.status(run) == Status.STARTED


@pytest.mark.parametrize(
    ("status", "becomes"),
    [
        (Status.NOT_STARTED, Status.FAILURE),
        (Status.STARTING, Status.FAILURE),
        (Status.CANCELING, Status.CANCELED),
        (Status.STARTED, Status.FAILURE),
    ],
)
async def test_a_run_that_is_stuck_ends_with_the_reason(
    world: World,
    dagster: Dagster,
    monkeypatch: pytest.MonkeyPatch,
    status: dg.DagsterRunStatus,
    becomes: dg.DagsterRunStatus,
) -> None:
    says(monkeypatch, WorkerStatus.FAILED)
    run = dagster.run(status, age=STUCK, tags={MAX_RUNTIME_TAG: "5"})
    assert numbers(await runs.look(world), "runs_stuck") == {"found": 1, "failed": 1}
    assert dagster.status(run) == becomes
    assert "did not" in dagster.said(run)
    assert numbers(await runs.look(world), "runs_stuck") == {}


@pytest.mark.parametrize("status", [Status.STARTING, Status.STARTED, Status.CANCELING])
async def test_a_run_that_a_worker_has_is_told_and_not_ended(
    world: World,
    dagster: Dagster,
    monkeypatch: pytest.MonkeyPatch,
    status: dg.DagsterRunStatus,
) -> None:
    says(monkeypatch, WorkerStatus.RUNNING)
    run = dagster.run(status, age=STUCK, tags={MAX_RUNTIME_TAG: "5"})
    assert numbers(await runs.look(world), "runs_stuck") == {"found": 1}
    assert dagster.status(run) == status


async def test_runs_within_their_time_are_not_stuck(
    world: World, dagster: Dagster, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, WorkerStatus.FAILED)
    stay = [
        dagster.run(Status.STARTING, age=30),
        dagster.run(Status.STARTED, age=STUCK, tags={MAX_RUNTIME_TAG: "3600"}),
        dagster.run(Status.STARTED, age=STUCK),
        dagster.run(Status.CANCELING, age=30),
    ]
    assert numbers(await runs.look(world), "runs_stuck") == {}
    assert not {dagster.status(run) for run in stay} & {Status.FAILURE, Status.CANCELED}


async def test_a_stuck_run_that_begins_while_its_worker_is_looked_for_goes_on(
    world: World, dagster: Dagster, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = dagster.run(Status.STARTING, age=STUCK)

    class Late(Launcher):
        def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
            dagster.instance.run_storage.handle_run_event(
                run.run_id, dg.DagsterEvent("PIPELINE_START", run.job_name)
            )
            return super().check_run_worker_health(run)

    launcher = Late(WorkerStatus.FAILED)
    monkeypatch.setattr(dg.DagsterInstance, "run_launcher", property(lambda _: launcher))
    assert numbers(await runs.look(world), "runs_stuck") == {"found": 1}
    assert dagster.status(run) == Status.STARTED


async def test_slots_of_runs_that_ended_or_are_gone_are_freed_and_those_at_work_kept(
    world: World, dagster: Dagster
) -> None:
    storage = dagster.instance.event_log_storage
    storage.set_concurrency_slots("pool", 4)
    at_work = dagster.run(Status.STARTED)
    ended_now = dagster.run(Status.SUCCESS, age=1)
    ended = dagster.run(Status.FAILURE, age=policies.SLOT_LEAKED + 5)
    for run in (at_work, ended_now, ended, "deleted"):
        assert storage.claim_concurrency_slot("pool", run, "step").is_claimed
    assert numbers(await runs.look(world), "slots_leaked") == {"found": 2, "freed": 2}
    held = {slot.run_id for slot in storage.get_concurrency_info("pool").claimed_slots}
    assert held == {at_work, ended_now}
    assert storage.claim_concurrency_slot("pool", RUN, "step").is_claimed
    storage.free_concurrency_slots_for_run(RUN)
    storage.delete_concurrency_limit("pool")
