"""Dagster's Postgres storage with kept connections.

The stock storage opens a new connection for every query (177 for one run of seven assets). Named in
dagster.yaml under `storage: custom:`. Connections that were idle are checked before use, so a
restarted Postgres costs one reconnect instead of a failed run.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from dagster_postgres import DagsterPostgresStorage
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError

from pipeline_defs import policies
from pipeline_defs.runtime.dagster.event_log import EventLog
from pipeline_defs.runtime.dagster.internals import (
    ConfigurableClassData,
    DagsterSqliteStorage,
    DagsterStorage,
)
from pipeline_defs.settings import (
    batch_dagster_events,
    get_settings,
    in_stack,
    state_directory,
)

LEFT_AT = "left_at"


class PooledPostgresStorage(DagsterPostgresStorage):
    """One small pool for each of the run, event log and schedule storages."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """No configuration: the database is the configured one."""
        return {}

    @classmethod
    def from_config_value(  # pyright: ignore[reportIncompatibleMethodOverride]
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> DagsterStorage:
        """The storage of the stack; a throwaway one for somebody who only looks at the code.

        Overridden because the original names the base class, so a subclass alone is not used.
        """
        if not in_stack():
            folder = state_directory() / "dagster_dev"
            return DagsterSqliteStorage.from_local(str(folder), inst_data)
        url = get_settings().required("dagster_database_url")
        batch_dagster_events()
        storage = cls(inst_data=inst_data, postgres_url=url)
        storage._event_log_storage = EventLog(url)
        for part in (storage.event_log_storage, storage.run_storage, storage.schedule_storage):
            part._engine = _pooled_engine(url)  # noqa: SLF001 # pyright: ignore
        return storage


def _pooled_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=1,
        max_overflow=policies.DAGSTER_POOL_OVERFLOW,
        pool_recycle=policies.DAGSTER_POOL_RECYCLE,
        connect_args={
            "options": f"-c statement_timeout={int(policies.DATABASE_STATEMENT_TIMEOUT * 1000)}"
        },
    )
    event.listen(engine, "checkin", _left)
    event.listen(engine, "checkout", _looked_at)
    return engine


def _left(_connection: Any, record: Any) -> None:
    record.info[LEFT_AT] = time.monotonic()


def _looked_at(connection: Any, record: Any, _proxy: Any) -> None:
    """SQLAlchemy's own check is one question to Postgres for each statement of Dagster's."""
    idle = time.monotonic() - record.info.get(LEFT_AT, time.monotonic())
    if idle < policies.DAGSTER_CONNECTION_TRUSTED:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except connection.Error as error:
        raise InvalidatePoolError from error
