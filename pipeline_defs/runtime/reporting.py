"""Tells Dagster what was made: materializations with full provenance, and bridges.

Each event carries the tags from which Dagster computes staleness: the data version, the code
version, and for every input the version that was used and the event it came from. Events are
written one after the other in a thread, as a write blocks the loop for tens of milliseconds.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import dagster as dg
from dagster_postgres.utils import DagsterPostgresException
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pipeline_defs import policies
from pipeline_defs.domain.errors import Transient
from pipeline_defs.runtime.work import Made, UnitWork

log = logging.getLogger(__name__)
T = TypeVar("T")

CODE_VERSION = "dagster/code_version"
DATA_VERSION = "dagster/data_version"
USER_PROVIDED = "dagster/data_version_is_user_provided"
INPUT_VERSION = "dagster/input_data_version/"
INPUT_POINTER = "dagster/input_event_pointer/"
STORAGE_AWAY = (DBAPIError, DagsterPostgresException, PoolTimeout)


class Reporter:
    """Writes the events of one op, in order."""

    def __init__(self, context: dg.AssetExecutionContext, bridges: frozenset[str]) -> None:
        self._context = context
        self._bridges = bridges
        self._lock = asyncio.Lock()

    async def made(self, work: UnitWork, made: Made, *, reused: bool = False) -> None:
        """Materialize a stored result and remember that Dagster knows it."""
        await self._write(lambda: self._materialize(made, reused=reused))
        await work.transact(
            lambda tx: tx.run(
                "assets.reported",
                asset=made.asset,
                partition=made.partition,
                data_version=made.data_version,
            )
        )

    async def bridged(self, asset: str, partition: str, version: str, **metadata: Any) -> None:
        """Report a bridge: an observation (staleness reads it) and a materialization (status)."""
        await self._write(lambda: self._bridge(asset, partition, version, metadata))

    async def add_partitions(self, space: str, keys: Sequence[str]) -> None:
        """Register partition keys, in order; those that exist stay."""
        await self._write(lambda: self._context.instance.add_dynamic_partitions(space, keys))

    async def checked(
        self, asset: str, partition: str, check: str, faults: list[str], **metadata: Any
    ) -> None:
        """Record a check of one partition: passed when there are no faults."""
        evaluation = dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey.from_user_string(asset),
            check_name=check,
            passed=not faults,
            severity=dg.AssetCheckSeverity.WARN,
            description="; ".join(faults[:5]) or None,
            metadata=as_metadata({**metadata, "faults": len(faults)}),
            partition=partition,
        )
        await self._write(lambda: self._context.log_event(evaluation))  # pyright: ignore[reportArgumentType]

    def _materialize(self, made: Made, *, reused: bool) -> None:
        tags = {
            DATA_VERSION: made.data_version,
            CODE_VERSION: made.code_version,
            USER_PROVIDED: "true",
        }
        for dependency, version in made.inputs.items():
            name = "/".join(dg.AssetKey.from_user_string(dependency).path)
            tags[INPUT_VERSION + name] = version
            pointer = self._pointer(dependency, made.partition)
            if pointer is not None:
                tags[INPUT_POINTER + name] = pointer
        self._context.log_event(
            dg.AssetMaterialization(
                made.asset,
                partition=made.partition,
                tags=tags,
                metadata={
                    **as_metadata(made.metadata),
                    "cost_usd": dg.MetadataValue.float(float(made.cost_usd)),
                    "reused": dg.MetadataValue.bool(reused),
                },
            )
        )

    def _bridge(
        self, asset: str, partition: str, version: str, metadata: Mapping[str, Any]
    ) -> None:
        tags = {DATA_VERSION: version}
        for event in (dg.AssetObservation, dg.AssetMaterialization):
            self._context.log_event(
                event(asset, partition=partition, tags=tags, metadata=dict(metadata))
            )

    def _pointer(self, asset: str, partition: str) -> str | None:
        instance = self._context.instance
        wanted = dg.AssetRecordsFilter(
            asset_key=dg.AssetKey.from_user_string(asset), asset_partitions=[partition]
        )
        fetch = (
            instance.fetch_observations
            if asset in self._bridges
            else instance.fetch_materializations
        )
        records = fetch(wanted, limit=1).records
        return str(records[0].storage_id) if records else None

    async def _write(self, write: Callable[[], T]) -> T:
        async with self._lock:
            return await asyncio.to_thread(_patiently, write)


def as_metadata(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Dagster metadata of a JSON object: `{"md": text}`, `{"url": link}` and `{"table": [rows]}`
    become rich values, all else stays as it is."""
    return {name: _rich(value) for name, value in plain.items()}


def _rich(value: Any) -> Any:
    match value:
        case {"md": str(text)}:
            return dg.MetadataValue.md(text)
        case {"url": str(link)}:
            return dg.MetadataValue.url(link)
        case {"table": list(rows)}:
            return dg.MetadataValue.table([dg.TableRecord(row) for row in rows]) if rows else "none"
        case _:
            return value


def _patiently(write: Callable[[], T]) -> T:
    """Run a write of Dagster's storage, again while its database restarts; a repeat is harmless."""
    give_up = time.monotonic() + policies.POSTGRES_OUTAGE_TOLERANCE
    while True:
        try:
            return write()
        except STORAGE_AWAY as error:
            if time.monotonic() > give_up:
                raise Transient(
                    "DATABASE_UNAVAILABLE",
                    f"Dagster's database does not answer ({type(error).__name__})",
                ) from error
            log.warning("event not written yet: %s", type(error).__name__)
            time.sleep(policies.POSTGRES_RETRY_INTERVAL)
