"""Units that wait, without a worker: for an event, for the first of several, or just for a time.

    answer = await wait_for(
        tx, unit_id, "approval", ["page/approved", "page/rejected"],
        match={"data.page": unit_id}, look_back=3600, timeout=7 * 86_400,
    )
    if isinstance(answer, Rest):
        return answer

A line asks within the transaction that decides on its next work (`Line.next_work`). The unit then
rests, and nobody holds it. An event that matches ends the wait in the transaction it takes effect
in and wakes the unit, which asks again and is answered. The answer is kept: asked again, a wait of
this name is answered the same, until something of the unit is made anew on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline_defs import policies
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.flows import event_path
from pipeline_defs.domain.paths import canonical
from pipeline_defs.domain.work import Rest
from pipeline_defs.runtime import control
from pipeline_defs.runtime.arrivals import Event
from pipeline_defs.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Heard:
    """The event that was waited for: the first that came."""

    event: Event


@dataclass(frozen=True, slots=True)
class TimedOut:
    """None came in time: an outcome like any other."""


async def wait_for(
    tx: Transaction,
    unit_id: str,
    name: str,
    events: Sequence[str],
    *,
    match: Mapping[str, Any] | None = None,
    look_back: float = 0.0,
    timeout: float,
) -> Heard | TimedOut | Rest:
    """The first event of these types that matches; a rest while there is none and time is left.

    `match`: values by paths into the event, all of which it has. An event counts if it came at most
    `look_back` seconds before this wait was asked for first, and `timeout` seconds after at most.
    The caller has the unit locked. What is asked for first under a name counts.
    """
    wait = await _get(tx, unit_id, name)
    if wait is None:
        await _begin(tx, unit_id, name, events, match or {}, look_back, timeout)
        wait = await _get(tx, unit_id, name) or {}
        await _look_back(tx, wait, since=wait["since"])
    elif wait["is_to_look_again"]:
        await tx.run("waits.looked_again", unit_id=unit_id, wait=name)
        await _look_back(tx, wait, since=wait["look_again_from"])
    return await _answer(tx, unit_id, name)


async def sleep(tx: Transaction, unit_id: str, name: str, seconds: float) -> Rest | None:
    """A rest until `seconds` after the first call under this name; then None."""
    answer = await wait_for(tx, unit_id, name, [], timeout=seconds)
    return answer if isinstance(answer, Rest) else None


async def hear(tx: Transaction, event: Event) -> list[str]:
    """End the waits that an event ends, and wake their units: whose they are.

    Each wait is ended once: of several events the first.
    """
    paths = [row["path"] for row in await tx.all("waits.open_paths")]
    if not paths:
        return []
    fields = _fields(event)
    if fields is None:
        return []
    values = [canonical(event_path(path).of(fields)) if path else "" for path in paths]
    heard: list[str] = []
    after = ("", "")
    while True:
        rows = await tx.all(
            "waits.open_for",
            event_type=event.type,
            paths=paths,
            values=values,
            after_unit=after[0],
            after_name=after[1],
            most=policies.HEARD_AT_ONCE,
        )
        meant = [row for row in rows if _matches(row["match"], fields)]
        heard += [row["unit_id"] for row in meant if await _end(tx, row, event)]
        if len(rows) < policies.HEARD_AT_ONCE:
            return heard
        after = (rows[-1]["unit_id"], rows[-1]["name"])


async def _end(tx: Transaction, wait: Mapping[str, Any], event: Event) -> bool:
    """End a wait, if no other event did. The unit is locked first, as by whoever asks for it."""
    await tx.one("units.lock", id=wait["unit_id"])
    if not await _heard(tx, wait, event):
        return False
    await control.wake(tx, wait["unit_id"])
    return True


async def _heard(tx: Transaction, wait: Mapping[str, Any], event: Event) -> bool:
    which = {"unit_id": wait["unit_id"], "wait": wait["name"]}
    return bool(await tx.touched("waits.hear", **which, source=event.source, event_id=event.id))


async def _begin(
    tx: Transaction,
    unit_id: str,
    name: str,
    events: Sequence[str],
    match: Mapping[str, Any],
    look_back: float,
    timeout: float,
) -> None:
    if not 0 < timeout <= policies.WAIT_MOST:
        raise ValueError(f"timeout: {timeout} is not above 0 and to {policies.WAIT_MOST}")
    if not 0 <= look_back <= policies.LOOK_BACK_MOST:
        raise ValueError(f"look_back: {look_back} is not from 0 to {policies.LOOK_BACK_MOST}")
    paths = sorted(event_path(path).text for path in match)
    await tx.run(
        "waits.begin",
        unit_id=unit_id,
        wait=name,
        events=list(events),
        match=dict(match),
        path=paths[0] if paths else "",
        value=canonical(match[paths[0]]) if paths else "",
        look_back=look_back,
        timeout=timeout,
    )


async def _get(tx: Transaction, unit_id: str, name: str) -> dict[str, Any] | None:
    row = await tx.one("waits.get", unit_id=unit_id, wait=name, look_again=policies.LOOK_AGAIN)
    if row is not None and row["is_outdated"]:
        await tx.run("waits.forget", unit_id=unit_id, wait=name)
        return None
    return row


async def _look_back(tx: Transaction, wait: Mapping[str, Any], since: datetime) -> None:
    """End a wait by the first event that came already, if one did."""
    after: tuple[datetime, str, str] = (since, "", "")
    while wait["events"]:
        rows = await tx.all(
            "waits.arrived",
            events=wait["events"],
            since=since,
            until=wait["until"],
            after_at=after[0],
            after_source=after[1],
            after_id=after[2],
            most=policies.LOOK_BACK_PAGE,
        )
        for row in rows:
            event = _event(wait["org_id"], row)
            fields = _fields(event)
            if fields is not None and _matches(wait["match"], fields):
                await _heard(tx, wait, event)
                return
        if len(rows) < policies.LOOK_BACK_PAGE:
            return
        after = (rows[-1]["received_at"], rows[-1]["source"], rows[-1]["event_id"])


async def _answer(tx: Transaction, unit_id: str, name: str) -> Heard | TimedOut | Rest:
    wait = await _get(tx, unit_id, name) or {}
    if wait["status"] == "heard":
        row = await tx.one("inbox.get", source=wait["source"], event_id=wait["event_id"]) or {}
        return Heard(_event(wait["org_id"], row))
    if wait["status"] == "timed_out" or wait["is_over"]:
        await tx.run("waits.time_out", unit_id=unit_id, wait=name)
        return TimedOut()
    left = wait["seconds_left"]
    is_settled = wait["looked_again"] or not wait["events"]
    return Rest(left if is_settled else min(left, policies.LOOK_AGAIN))


def _event(org_id: str, row: Mapping[str, Any]) -> Event:
    return Event(org_id, row["source"], row["event_id"], row["event_type"], bytes(row["body"]))


def _fields(event: Event) -> dict[str, Any] | None:
    """None where they cannot be read: nobody has looked at an event of a type without handler."""
    try:
        return event.fields
    except Permanent:
        return None


def _matches(match: Mapping[str, Any], fields: Mapping[str, Any]) -> bool:
    return all(
        canonical(event_path(path).of(fields)) == canonical(value) for path, value in match.items()
    )
