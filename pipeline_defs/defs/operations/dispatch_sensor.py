"""The safety net behind the gateway: a sensor that turns stored events and due units into runs.

The gateway submits runs right after a commit; whatever it missed, or everything when its own
submission is switched off, is delivered here, chosen by state and never by position.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.defs.articles.jobs import JOBS as ARTICLE_JOBS
from pipeline_defs.defs.calls.jobs import JOBS as CALL_JOBS
from pipeline_defs.defs.lectures.jobs import JOBS as LECTURE_JOBS
from pipeline_defs.defs.pages.jobs import JOBS as PAGE_JOBS
from pipeline_defs.runtime import dispatch
from pipeline_defs.runtime.dagster.graphql import FoundRun, partition_tags
from pipeline_defs.runtime.inbox import process_open_events
from pipeline_defs.runtime.lines import LINES
from pipeline_defs.settings import get_settings, in_stack
from pipeline_defs.storage.database import Database


class SensorInstance:
    """Looks runs up and registers partitions in the sensor's own instance, which is opened for
    that only: most ticks find nothing due."""

    def __init__(self, context: dg.SensorEvaluationContext) -> None:
        self._context = context

    async def runs_tagged(self, key: str, value: str, limit: int = 10) -> list[FoundRun]:
        """Runs that carry a tag, newest first."""
        wanted = dg.RunsFilter(tags={key: value})
        records = self._context.instance.get_run_records(wanted, limit=limit)
        return [
            FoundRun(r.dagster_run.run_id, r.dagster_run.status.value, r.end_time) for r in records
        ]

    async def add_partitions(self, partitions: str, keys: Sequence[str]) -> None:
        """Register keys, in order; one that exists already stays."""
        self._context.instance.add_dynamic_partitions(partitions, list(keys))


@dg.sensor(
    jobs=[*ARTICLE_JOBS, *LECTURE_JOBS, *PAGE_JOBS, *CALL_JOBS],
    minimum_interval_seconds=policies.SENSOR_INTERVAL,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="The safety net behind the gateway, which starts runs by itself right after a "
    "request. A tick that launches something means that the gateway was away; skipped ticks are "
    "the rule. Switch it off and work waits until the gateway is back.",
)
def due_work(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Runs for everything that is due."""
    if not in_stack():
        return dg.SensorResult(skip_reason="nothing runs here: start the stack with `pipeline up`")
    launches = asyncio.run(_due_launches(SensorInstance(context)))
    return dg.SensorResult(
        run_requests=[_request(launch) for launch in launches],
        dynamic_partitions_requests=[
            dg.DynamicPartitionsDefinition(name=launch.work.space).build_add_request(
                list(launch.work.partitions)
            )
            for launch in launches
        ],
    )


async def _due_launches(dagster: SensorInstance) -> Sequence[dispatch.Launch]:
    settings = get_settings()
    url = settings.required("database_url")
    async with Database.open(url, most_connections=2, patience=5) as database:
        await process_open_events(database)
        await dispatch.admit(database, LINES, settings)
        due = await dispatch.take_due(database, LINES, dagster, policies.SENSOR_BATCH)
        launches = dispatch.grouped(due)
        for launch in launches:
            await dispatch.mark(database, launch)
            await dispatch.bring_back(database, dagster, launch)
        return launches


def _request(launch: dispatch.Launch) -> dg.RunRequest:
    return dg.RunRequest(
        run_key=launch.token,
        job_name=launch.work.job,
        asset_selection=[dg.AssetKey.from_user_string(name) for name in launch.work.assets],
        tags={**launch.tags, **partition_tags(launch.work.partitions)},
    )
