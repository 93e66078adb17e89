"""Dagster's event log in Postgres, with what a run of many partitions tells in one write.

Before a run starts, Dagster stores one event for each asset and partition that it is to make, and
later one for each check of each partition. The stock log writes each by itself: four to seven
statements and as many commits, for a run of a hundred pages with three assets a second of nothing
else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

import sqlalchemy as sa
from dagster_postgres import PostgresEventLogStorage
from dagster_shared.serdes import serialize_value

from pipeline_defs.runtime.dagster.internals import (
    AssetCheckExecutionRecordStatus,
    AssetCheckExecutionsTable,
    AssetKeyTable,
    DagsterEventType,
    EventLogEntry,
    SqlEventLogStorageTable,
)

PLANNED = DagsterEventType.ASSET_MATERIALIZATION_PLANNED
CHECKED = DagsterEventType.ASSET_CHECK_EVALUATION
CHECK_KEY = ("run_id", "asset_key", "check_name", "partition")
CHECK_OUTCOME = (
    "execution_status",
    "evaluation_event",
    "evaluation_event_timestamp",
    "evaluation_event_storage_id",
    "materialization_event_storage_id",
)


class EventLog(PostgresEventLogStorage):
    """Writes planned materializations, and checks, of one asset or of several at once.

    Remembers which tables and columns there are, for which the stock log asks Postgres before
    nearly each statement.
    """

    def __init__(self, postgres_url: str) -> None:
        self._present: set[tuple[str, str]] = set()  # table, column
        super().__init__(postgres_url)

    def has_table(self, table_name: str) -> bool:
        """Whether a table is there: one that is, stays."""
        if (table_name, "") not in self._present:
            if not super().has_table(table_name):
                return False
            self._present.add((table_name, ""))
        return True

    def _has_asset_key_col_on_connection(self, conn: sa.Connection, column_name: str) -> bool:
        column = (AssetKeyTable.name, column_name)
        if column not in self._present:
            if not super()._has_asset_key_col_on_connection(conn, column_name):
                return False
            self._present.add(column)
        return True

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events that Dagster allows to be batched."""
        planned = [event for event in events if event.dagster_event_type == PLANNED]
        checked = [event for event in events if event.dagster_event_type == CHECKED]
        others = [e for e in events if e.dagster_event_type not in {PLANNED, CHECKED}]
        if planned:
            self._store_planned(planned)
        if checked:
            self._store_checked(checked)
        if others:
            super().store_event_batch(others)

    def _store_planned(self, events: Sequence[EventLogEntry]) -> None:
        newest: dict[Any, tuple[EventLogEntry, int]] = {}
        for event, number in self._inserted(events):
            newest[event.get_dagster_event().asset_key] = (event, number)
        with self.index_transaction() as connection:  # of each asset the last one counts
            for event, number in newest.values():
                self._store_asset_event(connection, event, number)

    def _store_checked(self, events: Sequence[EventLogEntry]) -> None:
        """Outcomes take the place of what the run had planned; of one check the last one counts."""
        rows: dict[tuple[Any, ...], tuple[dict[str, Any], EventLogEntry]] = {}
        for event, number in self._inserted(events):
            row = _check_row(event, number)
            rows[tuple(row[name] for name in CHECK_KEY)] = (row, event)
        with self._connect() as connection:
            known = connection.execute(_outcomes_of([row for row, _ in rows.values()])).fetchall()
        for key in rows.keys() - {tuple(row) for row in known}:  # nobody had planned it
            row, event = rows[key]
            self._update_asset_check_evaluation(event, row["evaluation_event_storage_id"])

    def _inserted(self, events: Sequence[EventLogEntry]) -> list[tuple[EventLogEntry, int]]:
        """The events, now stored, with their numbers."""
        insert = self.prepare_insert_event_batch(events)
        with self._connect() as connection:
            rows = connection.execute(insert.returning(SqlEventLogStorageTable.c.id)).fetchall()
        return [(event, cast("int", row[0])) for event, row in zip(events, rows, strict=True)]


def _check_row(event: EventLogEntry, number: int) -> dict[str, Any]:
    evaluation = event.get_dagster_event().asset_check_evaluation_data
    status = AssetCheckExecutionRecordStatus
    target = evaluation.target_materialization_data
    return {
        "run_id": event.run_id,
        "asset_key": evaluation.asset_key.to_string(),
        "check_name": evaluation.check_name,
        "partition": evaluation.partition,
        "execution_status": (status.SUCCEEDED if evaluation.passed else status.FAILED).value,
        "evaluation_event": serialize_value(event),
        "evaluation_event_timestamp": datetime.fromtimestamp(event.timestamp, UTC).replace(
            tzinfo=None  # in UTC, as Dagster stores it
        ),
        "evaluation_event_storage_id": number,
        "materialization_event_storage_id": target.storage_id if target else None,
    }


def _outcomes_of(rows: Sequence[dict[str, Any]]) -> sa.Update[Any]:
    """Update what was planned of these checks, all at once; returns the keys that were found."""
    table = AssetCheckExecutionsTable
    names = (*CHECK_KEY, *CHECK_OUTCOME)
    given = (
        sa.values(*(sa.column(name, table.c[name].type) for name in names), name="given")
        .data([tuple(row[name] for name in names) for row in rows])
        .alias("given")
    )
    same = [table.c[name] == sa.cast(given.c[name], table.c[name].type) for name in CHECK_KEY]
    outcome = {name: sa.cast(given.c[name], table.c[name].type) for name in CHECK_OUTCOME}
    return (
        sa.update(table)
        .where(*same)
        .values(outcome)
        .returning(*(table.c[name] for name in CHECK_KEY))
    )
