"""Dagster's event log in Postgres, with what a run of many partitions announces in one write.

Before a run starts, Dagster stores one event for each asset and partition that it is to make. The
stock log writes each by itself: four statements and three commits, for a run of a hundred pages
with three assets a second of nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from dagster_postgres import PostgresEventLogStorage

from pipeline_defs.runtime.dagster.internals import (
    DagsterEventType,
    EventLogEntry,
    SqlEventLogStorageTable,
)

PLANNED = DagsterEventType.ASSET_MATERIALIZATION_PLANNED


class EventLog(PostgresEventLogStorage):
    """Writes planned materializations of one asset, or of several, at once."""

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events that Dagster allows to be batched."""
        planned = [event for event in events if event.dagster_event_type == PLANNED]
        others = [event for event in events if event.dagster_event_type != PLANNED]
        if planned:
            self._store_planned(planned)
        if others:
            super().store_event_batch(others)

    def _store_planned(self, events: Sequence[EventLogEntry]) -> None:
        newest: dict[Any, tuple[EventLogEntry, int]] = {}
        insert = self.prepare_insert_event_batch(events)
        with self._connect() as connection:
            rows = connection.execute(insert.returning(SqlEventLogStorageTable.c.id)).fetchall()
        for event, row in zip(events, rows, strict=True):
            newest[event.get_dagster_event().asset_key] = (event, cast("int", row[0]))
        with self.index_transaction() as connection:  # of each asset the last one counts
            for event, number in newest.values():
                self._store_asset_event(connection, event, number)
