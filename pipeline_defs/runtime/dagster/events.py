"""Events of one asset, written at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import dagster as dg

from pipeline_defs.runtime.dagster.internals import (
    DagsterEvent,
    DagsterEventBatchMetadata,
    generate_event_batch_id,
)

AssetEvent = dg.AssetMaterialization | dg.AssetObservation


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
