"""Tells Dagster of the bridges that a change outside of any run has moved, so that its UI shows
what is stale: a user's edit, a new product feed.

A run reports bridges itself. Where Dagster is away nothing is lost: the version is not noted as
told, and the next run or inspection of the unit tells it.
"""

from __future__ import annotations

from pipeline_defs.domain.graph import Bridge
from pipeline_defs.runtime import presence
from pipeline_defs.runtime.dagster.graphql import DagsterApi
from pipeline_defs.runtime.lines import Line
from pipeline_defs.storage.database import Database, Transaction


async def report_changed(
    database: Database, dagster: DagsterApi, org_id: str, line: Line, unit_id: str
) -> None:
    """Report the bridges of a unit that Dagster knows by another version. Raises where Dagster is
    away."""
    unit = await database.transact(org_id, lambda tx: line.graph(tx, unit_id))
    changed = unit.changed_bridges if unit is not None else ()
    if changed:
        await presence.bring_back(database, dagster, org_id, line, unit_id)
    for bridge in changed:
        await dagster.observe(bridge.node.asset, bridge.node.partition, bridge.version)
        await database.transact(org_id, lambda tx, b=bridge: _note(tx, unit_id, b))


async def _note(tx: Transaction, unit_id: str, bridge: Bridge) -> None:
    """Dagster knows this version of a bridge."""
    await tx.each(
        "assets.put",
        about=(bridge.node.asset, bridge.node.partition),
        unit_id=unit_id,
        asset=bridge.node.asset,
        partition=bridge.node.partition,
        data_version=bridge.version,
        code_version="",
        input_hash="",
        input_versions={},
        metadata={},
        cost_usd=0,
        run_id=None,
    )
    await tx.run(
        "assets.reported",
        assets=[bridge.node.asset],
        partitions=[bridge.node.partition],
        data_versions=[bridge.version],
    )
