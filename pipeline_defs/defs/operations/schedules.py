"""Nightly work: try again what failed or is missing, and keep histories bounded."""

import asyncio
from typing import Any

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.defs.orchestration import OP_RETRIES
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.settings import get_settings
from pipeline_defs.storage import articles
from pipeline_defs.storage.database import Database, Transaction

ACTOR = "nightly backfill"


@dg.op(retry_policy=OP_RETRIES)
def queue_failed_articles(context: dg.OpExecutionContext) -> None:
    """Queue every article that failed for a retryable reason; its finished sections stay."""
    queued = asyncio.run(_queue_failed())
    context.add_output_metadata({"queued": len(queued), "articles": queued})


@dg.op(retry_policy=OP_RETRIES)
def purge_old_progress(context: dg.OpExecutionContext) -> None:
    """Remove progress events older than the archive keeps."""
    purged = asyncio.run(_purge())
    context.add_output_metadata({"purged": purged})


@dg.job(description="Try failed or missing sections again; what is finished is not paid twice.")
def nightly_backfill() -> None:
    """Failed and missing sections."""
    queue_failed_articles()


@dg.job(description="Keep the archive of progress events bounded.")
def housekeeping() -> None:
    """Bounded histories."""
    purge_old_progress()


@dg.definitions
def nightly() -> dg.Definitions:
    """The schedules, running from the start."""
    return dg.Definitions(
        jobs=[nightly_backfill, housekeeping],
        schedules=[
            dg.ScheduleDefinition(
                name="every_night_failed_sections",
                job=nightly_backfill,
                cron_schedule=policies.NIGHTLY_BACKFILL_CRON,
                default_status=dg.DefaultScheduleStatus.RUNNING,
            ),
            dg.ScheduleDefinition(
                name="every_night_housekeeping",
                job=housekeeping,
                cron_schedule=policies.HOUSEKEEPING_CRON,
                default_status=dg.DefaultScheduleStatus.RUNNING,
            ),
        ],
    )


async def _queue_failed() -> list[str]:
    async with Database.open(get_settings().required("database_url")) as database:
        rows = await database.all(
            None, "units.backfill_candidates", most=policies.NIGHTLY_BACKFILL_LIMIT
        )
        return [
            row["id"]
            for row in rows
            if await database.transact(row["org_id"], lambda tx, unit=row["id"]: _resume(tx, unit))
        ]


async def _resume(tx: Transaction, unit_id: str) -> bool:
    article = await articles.read(tx, unit_id)
    if article is None or article.status not in FINAL_STATES:
        return False
    try:
        await articles.resume(tx, unit_id, ACTOR)
    except Permanent:
        return False
    return True


async def _purge() -> int:
    async with Database.open(get_settings().required("database_url")) as database:
        row: dict[str, Any] | None = await database.one(
            None, "progress.purge", days=policies.PROGRESS_ARCHIVE_DAYS
        )
        return int(row["purged"]) if row else 0
