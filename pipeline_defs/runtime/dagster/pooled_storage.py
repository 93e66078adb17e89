"""Dagster's Postgres storage with kept connections.

The stock storage opens a new connection for every query (177 for one run of seven assets). Named in
dagster.yaml under `storage: custom:`. Connections are checked before use, so a restarted Postgres
costs one reconnect instead of a failed run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.utils import pg_url_from_config
from sqlalchemy import create_engine

from pipeline_defs import policies
from pipeline_defs.runtime.dagster.internals import ConfigurableClassData


class PooledPostgresStorage(DagsterPostgresStorage):
    """One small pool for each of the run, event log and schedule storages."""

    @classmethod
    def from_config_value(  # pyright: ignore[reportIncompatibleMethodOverride]
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> PooledPostgresStorage:
        """Overridden because the original names the base class, so a subclass alone is not used."""
        storage = cls(
            inst_data=inst_data,
            postgres_url=pg_url_from_config(config_value),  # pyright: ignore[reportArgumentType]
            should_autocreate_tables=config_value.get("should_autocreate_tables", True),
        )
        for part in (storage.event_log_storage, storage.run_storage, storage.schedule_storage):
            part._engine = _pooled_engine(storage.postgres_url)  # noqa: SLF001 # pyright: ignore
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
