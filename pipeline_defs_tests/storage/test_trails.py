"""Progress is numbered without gaps; the audit trail only grows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import psycopg
import pytest

from pipeline_defs import policies
from pipeline_defs.storage import purging
from pipeline_defs.storage import units as unit_storage
from pipeline_defs.storage.database import Database, ProgressEvent, Transaction
from pipeline_defs_tests.servers import TestDatabase


def append(unit: str, number: int) -> Callable[[Transaction], Awaitable[None]]:
    async def work(tx: Transaction) -> None:
        unit_storage.append_progress(tx, unit, stage="s", outcome="finished", message=str(number))

    return work


async def test_progress_is_numbered_without_gaps_under_concurrency_and_failures(
    database: TestDatabase, units: dict[str, str]
) -> None:
    unit = units["acme"]
    announced: list[ProgressEvent] = []

    async def announce(org_id: str, events: list[ProgressEvent]) -> None:
        announced.extend(events)

    async with Database.open(database.app_url, announce=announce) as db:
        before = await db.one("acme", "progress.bounds", unit_id=unit)
        assert before is not None

        async def one(number: int) -> None:
            async def work(tx: Transaction) -> None:
                await append(unit, number)(tx)
                if number % 5 == 0:
                    raise ValueError("rolled back")

            await db.transact("acme", work)

        outcomes = await asyncio.gather(*[one(n) for n in range(50)], return_exceptions=True)
        assert sum(isinstance(outcome, ValueError) for outcome in outcomes) == 10
        rows = await db.all("acme", "progress.after", unit_id=unit, seq=0, most=1000)
    numbers = [row["seq"] for row in rows]
    assert numbers == list(range(1, before["last_seq"] + 41))
    assert sorted(event.seq for event in announced) == numbers[-40:]


async def test_the_audit_trail_cannot_be_changed(db: Database, units: dict[str, str]) -> None:
    for statement in (
        "update app.audit_events set actor = 'nobody'",
        "delete from app.audit_events",
        "truncate app.audit_events",
    ):

        async def change(tx: Transaction, statement: str = statement) -> None:
            await tx._connection.execute(statement)

        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await db.transact("acme", change)
    trail = await db.all("acme", "audit.of_unit", unit_id=units["acme"])
    assert [row["action"] for row in trail] == ["articles.created"]


async def test_old_progress_leaves_and_the_numbers_go_on(
    db: Database, units: dict[str, str], admin: psycopg.Connection
) -> None:
    unit = units["acme"]
    admin.execute("update app.progress_events set created_at = now() - interval '31 days'")
    assert await purging.progress(db) == len(units)
    await db.transact("acme", append(unit, 2))
    rows = await db.all("acme", "progress.after", unit_id=unit, seq=0, most=9)
    assert [row["seq"] for row in rows] == [2]


async def test_bodies_of_settled_events_go_in_batches_and_their_ids_stay(
    db: Database, units: dict[str, str], admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is not settled stays however old it is, as does one that a unit waited for."""
    monkeypatch.setattr(policies, "ROWS_PURGED_AT_ONCE", 2)
    for number in range(9):
        status, age = ("received", 100) if number == 0 else ("done", 89 if number == 1 else 100)
        admin.execute(
            "insert into app.inbox (org_id, source, event_id, event_type, body, body_hash, status,"
            " received_at) values ('acme', 'shop', %s, 't', 'x', '', %s,"
            " now() - make_interval(days => %s))",
            [str(number), status, age],
        )
    admin.execute(
        "insert into app.waits (org_id, unit_id, name, generation, events, match, path, value,"
        " since, until, status, source, event_id)"
        " values ('acme', %s, 'w', 0, '{t}', '{}', '', '', now(), now(), 'heard', 'shop', '2')",
        [units["acme"]],
    )
    assert await purging.inbox(db) == 6
    rows = admin.execute("select event_id, body = 'x' from app.inbox order by event_id").fetchall()
    assert rows == [(str(number), number < 3) for number in range(9)]


async def test_a_text_postgres_refuses_does_not_break_progress(
    db: Database, units: dict[str, str]
) -> None:
    """A provider's error message with a NUL failed the very transaction that recorded the error."""

    async def work(tx: Transaction) -> None:
        unit_storage.append_progress(
            tx,
            units["acme"],
            stage="s",
            outcome="failed",
            message="a\x00b \udc00",
            error={"m": "\x00"},
        )

    await db.transact("acme", work)
    rows = await db.all("acme", "progress.after", unit_id=units["acme"], seq=1, most=1)
    assert rows[0]["event"]["message"] == "ab "
