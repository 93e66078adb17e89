"""Nightly housekeeping: keep histories bounded."""

import asyncio
from typing import Any

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.defs.orchestration import OP_RETRIES
from pipeline_defs.settings import get_settings
from pipeline_defs.storage.database import Database


@dg.op(retry_policy=OP_RETRIES)
def purge_old_progress(context: dg.OpExecutionContext) -> None:
    """Remove progress events older than the archive keeps."""
    purged = asyncio.run(_purge())
    context.add_output_metadata({"purged": purged})


@dg.job(description="Keep the archive of progress events bounded.")
def housekeeping() -> None:
    """Bounded histories."""
    purge_old_progress()


@dg.definitions
def nightly() -> dg.Definitions:
    """The schedule, running from the start."""
    return dg.Definitions(
        jobs=[housekeeping],
        schedules=[
            dg.ScheduleDefinition(
                name="every_night_housekeeping",
                job=housekeeping,
                cron_schedule=policies.HOUSEKEEPING_CRON,
                default_status=dg.DefaultScheduleStatus.RUNNING,
            ),
        ],
    )


async def _purge() -> int:
    async with Database.open(get_settings().required("database_url")) as database:
        row: dict[str, Any] | None = await database.one(
            None, "progress.purge", days=policies.PROGRESS_ARCHIVE_DAYS
        )
        return int(row["purged"]) if row else 0
