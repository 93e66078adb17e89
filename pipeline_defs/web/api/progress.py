"""`GET /v1/progress/...`: Server-Sent Events that a client resumes with Last-Event-ID.

The id of an event is its number within the unit. A client gets every number once and in order, or a
`reset` with the unit as it is now. After an event with a final status the stream sends `end` and
closes; a client that wants to see a later rebuild opens it again.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Header, Query, Request
from starlette.responses import StreamingResponse

from pipeline_defs import policies
from pipeline_defs.domain.errors import Transient
from pipeline_defs.domain.keys import is_unit_id
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.domain.units import Unit
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.hub import Follower, Item
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.problems import Problem, not_found
from pipeline_defs.web.routes import STREAM, Caller, api_router
from pipeline_defs.web.streaming import EventStream
from pipeline_defs.web.unit_shape import unit_shape

router = api_router("progress")

EVENT_ID = re.compile(r"[0-9]{1,18}")
REPLAY_PAGE = 500
LONGEST_STREAM = 900.0  # then the client comes back, and is looked at anew
MOST_UNITS = 50


@dataclass(slots=True)
class Position:
    """Where a unit and its archive stand: events `first`..`last` are there."""

    unit: Unit
    first: int
    last: int


@router.get("/v1/progress/{kind}/{unit_id}", responses=STREAM, response_class=StreamingResponse)
async def follow_unit(
    request: Request,
    caller: Caller,
    kind: str,
    unit_id: str,
    last_event_id: Annotated[str | None, Header(description="Resume after this event.")] = None,
    after: Annotated[
        str | None, Query(description="The same, for the first connection of an EventSource.")
    ] = None,
) -> EventStream:
    """Follow one unit live, from the beginning or from where the client stopped."""
    gateway = gateway_of(request)
    _check_room(gateway)
    if not is_unit_id(unit_id) or (await _position(gateway, caller, unit_id)).unit.kind != kind:
        raise not_found("There is no such unit.")
    return EventStream(_one(gateway, caller, unit_id, last_event_id or after))


@router.get("/v1/progress", responses=STREAM, response_class=StreamingResponse)
async def follow_units(
    request: Request,
    caller: Caller,
    units: Annotated[str, Query(description="Ids separated by commas, at most 50.")],
) -> EventStream:
    """Follow several units in one connection: a snapshot of each, then events as they come.

    For overviews: it is not resumable, a new connection starts with snapshots again.
    """
    gateway = gateway_of(request)
    _check_room(gateway)
    ids = list(dict.fromkeys(units.split(",")))
    if len(ids) > MOST_UNITS or not all(is_unit_id(unit_id) for unit_id in ids):
        raise not_found("There are no such units.")
    positions = [await _position(gateway, caller, unit_id) for unit_id in ids]
    return EventStream(_many(gateway, caller, positions))


def _check_room(gateway: Gateway) -> None:
    if gateway.hub.clients >= policies.SSE_MAX_CLIENTS:
        raise Problem(503, "TOO_MANY_STREAMS", "Too many progress streams are open.")


async def _one(
    gateway: Gateway, caller: Identity, unit_id: str, resume_after: str | None
) -> AsyncGenerator[bytes]:
    with gateway.hub.listen() as follower:
        yield b"retry: 1500\n\n"
        try:
            async for event in _resumed(gateway, caller, unit_id, resume_after, follower):
                yield event
        except Transient:
            yield b": the database is away; come back\n\n"


async def _resumed(
    gateway: Gateway,
    caller: Identity,
    unit_id: str,
    resume_after: str | None,
    follower: Follower,
) -> AsyncGenerator[bytes]:
    position = await _followed(gateway, caller, follower, await _position(gateway, caller, unit_id))
    status = position.unit.status
    cursor = _cursor(resume_after, position)
    if cursor is None:
        cursor = position.last
        yield _reset(gateway, position)
    else:
        while rows := await _archive(gateway, caller, unit_id, cursor):
            for row in rows:
                cursor = row["seq"]
                status = row["event"].get("status") or status
                yield _progress(Item(unit_id, cursor, row["event"]))
    async for item in _live(gateway, follower):
        if item is not None and item.seq > cursor:
            if item.seq != cursor + 1:
                position = await _position(gateway, caller, unit_id)
                cursor, status = position.last, position.unit.status
                yield _reset(gateway, position)
            else:
                cursor, status = item.seq, item.event.get("status") or status
                yield _progress(item)
                _observe_lag(gateway, item.event)
        elif item is None and not (status in FINAL_STATES and follower.idle):
            yield b": still here\n\n"
        if status in FINAL_STATES and follower.idle:
            yield _event("end", {"unit": unit_id, "status": status})
            return


async def _many(
    gateway: Gateway, caller: Identity, positions: list[Position]
) -> AsyncGenerator[bytes]:
    with gateway.hub.listen() as follower:
        yield b"retry: 1500\n\n"
        for read in positions:
            position = await _followed(gateway, caller, follower, read)
            yield _event("snapshot", unit_shape(position.unit, gateway.links))
        async for item in _live(gateway, follower):
            yield _progress(item, numbered=False) if item else b": still here\n\n"


async def _live(gateway: Gateway, follower: Follower) -> AsyncGenerator[Item | None]:
    """First None at once (a chance to end), then items, and None whenever it is quiet for long."""
    until = time.monotonic() + LONGEST_STREAM
    yield None
    while not follower.ended and time.monotonic() < until:
        item = await follower.next(policies.SSE_HEARTBEAT)
        if follower.ended:
            return
        yield item


async def _position(gateway: Gateway, caller: Identity, unit_id: str) -> Position:
    async def read(tx: Transaction) -> Position | None:
        unit = await units.get(tx, unit_id)
        bounds = await tx.one("progress.bounds", unit_id=unit_id)
        if unit is None or bounds is None:
            return None
        return Position(unit, bounds["first_seq"], bounds["last_seq"] or 0)

    position = await gateway.database.transact(caller.org_id, read)
    if position is None:
        raise not_found("There is no such unit.")
    return position


async def _followed(
    gateway: Gateway, caller: Identity, follower: Follower, read: Position
) -> Position:
    """Follow a unit from where it stood when it was read, or stands where that is outdated."""
    unit_id = read.unit.id
    handed_out = gateway.hub.follow(follower, caller.org_id, unit_id, read.last)
    return read if handed_out <= read.last else await _position(gateway, caller, unit_id)


async def _archive(
    gateway: Gateway, caller: Identity, unit_id: str, cursor: int
) -> list[dict[str, Any]]:
    return await gateway.database.all(
        caller.org_id, "progress.after", unit_id=unit_id, seq=cursor, most=REPLAY_PAGE
    )


def _cursor(resume_after: str | None, position: Position) -> int | None:
    """The number to go on from; None where that is impossible without a gap."""
    text = resume_after if resume_after is not None else "0"
    if not EVENT_ID.fullmatch(text) or int(text) > position.last:
        return None
    cursor = int(text)
    missing = cursor < position.last and not 0 < position.first <= cursor + 1
    return None if missing else cursor


def _reset(gateway: Gateway, position: Position) -> bytes:
    return _event("reset", unit_shape(position.unit, gateway.links), position.last)


def _progress(item: Item, *, numbered: bool = True) -> bytes:
    data = {"unit": item.unit_id, "seq": item.seq, **item.event}
    return _event("progress", data, item.seq if numbered else None)


def _event(name: str, data: Mapping[str, Any], event_id: int | None = None) -> bytes:
    numbered = f"id: {event_id}\n" if event_id is not None else ""
    return f"{numbered}event: {name}\ndata: {json.dumps(data, default=str)}\n\n".encode()


def _observe_lag(gateway: Gateway, event: Mapping[str, Any]) -> None:
    at = event.get("at")
    if isinstance(at, str):
        lag = (datetime.now(UTC) - datetime.fromisoformat(at)).total_seconds()
        gateway.metrics.stream_lag.observe(max(0.0, lag))
