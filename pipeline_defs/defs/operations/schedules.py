"""Nightly work: try again what failed, heal what lost its files, keep histories bounded."""

import asyncio
from collections import Counter
from typing import Any

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.defs.orchestration import OP_RETRIES
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.lectures.models import LectureRebuild
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.gateways.blobs import BlobStore
from pipeline_defs.runtime.integrity import Broken, find_broken
from pipeline_defs.runtime.lines import LINES
from pipeline_defs.runtime.resources import open_blobs
from pipeline_defs.settings import get_settings
from pipeline_defs.storage import lecture_changes, units
from pipeline_defs.storage.database import Database, Transaction

ACTOR = "nightly backfill"


@dg.op(retry_policy=OP_RETRIES)
def queue_failed_units(context: dg.OpExecutionContext) -> None:
    """Queue every unit that failed for a retryable reason; what is finished of it stays."""
    queued = asyncio.run(_queue_failed())
    context.add_output_metadata({"queued": len(queued), "units": queued})


@dg.op(retry_policy=OP_RETRIES)
def heal_lecture_files(context: dg.OpExecutionContext) -> None:
    """Read the files of finished lectures, and make again whatever is missing or corrupt."""
    healed = asyncio.run(_heal_files())
    context.add_output_metadata({"broken": sum(healed.values()), "lectures": dict(healed)})


@dg.op(retry_policy=OP_RETRIES)
def purge_old_progress(context: dg.OpExecutionContext) -> None:
    """Remove progress events older than the archive keeps."""
    purged = asyncio.run(_purge())
    context.add_output_metadata({"purged": purged})


@dg.job(description="Try failed or missing parts again; what is finished is not paid twice.")
def nightly_backfill() -> None:
    """Failed and missing parts of all lines."""
    queue_failed_units()


@dg.job(description="Compare what was made with the files that are stored; heal what is broken.")
def files_check() -> None:
    """Missing and corrupt files."""
    heal_lecture_files()


@dg.job(description="Keep the archive of progress events bounded.")
def housekeeping() -> None:
    """Bounded histories."""
    purge_old_progress()


@dg.definitions
def nightly() -> dg.Definitions:
    """The schedules, running from the start."""
    return dg.Definitions(
        jobs=[nightly_backfill, files_check, housekeeping],
        schedules=[
            dg.ScheduleDefinition(
                name="every_night_failed_units",
                job=nightly_backfill,
                description="Queues what failed for a reason that may pass, at most "
                f"{policies.NIGHTLY_BACKFILL_LIMIT} units a night. Switch it off to look into "
                "failures first.",
                cron_schedule=policies.NIGHTLY_BACKFILL_CRON,
                default_status=dg.DefaultScheduleStatus.RUNNING,
            ),
            dg.ScheduleDefinition(
                name="every_night_files_check",
                job=files_check,
                description="Reads the files of finished lectures once a day and has those made "
                "again that are missing or changed.",
                cron_schedule=policies.FILES_CHECK_CRON,
                default_status=dg.DefaultScheduleStatus.RUNNING,
            ),
            dg.ScheduleDefinition(
                name="every_night_housekeeping",
                job=housekeeping,
                description="Removes progress events that are older than "
                f"{policies.PROGRESS_ARCHIVE_DAYS} days.",
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
    unit = await units.get(tx, unit_id)
    if unit is None or unit.status not in FINAL_STATES:
        return False
    try:
        await LINES[unit.kind].resume(tx, unit_id, ACTOR)
    except Permanent:
        return False
    return True


async def _heal_files() -> Counter[str]:
    settings = get_settings()
    blobs = open_blobs(settings)
    found: Counter[str] = Counter()
    async with Database.open(settings.required("database_url")) as database:
        due = await database.all(
            None,
            "lectures.to_check",
            hours=policies.FILES_CHECK_HOURS,
            most=policies.FILES_CHECK_LIMIT,
        )
        for row in due:
            found[row["id"]] = await _heal_lecture(database, blobs, row["org_id"], row["id"])
    return +found  # without those that are whole


async def _heal_lecture(database: Database, blobs: BlobStore, org_id: str, lecture_id: str) -> int:
    """How many of its results were broken; a lecture is noted as looked at once it was."""
    broken = await find_broken(database, blobs, org_id, lecture_id, deep=True)
    if broken:
        await database.transact(org_id, lambda tx: _heal(tx, lecture_id, broken))
    await database.run(org_id, "lectures.checked", id=lecture_id)
    return len(broken)


async def _heal(tx: Transaction, lecture_id: str, broken: list[Broken]) -> None:
    try:
        await lecture_changes.rebuild(
            tx,
            lecture_id,
            LectureRebuild(assets=["lecture_video"]),
            ACTOR,
            {fault.node: fault.as_error() for fault in broken},
        )
    except Permanent:
        return  # it is being made: whatever it needs is healed there


async def _purge() -> int:
    async with Database.open(get_settings().required("database_url")) as database:
        row: dict[str, Any] | None = await database.one(
            None, "progress.purge", days=policies.PROGRESS_ARCHIVE_DAYS
        )
        return int(row["purged"]) if row else 0
