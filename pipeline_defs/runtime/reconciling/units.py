"""Units in work that nobody works on, and those that somebody only says to work on.

A unit that is due is the dispatcher's business, one whose claim has expired too. Here is what the
dispatcher never sees: units that are not due at all, or not before long, and hung workers. A unit
is admitted again without its tries being forgotten, so one that never gets on ends as failed.
"""

from __future__ import annotations

from pipeline_defs import policies
from pipeline_defs.domain.errors import ErrorRecord
from pipeline_defs.domain.reconciliation import Finding
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.runtime import control
from pipeline_defs.runtime.lines import Line
from pipeline_defs.runtime.reconciling.world import World
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Database, Transaction

ACTOR = "reconciler"


async def look(world: World) -> list[Finding]:
    """Admit again what was forgotten, end what hangs."""
    forgotten = await world.database.all(
        None,
        "reconciliation.units_forgotten",
        grace=policies.UNIT_FORGOTTEN,
        most=policies.RECONCILIATION_BATCH,
    )
    overslept = await world.database.all(
        None,
        "reconciliation.units_overslept",
        beyond=policies.UNIT_OVERSLEPT,
        most=policies.RECONCILIATION_BATCH,
    )
    awake = [await _readmit(world.database, **unit) for unit in forgotten]
    awakened = [await _readmit(world.database, **unit) for unit in overslept]
    return [
        Finding("units_forgotten", found=len(forgotten), repaired=sum(awake)),
        Finding("units_overslept", found=len(overslept), repaired=sum(awakened)),
        await _overdue(world.database),
        await _hung(world),
    ]


async def _readmit(database: Database, org_id: str, id: str) -> int:
    """1 where it still was as it was found."""

    async def write(tx: Transaction) -> int:
        admitted = await tx.touched("reconciliation.readmit", id=id, beyond=policies.UNIT_OVERSLEPT)
        if admitted:
            await units.audit(tx, ACTOR, "units.admitted_again", id)
            await tx.run("units.notify_dispatch")
        return admitted

    return await database.transact(org_id, write)


async def _overdue(database: Database) -> Finding:
    """Those the dispatcher does not get to: it is woken, in case it did not hear of them."""
    row = await database.one(None, "reconciliation.units_overdue", seconds=policies.UNIT_OVERDUE)
    found = int(row["units"]) if row else 0
    if found:
        await database.run(None, "units.notify_dispatch")
    return Finding("units_overdue", found=found)


async def _hung(world: World) -> Finding:
    lines = world.lines.values()
    rows = await world.database.all(
        None,
        "reconciliation.units_hung",
        kinds=[line.kind.name for line in lines],
        held=[line.deadline * policies.UNIT_HELD_DEADLINES for line in lines],
        silent=[line.deadline * policies.UNIT_SILENT_DEADLINES for line in lines],
        most=policies.RECONCILIATION_BATCH,
    )
    failed = 0
    for row in rows:
        line, org_id = world.lines[row["kind"]], row["org_id"]
        failed += await world.database.transact(
            org_id, lambda tx, r=row, ln=line: _give_up(tx, ln, r["id"], r["fence"])
        )
    return Finding("units_hung", found=len(rows), failed=failed)


async def _give_up(tx: Transaction, line: Line, unit_id: str, fence: int) -> int:
    """End a unit whose worker hangs; its fence grows, so that worker commits nothing any more."""
    unit = await tx.one("units.lock", id=unit_id)
    if unit is None or unit["fence"] != fence or unit["status"] in FINAL_STATES:
        return 0
    if unit["claim_holder"] is None:  # it was given back a moment ago
        return 0
    error = ErrorRecord(
        "WORKER_HUNG",
        f"its worker ({unit['claim_holder']}, run {unit['claim_run_id']}) held it for more than "
        f"{line.deadline * policies.UNIT_HELD_DEADLINES:g} s and was not heard of",
        retryable=True,
        advice="Look at the worker's log and restart it, then resume.",
    )
    await control.begin(tx, line, unit_id, unit["status"])
    await control.finish(tx, line, unit_id, "failed", error)
    return 1
