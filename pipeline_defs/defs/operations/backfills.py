"""By night: make again what is failed, missing, stale or corrupt, within each one's budget."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.defs.orchestration import OP_RETRIES
from pipeline_defs.runtime.backfill import Backfilled, Reason, Round, Wish, backfill_unit
from pipeline_defs.runtime.integrity import check_due
from pipeline_defs.runtime.lines import LINES
from pipeline_defs.runtime.resources import open_blobs
from pipeline_defs.settings import get_settings
from pipeline_defs.storage.database import Database

ACTOR = "nightly backfill"


class NightlyConfig(dg.Config):
    """`at_any_hour`: also outside of the night, as when somebody launches it by hand."""

    at_any_hour: bool = False


@dg.op(retry_policy=OP_RETRIES, out=dg.Out(dg.Nothing))
def look_at_files(context: dg.OpExecutionContext) -> None:
    """Read the files of finished units of all lines and note what is missing or changed."""
    found = asyncio.run(_look_at_files())
    context.add_output_metadata({"broken": sum(found.values()), "units": found})


@dg.op(retry_policy=OP_RETRIES, ins={"looked": dg.In(dg.Nothing)})
def heal_broken_files(context: dg.OpExecutionContext) -> None:
    """Make again what lost its files, within each organization's nightly budget."""
    _tell(context, asyncio.run(_backfill(("corrupt",))))


@dg.op(retry_policy=OP_RETRIES)
def backfill_units(context: dg.OpExecutionContext, config: NightlyConfig) -> None:
    """Queue what is failed, missing, stale or corrupt, within each organization's budget."""
    if not config.at_any_hour and not is_night(datetime.now(UTC)):
        begin, end = policies.NIGHTLY_BACKFILL_HOURS
        context.log.info(f"nothing made: it is not between {begin} and {end} UTC")
        _tell(context, [])
        return
    _tell(context, asyncio.run(_backfill(policies.NIGHTLY_BACKFILL_REASONS)))


def is_night(at: datetime) -> bool:
    """Whether the nightly job may make anything then."""
    begin, end = policies.NIGHTLY_BACKFILL_HOURS
    return begin <= at.astimezone(UTC).time() < end


@dg.job(
    description="Make again what is failed, missing, stale or corrupt of all lines, between "
    "{:%H:%M} and {:%H:%M} UTC and within a budget; what is finished is not paid twice.".format(
        *policies.NIGHTLY_BACKFILL_HOURS
    )
)
def nightly_backfill() -> None:
    """Whatever stands otherwise than it should."""
    backfill_units()


@dg.job(description="Compare what was made with the files that are stored; heal what is broken.")
def files_check() -> None:
    """Missing and corrupt files."""
    heal_broken_files(look_at_files())


@dg.definitions
def backfills() -> dg.Definitions:
    """The schedules, running from the start."""
    return dg.Definitions(
        jobs=[nightly_backfill, files_check],
        schedules=[
            dg.ScheduleDefinition(
                name="every_night_backfill",
                job=nightly_backfill,
                description="Queues what stands otherwise than it should, at most "
                f"{policies.NIGHTLY_BACKFILL_LIMIT} units and {policies.NIGHTLY_BACKFILL_USD} USD "
                "of an organization a night. Switch it off to look into failures first.",
                cron_schedule=policies.NIGHTLY_BACKFILL_CRON,
                default_status=dg.DefaultScheduleStatus.RUNNING,
            ),
            dg.ScheduleDefinition(
                name="every_night_files_check",
                job=files_check,
                description="Reads the files of finished units once a day and has those made "
                "again that are missing or changed.",
                cron_schedule=policies.FILES_CHECK_CRON,
                default_status=dg.DefaultScheduleStatus.RUNNING,
            ),
        ],
    )


async def _look_at_files() -> dict[str, int]:
    settings = get_settings()
    async with Database.open(settings.required("database_url")) as database:
        return await check_due(database, open_blobs(settings), LINES)


async def _backfill(reasons: Sequence[Reason]) -> list[Backfilled]:
    """All organizations, each with a budget of its own."""
    wish = Wish(
        reasons=reasons,
        budget_usd=policies.NIGHTLY_BACKFILL_USD,
        most=policies.NIGHTLY_BACKFILL_LIMIT,
        refused_too=False,
    )
    rounds: dict[str, Round] = {}
    made: list[Backfilled] = []
    async with Database.open(get_settings().required("database_url")) as database:
        rows = await database.all(
            None,
            "wanting.to_backfill",
            standings=list(reasons),
            tries=policies.BACKFILL_TRIES,
            most=wish.most,
        )
        for row in rows:
            asked = rounds.setdefault(row["org_id"], Round(wish, ACTOR))
            made.append(
                await database.transact(
                    row["org_id"],
                    lambda tx, r=row, a=asked: backfill_unit(tx, LINES[r["kind"]], r["id"], a),
                )
            )
    return made


def _tell(context: dg.OpExecutionContext, made: list[Backfilled]) -> None:
    queued = [one for one in made if one.outcome == "queued"]
    rows = [
        dg.TableRecord(
            {
                "unit": one.unit_id,
                "line": one.kind,
                "found": ", ".join(f"{count} {reason}" for reason, count in one.found.items()),
                "parts": one.parts,
                "cost_usd": one.cost_usd,
                "unpriced": one.unpriced,
                "outcome": one.outcome,
            }
        )
        for one in made
    ]
    context.add_output_metadata(
        {
            "queued": len(queued),
            "cost_usd": sum(one.cost_usd for one in queued),
            "over_budget": sum(one.outcome == "over_budget" for one in made),
            "price_unknown": sum(one.outcome == "price_unknown" for one in made),
            **({"units": dg.MetadataValue.table(rows)} if rows else {}),
        }
    )
