"""What Dagster's record lacks of what stands in ours: results never told, partitions lost.

A run tells what it made, and what an earlier one of its unit left untold. Units at rest have no
next run: they are told here, under a claim, as by any worker, so that none tells at the same time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from pipeline_defs import policies
from pipeline_defs.domain.errors import LostClaim
from pipeline_defs.domain.reconciliation import Finding
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.runtime.claims import Claim, Claims, guard
from pipeline_defs.runtime.reconciling.world import World
from pipeline_defs.runtime.reporting import Untold
from pipeline_defs.runtime.work import Made, made_of
from pipeline_defs.storage.database import Transaction


async def look(world: World) -> list[Finding]:
    """Tell what was not told; register what is missing."""
    return [await _partitions(world), await _versions(world)]


async def _partitions(world: World) -> Finding:
    rows = await world.database.all(
        None,
        "reconciliation.partitions_needed",
        within=policies.PARTITIONS_NEEDED_WITHIN,
        most=policies.PARTITIONS_CHECKED,
    )
    needed: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["asset"] in world.spaces:
            needed[world.spaces[row["asset"]]].add(row["partition"])
    found = 0
    for space, keys in needed.items():
        known = await world.ask(
            lambda s=space, k=keys: world.instance.get_existing_dynamic_partitions(s, list(k))
        )
        missing = sorted(keys - known)
        if missing:
            await world.ask(lambda s=space, m=missing: world.instance.add_dynamic_partitions(s, m))
        found += len(missing)
    return Finding("partitions_missing", found=found, repaired=found)


async def _versions(world: World) -> Finding:
    units = await world.database.all(
        None,
        "reconciliation.units_unreported",
        grace=policies.VERSION_UNREPORTED,
        most=policies.RECONCILIATION_BATCH,
    )
    told = 0
    async with Claims.open(world.database, world.run_id, ()) as claims:
        for unit in units:
            claim = await claims.take(unit["id"])
            if claim is None:  # somebody works on it again, and tells what is left
                continue
            try:
                told += await _tell(world, claim)
            finally:
                claims.forget(claim)
    return Finding(
        "versions_unreported", found=sum(unit["versions"] for unit in units), repaired=told
    )


async def _tell(world: World, claim: Claim) -> int:
    """Tell Dagster of a unit's versions and give the unit back; how many."""

    async def read(tx: Transaction) -> list[dict[str, Any]]:
        await guard(tx, [claim])
        return await tx.all("assets.unreported", unit_id=claim.unit_id)

    async def note(tx: Transaction) -> None:
        await guard(tx, [claim])
        await tx.run(
            "assets.reported",
            assets=[made.asset for made in left],
            partitions=[made.partition for made in left],
            data_versions=[made.data_version for made in left],
        )
        await tx.run("units.release_claim", id=claim.unit_id, fence=claim.fence)

    try:
        rows = await world.database.transact(claim.org_id, read)
        left = [made_of(row) for row in rows if claim.status in FINAL_STATES]
        await world.ask(lambda: _report(world, left))
        await world.database.transact(claim.org_id, note)
    except LostClaim:
        return 0
    return len(left)


def _report(world: World, left: Sequence[Made]) -> None:
    keys: defaultdict[str, list[str]] = defaultdict(list)
    for made in left:
        if made.asset in world.spaces:
            keys[world.spaces[made.asset]].append(made.partition)
    for space, partitions in keys.items():
        world.instance.add_dynamic_partitions(space, sorted(set(partitions)))
    for events in world.events([Untold(made) for made in left]):
        for event in events:
            world.instance.report_runless_asset_event(event)
