"""Decides when events that have a rule (domain/flows.py) take effect.

All that is decided stands in the inbox and is decided under a lock on the key, so that any number
of processes come to one order and one count. Nobody holds anything while an event waits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pipeline_defs.domain.flows import Batch, Debounce, Flow, RateLimit, Throttle
from pipeline_defs.runtime.arrivals import Event, Outcome
from pipeline_defs.storage.database import Transaction


async def admit(tx: Transaction, flow: Flow, event: Event) -> Outcome | None:
    """What becomes of an event that was just stored; None when it takes effect now.

    Raises Permanent when its data cannot be read.
    """
    key = flow.key_of(event.fields)
    under: dict[str, Any] = {"event_type": event.type, "key": key}
    this = {"source": event.source, "event_id": event.id}
    await tx.run("flow.lock", **under)
    row = await tx.one("flow.enter", **this, key=key)
    if row is None:
        raise LookupError(f"{event.source} {event.id} is not stored")
    match flow:
        case Debounce(quiet=quiet, at_most=at_most):
            await tx.run("flow.debounce", **under, **this, quiet=quiet, at_most=at_most)
            reason = f"superseded by {event.source} {event.id}"
            await tx.run("flow.supersede", **under, **this, reason=reason)
            return Outcome("received", reason=f"waits until none comes for {quiet:g} s")
        case Batch(size=size, seconds=seconds):
            await tx.run("flow.hold", **this, delay=seconds)
            await tx.run("flow.ripen", **under, size=size)
            return Outcome("received", reason=f"waits for {size} of its kind, or {seconds:g} s")
        case Throttle():
            turn = await _turn(tx, flow, event.type, key, row["flow_place"])
            if turn["has_come"]:
                return None
            await tx.run("flow.hold", **this, delay=turn["delay"])
            return Outcome("received", reason=f"waits for its turn: {_pace(flow, key)}")
        case RateLimit():
            turn = await _turn(tx, flow, event.type, key, row["flow_place"])
            return None if turn["has_come"] else Outcome("ignored", reason=_pace(flow, key))


async def ready(tx: Transaction, flow: Flow | None, due: Event, key: str) -> list[Event]:
    """What takes effect now that `due` is due, of the events that wait under its key.

    Nothing where another process is at it, or was, or where its turn has yet to come.
    """
    under = {"event_type": due.type, "key": key}
    locked = await tx.one("flow.try_lock", **under)
    if locked is None or not locked["locked"]:
        return []
    if isinstance(flow, Batch):
        rows = await tx.all("flow.waiting", **under, most=flow.size)
        is_ripe = any(row["is_due"] for row in rows)
        return [_event(due, row) for row in rows] if is_ripe else []
    row = await tx.one("flow.due", source=due.source, event_id=due.id)
    if row is None:
        return []
    if isinstance(flow, Throttle):
        turn = await _turn(tx, flow, due.type, key, row["flow_place"])
        if not turn["has_come"]:
            await tx.run("flow.hold", source=due.source, event_id=due.id, delay=turn["delay"])
            return []
    return [_event(due, row)]


async def taken(tx: Transaction, flow: Flow | None, events: Sequence[Event], key: str) -> None:
    """These have taken effect; what else waits under their key may be a full batch again."""
    await tx.run(
        "flow.take", sources=[event.source for event in events], ids=[event.id for event in events]
    )
    if isinstance(flow, Batch):
        await tx.run("flow.ripen", event_type=events[0].type, key=key, size=flow.size)


async def _turn(
    tx: Transaction, flow: Throttle | RateLimit, event_type: str, key: str, place: int
) -> dict[str, Any]:
    turn = await tx.one(
        "flow.turn",
        event_type=event_type,
        key=key,
        place=place,
        most=flow.limit,
        period=flow.period,
    )
    return turn or {"has_come": True}


def _event(due: Event, row: Mapping[str, Any]) -> Event:
    return replace(due, source=row["source"], id=row["event_id"], body=bytes(row["body"]))


def _pace(flow: Throttle | RateLimit, key: str) -> str:
    return f"at most {flow.limit} in {flow.period:g} s for {flow.key} {key}"
