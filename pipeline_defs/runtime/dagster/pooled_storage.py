"""Dagster's Postgres storage with kept connections.

The stock storage opens a new connection for every query (177 for one run of seven assets). Named in
dagster.yaml under `storage: custom:`. Connections are checked before use, so a restarted Postgres
costs one reconnect instead of a failed run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagster_postgres import DagsterPostgresStorage
from sqlalchemy import create_engine

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


def _pooled_engine(url: str) -> Any:
    return create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=1,
        max_overflow=policies.DAGSTER_POOL_OVERFLOW,
        pool_recycle=policies.DAGSTER_POOL_RECYCLE,
        pool_pre_ping=True,
        connect_args={
            "options": f"-c statement_timeout={int(policies.DATABASE_STATEMENT_TIMEOUT * 1000)}"
        },
    )
