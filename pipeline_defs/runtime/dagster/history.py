"""Keeps Dagster's own history bounded: events of partitions that left, and runs that are old.

Dagster derives what is materialized, failed and stale from events, and deleting a run deletes its
events. So a run is deleted only when none of its events is the newest of its kind of any asset's
partition. Runs go by Dagster's own `delete_run`. Events of single partitions have no such way: its
`wipe_asset_partitions` is not implemented for Postgres ("not supported yet"), so they are deleted
here, by the index that Dagster keeps for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import sqlalchemy as sa

from pipeline_defs import policies
from pipeline_defs.runtime.dagster.internals import (
    FINISHED_STATUSES,
    AssetCheckExecutionsTable,
    DagsterEventType,
    SqlEventLogStorage,
    SqlEventLogStorageTable,
)

# What an asset's state is read from.
OF_STATE = (
    DagsterEventType.ASSET_MATERIALIZATION.value,
    DagsterEventType.ASSET_OBSERVATION.value,
    DagsterEventType.ASSET_MATERIALIZATION_PLANNED.value,
)
OF_PARTITIONS = (*OF_STATE, DagsterEventType.ASSET_FAILED_TO_MATERIALIZE.value)
EVENTS = SqlEventLogStorageTable
CHECKS = AssetCheckExecutionsTable


def wipe(
    instance: dg.DagsterInstance, assets: Sequence[dg.AssetKey], partitions: Sequence[str]
) -> int:
    """Delete every event of these partitions, of all these assets; how many."""
    gone = sa.delete(EVENTS).where(
        EVENTS.c.asset_key.in_([asset.to_string() for asset in assets]),
        EVENTS.c.dagster_event_type.in_(OF_PARTITIONS),
        EVENTS.c.partition.in_(list(partitions)),
    )
    with _storage(instance).index_connection() as connection:
        return int(connection.execute(gone).rowcount)


def delete_old_runs(instance: dg.DagsterInstance, days: float, most: int) -> int:
    """Delete at most so many finished runs that are older and that no asset's state rests on."""
    wanted = dg.RunsFilter(
        statuses=list(FINISHED_STATUSES), updated_before=datetime.now(UTC) - timedelta(days=days)
    )
    deleted, runs = 0, _oldest(instance, wanted, after=None)
    while runs and deleted < most:
        following = _oldest(instance, wanted, after=runs[-1])  # while that one is still there
        needed = _needed(instance, runs)
        gone = [run for run in runs if run not in needed][: most - deleted]
        with _storage(instance).index_connection() as connection:
            connection.execute(sa.delete(CHECKS).where(CHECKS.c.run_id.in_(gone)))
        for run in gone:
            instance.delete_run(run)
        deleted += len(gone)
        runs = following
    return deleted


def _oldest(instance: dg.DagsterInstance, wanted: dg.RunsFilter, after: str | None) -> list[str]:
    records = instance.get_run_records(
        wanted, limit=policies.RUNS_LOOKED_AT_ONCE, ascending=True, cursor=after
    )
    return [record.dagster_run.run_id for record in records]


def _needed(instance: dg.DagsterInstance, runs: Sequence[str]) -> set[str]:
    """Of these runs those that hold the newest event of some asset's partition."""
    later = EVENTS.alias("later")

    def superseded(same_partition: Any) -> Any:
        return sa.exists(
            sa.select(sa.literal(1)).where(
                later.c.asset_key == EVENTS.c.asset_key,
                later.c.dagster_event_type == EVENTS.c.dagster_event_type,
                same_partition,
                later.c.id > EVENTS.c.id,
            )
        )

    whole = EVENTS.c.partition.is_(None)
    newest = sa.or_(
        sa.and_(whole, ~superseded(later.c.partition.is_(None))),
        sa.and_(~whole, ~superseded(later.c.partition == EVENTS.c.partition)),
    )
    query = (
        sa.select(EVENTS.c.run_id)
        .distinct()
        .where(
            EVENTS.c.run_id.in_(list(runs)),
            EVENTS.c.dagster_event_type.in_(OF_STATE),
            EVENTS.c.asset_key.is_not(None),
            newest,
        )
    )
    with _storage(instance).index_connection() as connection:
        return {row[0] for row in connection.execute(query)}


def _storage(instance: dg.DagsterInstance) -> SqlEventLogStorage:
    storage = instance.event_log_storage
    if not isinstance(storage, SqlEventLogStorage):
        raise TypeError(f"{type(storage).__name__} keeps its events in no SQL database")
    return storage
