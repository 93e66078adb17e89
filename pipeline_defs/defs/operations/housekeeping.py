"""Keeps what grows bounded, every night: see docs/operations.md, "What is kept, and for how long".

Each op chooses by state what to remove, removes it in batches, and says how much it was; what one
night does not manage, or what breaks, the next one goes on with.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.defs.orchestration import OP_RETRIES
from pipeline_defs.runtime import presence
from pipeline_defs.runtime.dagster import history
from pipeline_defs.runtime.lines import LINES
from pipeline_defs.settings import get_settings
from pipeline_defs.storage import purging
from pipeline_defs.storage.database import Database

T = TypeVar("T")
NIGHTLY = (
    "Keeps what grows bounded. Finished units that nobody touched for "
    f"{min(policies.RETIRE_AFTER_DAYS.values()):g} days or more leave Dagster's partitions; runs "
    f"older than {policies.DAGSTER_HISTORY_DAYS} days are deleted, with the events of units that "
    f"left; progress events go after {policies.PROGRESS_ARCHIVE_DAYS} days, the bodies of settled "
    f"requests and events after {policies.INBOX_DAYS}. Results, costs and lineage stay."
)


@dg.op(retry_policy=OP_RETRIES)
def retire_finished_units(context: dg.OpExecutionContext) -> None:
    """Take units that finished long ago out of Dagster's partitions; their results stay."""
    retired = _with_database(lambda db: presence.retire(db, context.instance, LINES))
    context.add_output_metadata({"retired": sum(retired.values()), "by_line": dict(retired)})


@dg.op(retry_policy=OP_RETRIES)
def forget_retired_units(context: dg.OpExecutionContext) -> None:
    """Remove the events of units that were retired long ago from Dagster's log."""
    forgotten = _with_database(lambda db: presence.forget(db, context.instance, LINES))
    context.add_output_metadata({"forgotten": forgotten})


@dg.op(retry_policy=OP_RETRIES, ins={"after": dg.In(dg.Nothing)})
def delete_old_runs(context: dg.OpExecutionContext) -> None:
    """Delete old runs that no asset's state rests on, with their logs."""
    most = policies.RUNS_DELETED_PER_NIGHT
    deleted = history.delete_old_runs(context.instance, policies.DAGSTER_HISTORY_DAYS, most)
    context.add_output_metadata({"deleted": deleted})


@dg.op(retry_policy=OP_RETRIES)
def purge_old_progress(context: dg.OpExecutionContext) -> None:
    """Remove progress events older than the archive keeps."""
    context.add_output_metadata({"purged": _with_database(purging.progress)})


@dg.op(retry_policy=OP_RETRIES)
def purge_old_events(context: dg.OpExecutionContext) -> None:
    """Empty events and requests that were settled long ago; their ids stay."""
    context.add_output_metadata({"purged": _with_database(purging.inbox)})


@dg.job(description="Keep Dagster's partitions, runs and events and our own histories bounded.")
def housekeeping() -> None:
    """Bounded histories."""
    retire_finished_units()
    delete_old_runs(after=forget_retired_units())
    purge_old_progress()
    purge_old_events()


def _with_database(work: Callable[[Database], Awaitable[T]]) -> T:
    async def run() -> T:
        async with Database.open(get_settings().required("database_url")) as database:
            return await work(database)

    return asyncio.run(run())


@dg.definitions
def nightly_housekeeping() -> dg.Definitions:
    """The schedule, running from the start."""
    return dg.Definitions(
        jobs=[housekeeping],
        schedules=[
            dg.ScheduleDefinition(
                name="every_night_housekeeping",
                job=housekeeping,
                description=NIGHTLY,
                cron_schedule=policies.HOUSEKEEPING_CRON,
                default_status=dg.DefaultScheduleStatus.RUNNING,
            )
        ],
    )
