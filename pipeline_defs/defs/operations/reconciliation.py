"""The reconciler in Dagster: an asset that is what the last pass found, and who asks for passes."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import dagster as dg
from redis.asyncio import Redis

from pipeline_defs import policies
from pipeline_defs.defs.orchestration import OP_RETRIES
from pipeline_defs.domain.reconciliation import Finding
from pipeline_defs.runtime.driving import MAX_RUNTIME_TAG
from pipeline_defs.runtime.lines import LINES
from pipeline_defs.runtime.reconciling.passes import Report, reconcile
from pipeline_defs.runtime.reconciling.world import World
from pipeline_defs.runtime.reporting import Reporter
from pipeline_defs.runtime.resources import open_blobs
from pipeline_defs.settings import Settings, get_settings
from pipeline_defs.storage.database import Database

NAME = "reconciliation"
JOB = "reconcile"


class ReconciliationConfig(dg.Config):
    """`blobs`: compare the files of the blob store too, which takes longer."""

    blobs: bool = False


@dg.asset(
    name=NAME,
    group_name="operations",
    owners=["team:platform"],
    kinds={"postgres", "redis"},
    retry_policy=OP_RETRIES,
    description="What got lost between our database and the world (events, units, runs, permits, "
    "files, orders at providers), and what was done about it: admitted again, failed with a "
    "reason, freed, removed. The numbers of each pass can be plotted.",
)
async def reconciliation(context: dg.AssetExecutionContext, config: ReconciliationConfig):
    """One pass; it fails after its report when something unforeseen went wrong."""
    async with _open_world(context, get_settings()) as world:
        report = await reconcile(world, "full" if config.blobs else "quick")
    yield dg.MaterializeResult(metadata=_metadata(report))
    if report.unknown is not None:
        raise dg.Failure(str(report.unknown), allow_retries=False) from report.unknown


reconcile_job = dg.define_asset_job(
    JOB,
    selection=[NAME],
    description="Compare our database with the world and repair what is safe to repair.",
    tags={
        MAX_RUNTIME_TAG: str(policies.RECONCILIATION_MAX_RUNTIME),
        "dagster/priority": "10",  # a long queue is no reason to look later
    },
)


@dg.definitions
def reconciler() -> dg.Definitions:
    """The asset, its job and its schedules, running from the start."""
    return dg.Definitions(
        assets=[reconciliation],
        jobs=[reconcile_job],
        schedules=[
            _schedule("all_day_reconciliation", policies.RECONCILIATION_CRON, blobs=False),
            _schedule("every_night_reconciliation", policies.RECONCILIATION_BLOBS_CRON, blobs=True),
        ],
    )


def _schedule(name: str, cron: str, *, blobs: bool) -> dg.ScheduleDefinition:
    return dg.ScheduleDefinition(
        name=name,
        description="Compares what stands in our tables with runs, permits, orders"
        + (" and every stored file." if blobs else "; files are looked at by night."),
        job=reconcile_job,
        cron_schedule=cron,
        run_config=dg.RunConfig(ops={NAME: ReconciliationConfig(blobs=blobs)}),
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


@asynccontextmanager
async def _open_world(
    context: dg.AssetExecutionContext, settings: Settings
) -> AsyncGenerator[World]:
    graph = context.repository_def.asset_graph
    assets = {key.to_user_string(): graph.get(key) for key in graph.get_all_asset_keys()}
    bridges = frozenset(name for name, node in assets.items() if not node.is_executable)
    sets = {name: node.partitions_def for name, node in assets.items()}
    redis = Redis.from_url(
        settings.required("redis_url"), socket_connect_timeout=2, socket_timeout=5
    )
    try:
        async with Database.open(settings.required("database_url")) as database:
            yield World(
                database=database,
                instance=context.instance,
                redis=redis,
                blobs=open_blobs(settings),
                lines=LINES,
                run_id=context.run.run_id,
                spaces={
                    asset: str(of.name)
                    for asset, of in sets.items()
                    if isinstance(of, dg.DynamicPartitionsDefinition)
                },
                events=Reporter(context, bridges, settings.studio_url).events,
            )
    finally:
        await redis.aclose()


def _metadata(report: Report) -> dict[str, Any]:
    found = {finding.loss: finding.found for finding in report.findings}
    return {
        "scope": report.scope,
        **report.totals,
        **found,
        "not_looked_at": len(report.faults),
        "findings": dg.MetadataValue.table([_row(finding) for finding in report.findings]),
        **({"faults": dg.MetadataValue.md(_faults(report))} if report.faults else {}),
    }


def _row(finding: Finding) -> dg.TableRecord:
    about = finding.as_dict()
    return dg.TableRecord({"meaning": about.pop("meaning"), **about})


def _faults(report: Report) -> str:
    return "\n".join(
        f"- {area}: {fault} {fault.advice}".strip() for area, fault in report.faults.items()
    )
