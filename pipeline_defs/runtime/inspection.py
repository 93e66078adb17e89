"""Looks at units at rest after every change: what of them stands otherwise than it should.

A change is a finished run, an edit, other source data, or other code and models. What is found is
kept for backfills and for Dagster's automation conditions, and bridges that have moved are told to
Dagster. Nothing is made here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from pipeline_defs import policies
from pipeline_defs.domain.errors import PipelineError, classify
from pipeline_defs.domain.graph import UnitGraph
from pipeline_defs.domain.versions import version_of
from pipeline_defs.runtime.bridging import report_changed
from pipeline_defs.runtime.dagster.graphql import DagsterApi
from pipeline_defs.runtime.lines import Line
from pipeline_defs.storage.database import Database, Transaction
from pipeline_defs.storage.models_in_use import models_in_use

log = logging.getLogger(__name__)


def version_in_use(line: Line) -> str:
    """Version of all code and models of a line."""
    models = models_in_use()
    return version_of({asset: maker.version(models) for asset, maker in line.makers.items()})


async def inspect_changed(database: Database, dagster: DagsterApi, line: Line, most: int) -> int:
    """Look at units of a line that have changed since somebody looked; how many. Raises where
    Dagster or Postgres is away: the rest is looked at later."""
    version = version_in_use(line)
    rows = await database.all(
        None, "wanting.to_inspect", kind=line.kind.name, version=version, most=most
    )
    for row in rows:
        await inspect(database, dagster, row["org_id"], line, row["id"])
    return len(rows)


async def inspect_now(
    database: Database, dagster_url: str, org_id: str, line: Line, unit_id: str
) -> None:
    """Look at a unit right after an edit; where Dagster is away it is looked at later."""
    dagster = DagsterApi(dagster_url)
    try:
        await inspect(database, dagster, org_id, line, unit_id)
    except PipelineError as error:
        log.warning("%s not inspected yet: %s", unit_id, error)
    finally:
        await dagster.aclose()


async def inspect(
    database: Database, dagster: DagsterApi, org_id: str, line: Line, unit_id: str
) -> None:
    """Look at one unit. Bridges go first: a unit that was looked at is told completely."""
    await report_changed(database, dagster, org_id, line, unit_id)
    await database.transact(org_id, lambda tx: _note(tx, line, unit_id))


async def _note(tx: Transaction, line: Line, unit_id: str) -> None:
    """A unit at work is looked at when it rests."""
    unit = await line.graph(tx, unit_id)
    await tx.run("wanting.clear", unit_id=unit_id)
    if unit is not None:
        await put_wanting(tx, unit_id, _wanting(unit))
    await tx.run("wanting.inspected", unit_id=unit_id, version=version_in_use(line))


async def put_wanting(tx: Transaction, unit_id: str, found: Sequence[Mapping[str, Any]]) -> None:
    """Keep what was found: asset, partition, standing; of a broken file the error, of what failed
    whether it was `refused`."""
    if found:
        await tx.run("wanting.put", unit_id=unit_id, found=Jsonb(list(found)))


def _wanting(unit: UnitGraph) -> list[dict[str, Any]]:
    """What may be made by itself. Skipped follows what it was skipped for."""
    return [
        {
            "asset": node.asset,
            "partition": node.partition,
            "standing": standing,
            "refused": node in unit.refused,
        }
        for node, standing in unit.standing.items()
        if standing in ("missing", "failed")
        or (standing == "stale" and not unit.graph.kinds[node.asset].by_name_only)
    ]


class Inspector:
    """The gateway's: looks at what has changed for ever, a little at a time."""

    def __init__(self, database: Database, lines: Mapping[str, Line], dagster_url: str) -> None:
        self._database = database
        self._lines = lines
        self._dagster_url = dagster_url

    async def run(self) -> None:
        """Survives an absent Postgres and an absent Dagster."""
        dagster = DagsterApi(self._dagster_url)
        try:
            while True:
                await asyncio.sleep(policies.INSPECTION_INTERVAL)
                try:
                    for line in self._lines.values():
                        await inspect_changed(
                            self._database, dagster, line, policies.INSPECTION_BATCH
                        )
                except Exception as raised:  # noqa: BLE001 # told, and tried again at the next pass
                    log.warning("not inspected yet: %s", classify(raised))
        finally:
            await dagster.aclose()
