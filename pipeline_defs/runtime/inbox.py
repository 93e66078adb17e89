"""The inbox: whatever arrives is stored once, and turned into work in the same transaction.

`receive` stores an arrival together with its effect. When the effect fails for good the arrival is
kept as dead, with the reason; when it fails for a reason nobody foresaw it stays open, and
`process_open_events` (called by the gateway and by a Dagster sensor) tries it again a few times.
The same id a second time has no effect and says so.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from pipeline_defs.domain.errors import Permanent, Transient, classify
from pipeline_defs.domain.flows import Batch
from pipeline_defs.runtime import flow_control, waiting
from pipeline_defs.runtime.arrivals import Arrival, Event, Outcome, Receipt
from pipeline_defs.runtime.routes import ROUTES, Routes
from pipeline_defs.storage.database import Database, Transaction

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5  # of an event whose processing fails for an unforeseen reason

Work = Callable[[Transaction], Awaitable[Outcome]]


async def store(
    tx: Transaction, arrival: Arrival, work: Work, body_hash: bytes | None = None
) -> Receipt:
    """Store `arrival` and do its `work`, unless it is known already. One transaction: the caller's.

    `body_hash` stands for the body where equal bodies may differ in their bytes. Whatever `work`
    raises undoes the storing too.
    """
    wanted = body_hash or arrival.body_hash
    stored = await tx.one(
        "inbox.store",
        source=arrival.source,
        event_id=arrival.event_id,
        event_type=arrival.event_type,
        body=arrival.body,
        body_hash=wanted,
    )
    if stored is None:
        return await _known(tx, arrival, wanted, work)
    return Receipt(await _finish(tx, arrival.source, arrival.event_id, await work(tx)))


async def receive(
    database: Database, org_id: str, arrival: Arrival, actor: str, routes: Routes = ROUTES
) -> Receipt:
    """Store an event and route it; on failure it is kept as dead, or open to be tried again.

    Returns only after the commit. Raises Transient `DATABASE_UNAVAILABLE`: then nothing is stored.
    """
    event = Event(org_id, arrival.source, arrival.event_id, arrival.event_type, arrival.body)

    async def accept(tx: Transaction) -> Outcome:
        return await _accept(tx, event, actor, routes)

    try:
        return await database.transact(org_id, lambda tx: store(tx, arrival, accept))
    except Transient:
        raise
    except Permanent as error:
        outcome = Outcome("dead", reason=_reason(error))
    except Exception as error:  # noqa: BLE001 (the event must not be lost for a fault of ours)
        log.warning("event kept for another try: %s", classify(error).message)
        outcome = Outcome("received", reason=classify(error).message)

    async def keep(_tx: Transaction) -> Outcome:
        return outcome

    return await database.transact(org_id, lambda tx: store(tx, arrival, keep))


async def process_open_events(database: Database, most: int = 100, routes: Routes = ROUTES) -> int:
    """Try every event that is stored, due and not processed; how many became final."""
    final = 0
    for row in await database.all(None, "inbox.open", most=most):
        final += await _process(database, row, routes)
    return final


async def seconds_to_next(database: Database) -> float | None:
    """Until the next event is due that waits; None where none does."""
    row = await database.one(None, "inbox.next")
    return row["seconds"] if row else None


async def _accept(tx: Transaction, event: Event, actor: str, routes: Routes) -> Outcome:
    """What becomes of a stored event: its effect, unless the rule of its type says otherwise."""
    flow = routes.flows.get(event.type)
    decided = await flow_control.admit(tx, flow, event) if flow is not None else None
    if decided is not None:
        return decided
    (outcome,) = await _take_effect(tx, [event], actor, routes)
    if flow is not None:
        await flow_control.taken(tx, flow, [event], flow.key_of(event.fields))
    return outcome


async def _take_effect(
    tx: Transaction, events: Sequence[Event], actor: str, routes: Routes
) -> list[Outcome]:
    """Hand events to their handler, and to the units that wait for them."""
    if isinstance(routes.flows.get(events[0].type), Batch):
        outcomes = await routes.batch_handlers[events[0].type](tx, events)
    else:
        outcomes = [await _route(tx, event, actor, routes) for event in events]
    told = zip(events, outcomes, strict=True)
    return [await _tell_who_waits(tx, event, outcome) for event, outcome in told]


async def _route(tx: Transaction, event: Event, actor: str, routes: Routes) -> Outcome:
    """Hand an event to the handler of its type. Raises Permanent when it is faulty."""
    handler = routes.handlers.get(event.type)
    if handler is None:
        return Outcome("ignored", reason=f"unknown event type {event.type[:100]!r}")
    try:
        return await handler(tx, event.data, actor)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Permanent("INVALID_EVENT", f"{where or 'data'}: {first['msg']}") from error


async def _tell_who_waits(tx: Transaction, event: Event, outcome: Outcome) -> Outcome:
    """An event that somebody has waited for is done, also where it has no handler."""
    heard = await waiting.hear(tx, event) if outcome.status != "dead" else []
    if heard and outcome.status == "ignored" and outcome.unit_id is None:
        return Outcome("done", heard[0], f"heard by {', '.join(heard[:10])}")
    return outcome


async def _process(database: Database, row: Mapping[str, Any], routes: Routes) -> int:
    """Try an event, or the batch it belongs to; how many became final."""
    due = Event(row["org_id"], row["source"], row["event_id"], row["event_type"], b"")
    tried: list[Event] = []

    async def attempt(tx: Transaction) -> list[Outcome]:
        tried[:] = [due]
        if row["flow_key"] is None:
            return await _accept_again(tx, due, routes)
        flow = routes.flows.get(due.type)
        tried[:] = await flow_control.ready(tx, flow, due, row["flow_key"])
        if not tried:
            return []
        outcomes = await _take_effect(tx, tried, due.source, routes)
        for event, outcome in zip(tried, outcomes, strict=True):
            await _finish(tx, event.source, event.id, outcome)
        await flow_control.taken(tx, flow, tried, row["flow_key"])
        return outcomes

    try:
        outcomes = await database.transact(due.org_id, attempt)
    except Permanent as error:
        return await _bury(database, tried, _reason(error))
    except Exception as error:  # one faulty event must not hold up the others
        if isinstance(error, Transient) and error.code == "DATABASE_UNAVAILABLE":
            raise
        log.warning("event could not be processed: %s", classify(error).message)
        failed = [event for event in tried if await _is_given_up(database, event)]
        return await _bury(database, failed, classify(error).message)
    return sum(outcome.status != "received" for outcome in outcomes)


async def _accept_again(tx: Transaction, due: Event, routes: Routes) -> list[Outcome]:
    """Another try of what failed when it arrived; nothing where another process was quicker."""
    row = await tx.one("inbox.lock", source=due.source, event_id=due.id)
    if row is None or row["status"] != "received" or row["due_at"] is not None:
        return []
    outcome = await _accept(tx, replace(due, body=bytes(row["body"])), due.source, routes)
    return [await _finish(tx, due.source, due.id, outcome)]


async def _is_given_up(database: Database, event: Event) -> bool:
    """Count a try that failed; whether it was the last."""
    counted = await database.one(
        event.org_id, "inbox.count_attempt", source=event.source, event_id=event.id
    )
    return counted is not None and counted["attempts"] >= MAX_ATTEMPTS


async def _bury(database: Database, events: Sequence[Event], reason: str) -> int:
    """Keep events as dead; how many."""

    async def finish(tx: Transaction) -> None:
        for event in events:
            await _finish(tx, event.source, event.id, Outcome("dead", reason=reason))

    if events:
        await database.transact(events[0].org_id, finish)
    return len(events)


async def _known(tx: Transaction, arrival: Arrival, wanted: bytes, work: Work) -> Receipt:
    row = await tx.one("inbox.lock", source=arrival.source, event_id=arrival.event_id)
    if row is None:
        raise Transient("INBOX_BUSY", "the event is being stored by another request")
    if bytes(row["body_hash"]) != wanted:
        return Receipt(Outcome(row["status"], row["unit_id"]), duplicate=True, conflict=True)
    failed_before = row["status"] == "received" and row["due_at"] is None
    if failed_before:  # do it now
        outcome = await _finish(tx, arrival.source, arrival.event_id, await work(tx))
        return Receipt(outcome, duplicate=True)
    return Receipt(Outcome(row["status"], row["unit_id"], row["reason"]), duplicate=True)


async def _finish(tx: Transaction, source: str, event_id: str, outcome: Outcome) -> Outcome:
    await tx.run(
        "inbox.finish",
        source=source,
        event_id=event_id,
        status=outcome.status,
        reason=outcome.reason,
        unit_id=outcome.unit_id,
    )
    return outcome


def _reason(error: Permanent) -> str:
    return f"{error.code}: {error.message}"
