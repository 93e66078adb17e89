"""How much of a unit Dagster holds: finished units leave its partitions, and return on demand.

Everything is decided by `units.dagster_presence` (migration 0013). A unit is marked as leaving
before its first partition is removed, so that whatever breaks in between, the next night goes on
with it, and whoever needs the unit meanwhile registers all of it again, parts in their order.
Returning tells Dagster every version anew: its own summary of an asset counts only what came after
it was made, and the old events may be gone.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.runtime.dagster import history
from pipeline_defs.runtime.lines import Line
from pipeline_defs.storage.database import Database, Transaction

log = logging.getLogger(__name__)
FINAL = sorted(FINAL_STATES)


class Partitions(Protocol):
    """Registers partitions in Dagster."""

    async def add_partitions(self, partitions: str, keys: Sequence[str]) -> None:
        """Register keys of a space, in order; one that exists already stays."""
        ...


async def keys_of(tx: Transaction, line: Line, unit_id: str) -> dict[str, list[str]]:
    """All partitions of a unit by their space, each space in order."""
    unit = await line.graph(tx, unit_id)
    keys = {line.kind.name: [unit_id]}
    for node in unit.graph.nodes if unit is not None else ():
        if (space := line.parts.get(node.asset)) is not None:
            keys.setdefault(space, []).append(node.partition)
    return {space: sorted(found) for space, found in keys.items()}


async def bring_back(
    database: Database, dagster: Partitions, org_id: str, line: Line, unit_id: str
) -> bool:
    """Register a unit that had left; whether it had. Its next run tells Dagster what was made.

    Raises Transient where Dagster is away: then the unit counts as absent still.
    """

    async def absent(tx: Transaction) -> dict[str, list[str]] | None:
        found = await tx.one("retention.lock_absent", id=unit_id)
        return await keys_of(tx, line, unit_id) if found is not None else None

    async def returned(tx: Transaction) -> None:
        await tx.run("retention.returned", id=unit_id)
        await tx.run("retention.tell_again", unit_id=unit_id)

    keys = await database.transact(org_id, absent)
    if keys is None:
        return False
    for space, wanted in keys.items():
        await dagster.add_partitions(space, wanted)
    await database.transact(org_id, returned)
    return True


async def retire(
    database: Database, instance: dg.DagsterInstance, lines: Mapping[str, Line]
) -> Counter[str]:
    """Take finished units out of Dagster's partitions; how many, by line."""
    rows = await database.all(
        None,
        "retention.to_leave",
        kinds=list(policies.RETIRE_AFTER_DAYS),
        days=list(policies.RETIRE_AFTER_DAYS.values()),
        final_states=FINAL,
        most=policies.RETIRED_PER_NIGHT,
    )
    retired: Counter[str] = Counter()
    for row in rows:
        line = lines[row["kind"]]
        if await _leave(database, instance, row["org_id"], line, row["id"]):
            retired[line.kind.name] += 1
    if retired:  # Dagster's summaries would go on counting what is no partition any more
        instance.wipe_asset_cached_status(list(instance.all_asset_keys()))
    return retired


async def _leave(
    database: Database, instance: dg.DagsterInstance, org_id: str, line: Line, unit_id: str
) -> bool:
    async def remove(tx: Transaction) -> bool:
        if await tx.one("retention.lock_leaving", id=unit_id, final_states=FINAL) is None:
            return False  # somebody has just asked for it
        for space, keys in (await keys_of(tx, line, unit_id)).items():
            for key in keys:
                instance.delete_dynamic_partition(space, key)
        await tx.run("retention.left", id=unit_id)
        return True

    await database.run(org_id, "retention.leaving", id=unit_id, final_states=FINAL)
    return await database.transact(org_id, remove)


async def forget(
    database: Database, instance: dg.DagsterInstance, lines: Mapping[str, Line]
) -> int:
    """Remove the events of units that left long ago from Dagster's log; of how many units."""
    rows = await database.all(
        None,
        "retention.to_forget",
        days=policies.DAGSTER_HISTORY_DAYS,
        most=policies.RETIRED_PER_NIGHT,
    )
    assets = instance.all_asset_keys()

    async def remove(tx: Transaction, row: Mapping[str, Any]) -> int:
        if await tx.one("retention.lock_left", id=row["id"]) is None:
            return 0
        keys = await keys_of(tx, lines[row["kind"]], row["id"])
        history.wipe(instance, assets, [key for found in keys.values() for key in found])
        return await tx.touched("retention.forgotten", id=row["id"])

    return sum(
        [await database.transact(row["org_id"], lambda tx, r=row: remove(tx, r)) for row in rows]
    )
