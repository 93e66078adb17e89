"""Events of one asset: written at once, and found by the version they tell of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.runtime.dagster.internals import (
    DagsterEvent,
    DagsterEventBatchMetadata,
    generate_event_batch_id,
)

AssetEvent = dg.AssetMaterialization | dg.AssetObservation
DATA_VERSION = "dagster/data_version"


def log_batch(context: dg.AssetExecutionContext, events: Sequence[AssetEvent]) -> None:
    """Log events of one asset in the op's name, each run of one kind as one write.

    Dagster does so where DAGSTER_EVENT_BATCH_SIZE is set, as in our worker; elsewhere it writes
    them one by one.
    """
    step = context.get_step_execution_context()
    for _, alike in groupby(events, type):
        several = list(alike)
        batch = generate_event_batch_id()
        for number, event in enumerate(several, start=1):
            place = DagsterEventBatchMetadata(batch, number == len(several))
            if isinstance(event, dg.AssetMaterialization):
                DagsterEvent.asset_materialization(step, event, place)
            else:
                DagsterEvent.asset_observation(step, event, place)


def log_checks(
    context: dg.AssetExecutionContext, checks: Sequence[dg.AssetCheckEvaluation]
) -> None:
    """Log outcomes of checks in the op's name, as one write where Dagster batches events."""
    step = context.get_step_execution_context()
    batch = generate_event_batch_id()
    for number, check in enumerate(checks, start=1):
        outcome = "passed." if check.passed else f"did not pass. {check.description or ''}"
        DagsterEvent.from_step(
            dg.DagsterEventType.ASSET_CHECK_EVALUATION,
            step,
            check,
            f"Asset check '{check.check_name}' on '{check.asset_key.to_user_string()}' {outcome}",
            DagsterEventBatchMetadata(batch, number == len(checks)),
        )


def events_of(
    instance: dg.DagsterInstance, asset: str, used: Mapping[str, str], *, is_bridge: bool
) -> dict[str, int]:
    """Storage id of the event that told of a version, by partition; `used`: the version of each.

    Mostly that is the newest. It is not where another version was told in between, such as by an
    edit: a pointer to that one would hide from Dagster that the edit came too late.
    """
    key = dg.AssetKey.from_user_string(asset)
    event_types = dg.DagsterEventType
    kind = event_types.ASSET_OBSERVATION if is_bridge else event_types.ASSET_MATERIALIZATION
    newest = instance.get_latest_storage_id_by_partition(key, kind, set(used))
    if not newest:
        return {}
    told = instance.event_log_storage.get_latest_tags_by_partition(
        key, kind, [DATA_VERSION], list(newest), before_cursor=max(newest.values()) + 1
    )
    return {
        partition: number
        if told.get(partition, {}).get(DATA_VERSION) == used[partition]
        else _older(instance, key, partition, used[partition], number, is_bridge=is_bridge)
        for partition, number in newest.items()
    }


def _older(
    instance: dg.DagsterInstance,
    key: dg.AssetKey,
    partition: str,
    version: str,
    newest: int,
    *,
    is_bridge: bool,
) -> int:
    """The last event that told of this version; just before the newest where none is found."""
    wanted = dg.AssetRecordsFilter(key, asset_partitions=[partition])
    fetch = instance.fetch_observations if is_bridge else instance.fetch_materializations
    for record in fetch(wanted, limit=policies.EVENTS_LOOKED_BACK).records:
        event = record.asset_observation if is_bridge else record.asset_materialization
        if event is not None and (event.tags or {}).get(DATA_VERSION) == version:
            return record.storage_id
    return newest - 1
