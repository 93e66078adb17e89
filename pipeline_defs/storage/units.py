"""Units in the database: creation, state, progress, audit; all within an open transaction."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pipeline_defs.domain.errors import ErrorRecord
from pipeline_defs.domain.keys import new_unit_id
from pipeline_defs.domain.kinds import Kind
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.domain.units import Unit
from pipeline_defs.storage.database import Transaction


async def create(tx: Transaction, kind: Kind, title: str, actor: str, *, steps_total: int) -> str:
    """A new unit, due for dispatch at once; its id."""
    unit_id = new_unit_id(kind.noun, datetime.now(UTC))
    await tx.run(
        "units.create",
        id=unit_id,
        kind=kind.name,
        status=kind.machine.initial,
        title=title,
        steps_total=steps_total,
        created_by=actor,
    )
    await audit(tx, actor, f"{kind.name}.created", unit_id)
    append_progress(tx, unit_id, stage="queued", outcome="finished", message="Queued")
    await tx.run("units.notify_dispatch")
    return unit_id


async def get(tx: Transaction, unit_id: str) -> Unit | None:
    """The unit, or None when this organization has none of that id."""
    row = await tx.one("units.get", id=unit_id)
    return Unit.from_row(row, datetime.now(UTC)) if row else None


async def listed(
    tx: Transaction,
    *,
    kind: str | None,
    status: str | None,
    before: tuple[datetime, str] | None,
    most: int,
) -> list[Unit]:
    """Units of the organization, newest first; `before` is the last one of the page before."""
    rows = await tx.all(
        "units.list",
        kind=kind,
        status=status,
        before_at=before[0] if before else None,
        before_id=before[1] if before else None,
        most=most,
    )
    now = datetime.now(UTC)
    return [Unit.from_row(row, now) for row in rows]


async def set_status(
    tx: Transaction, unit_id: str, status: str, *, stage: str | None = None
) -> None:
    """Move the unit to a state that is not final; the database refuses an illegal move."""
    await tx.run("units.set_status", id=unit_id, status=status, stage=stage)


async def finish(
    tx: Transaction, unit_id: str, status: str, error: ErrorRecord | None = None
) -> None:
    """Move the unit to a final state, in which nobody holds it and nothing is due."""
    await tx.run(
        "units.finish", id=unit_id, status=status, error=error.as_dict() if error else None
    )


async def requeue(
    tx: Transaction, unit_id: str, now: str, actor: str, action: str, **detail: Any
) -> None:
    """Back to the queue, due at once. `now` is the state it is in."""
    if now in FINAL_STATES:
        await set_status(tx, unit_id, "queued", stage="queued")
    await tx.run("units.clear_cancel", id=unit_id)
    await tx.run("units.make_due", id=unit_id, delay=0)
    await audit(tx, actor, action, unit_id, **detail)
    append_progress(
        tx, unit_id, stage="queued", outcome="finished", message="Queued", status="queued"
    )
    await tx.run("units.notify_dispatch")


def event_of(
    stage: str, outcome: str, message: str, *, part: str | None = None, **more: Any
) -> dict[str, Any]:
    """A progress event; see `append_progress`."""
    return {
        "stage": stage,
        "outcome": outcome,
        "message": message,
        "part": part,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        **more,
    }


def append_progress(
    tx: Transaction,
    unit_id: str,
    *,
    stage: str,
    outcome: str,
    message: str,
    part: str | None = None,
    **more: Any,
) -> None:
    """Store a progress event when the transaction ends.

    `outcome` is started, finished, skipped, retrying, failed or cancelled. `more` holds JSON
    values such as `percentage`, `status`, `cost_usd`, `preview`.
    """
    tx.progress.append((unit_id, event_of(stage, outcome, message, part=part, **more)))


async def audit(
    tx: Transaction, actor: str, action: str, unit_id: str | None, **detail: Any
) -> None:
    """Append to the trail of who did what."""
    await tx.run("audit.add", actor=actor, action=action, unit_id=unit_id, detail=detail)
