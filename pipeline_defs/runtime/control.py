"""Moves of a whole unit: begin, go on, finish, cancel. The same for every line.

Each writes the state, the audit and the progress event in the caller's transaction.
"""

from __future__ import annotations

from typing import Any

from pipeline_defs import policies
from pipeline_defs.domain.errors import ErrorRecord, Permanent
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.domain.units import Unit
from pipeline_defs.domain.work import Rest
from pipeline_defs.runtime.lines import Line
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Transaction

WORKER = "pipeline"  # the actor of what the system does by itself


async def begin(tx: Transaction, line: Line, unit_id: str, status: str) -> None:
    """A worker has claimed the unit: from the queue, or from rest when a run asks for it anew.

    `status` is the one it was claimed in. The stored one counts: this may be the second try of a
    transaction whose first was committed, only the answer was lost.
    """
    status = await _stored_status(tx, unit_id, status)
    await tx.run("units.due_at_latest", id=unit_id, delay=policies.DISPATCH_RECHECK_AFTER_LAUNCH)
    if status == "generating":
        await line.settle(tx, unit_id)  # a crashed or frozen worker may have left parts in work
        return
    if status in FINAL_STATES:
        await units.set_status(tx, unit_id, "queued")
    await units.set_status(tx, unit_id, "generating", stage="started")
    await line.settle(tx, unit_id)
    await units.audit(tx, WORKER, f"{line.kind.noun}.generation.pipeline.started", unit_id)
    units.append_progress(
        tx, unit_id, stage="started", outcome="started", message="Started", status="generating"
    )


async def go_on(tx: Transaction, line: Line, unit_id: str) -> bool:
    """After a run did its part: ask for the next run, or complete the unit; whether it is."""
    work = await line.next_work(tx, unit_id)
    if work is None:
        await line.count(tx, unit_id, "completed")
        await conclude(tx, line, unit_id)
        return True
    if isinstance(work, Rest):
        await line.count(tx, unit_id, "waiting")
        await rest(tx, unit_id, work)
        return False
    await line.count(tx, unit_id, work.job)
    await tx.run("units.make_due", id=unit_id, delay=0)
    await tx.run("units.notify_dispatch")
    return False


async def rest(tx: Transaction, unit_id: str, work: Rest) -> None:
    """Nothing is due for a while; whoever hears something before says so with `wake`."""
    await tx.run("units.make_due", id=unit_id, delay=work.seconds)


async def wake(tx: Transaction, unit_id: str) -> None:
    """Something was heard of a unit that may be at rest: look at it at once."""
    await tx.run("units.due_now", id=unit_id)
    await tx.run("units.notify_dispatch")


async def conclude(tx: Transaction, line: Line, unit_id: str) -> None:
    """Nothing is left to do: the unit is completed, or incomplete with what could not be made."""
    status, error = await line.outcome(tx, unit_id)
    await finish(tx, line, unit_id, status, error)


async def interrupted(tx: Transaction, line: Line, unit_id: str) -> None:
    """A run ended early through no fault of the unit: it is due again at once."""
    await line.settle(tx, unit_id)
    await tx.run("units.make_due", id=unit_id, delay=0)
    await tx.run("units.notify_dispatch")


def advance(
    tx: Transaction,
    line: Line,
    unit_id: str,
    *,
    stage: str,
    outcome: str,
    message: str,
    **more: Any,
) -> None:
    """A part of the unit has moved on: tell it, with the percentage done.

    It is counted once when the transaction ends, however many parts have moved in it.
    """
    units.append_progress(
        tx, unit_id, stage=stage, outcome=outcome, message=message, percentage=None, **more
    )
    tx.last["count", unit_id] = lambda: line.count(tx, unit_id, stage)


async def finish(
    tx: Transaction, line: Line, unit_id: str, status: str, error: ErrorRecord | None = None
) -> None:
    """End the generation as completed, incomplete, failed or cancelled.

    The claim ends with it, whoever held it: nothing is committed to the unit after this.
    """
    await line.settle(tx, unit_id)
    await units.finish(tx, unit_id, status, error)
    await units.audit(
        tx,
        WORKER,
        f"{line.kind.noun}.generation.pipeline.completed",
        unit_id,
        outcome=status,
        **({"error": error.code} if error else {}),
    )
    units.append_progress(
        tx,
        unit_id,
        stage=status,
        outcome={"failed": "failed", "cancelled": "cancelled"}.get(status, "finished"),
        message=f"{status.capitalize()}{': ' + error.message if error else ''}",
        status=status,
        error=error.as_dict() if error else None,
    )


async def cancel(tx: Transaction, line: Line, unit_id: str, actor: str) -> Unit:
    """Cancel in any state: at once where nobody works on it, else its worker stops within seconds.

    A finished unit stays as it is. Raises Permanent `NOT_FOUND`.
    """
    await tx.one("units.lock", id=unit_id)
    unit = await units.get(tx, unit_id)
    if unit is None or unit.kind != line.kind.name:
        raise Permanent("NOT_FOUND", f"there is no {line.kind.noun} {unit_id}")
    if unit.status in FINAL_STATES:
        return unit
    await units.audit(tx, actor, f"{line.kind.name}.cancel_requested", unit_id)
    await tx.run("units.request_cancel", id=unit_id)
    claim = await tx.one("units.is_claimed", id=unit_id)  # by the clock that wrote the lease
    if claim and claim["claimed"]:
        await tx.run("units.make_due", id=unit_id, delay=0)  # in case its worker is dead
    else:
        await cancelled(tx, line, unit_id, unit.status)
    return await units.get(tx, unit_id) or unit


async def cancelled(tx: Transaction, line: Line, unit_id: str, status: str) -> None:
    """Make the cancellation final. `status`: see begin; what is final meanwhile stays so."""
    status = await _stored_status(tx, unit_id, status)
    if status in FINAL_STATES:
        await tx.run("units.clear_cancel", id=unit_id)
        return
    if status == "queued":
        await begin(tx, line, unit_id, status)
    await finish(tx, line, unit_id, "cancelled")


async def _stored_status(tx: Transaction, unit_id: str, believed: str) -> str:
    row = await tx.one("units.lock", id=unit_id)
    return str(row["status"]) if row else believed
