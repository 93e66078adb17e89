"""Transactions while Postgres misbehaves."""

from __future__ import annotations

import asyncio
import time

import psycopg
import pytest

from pipeline_defs import policies
from pipeline_defs.domain.errors import Transient
from pipeline_defs.storage.database import Database, Transaction
from pipeline_defs.storage.unsent import Returned
from pipeline_defs_tests.servers import PostgresForTests


async def test_a_transaction_waits_out_a_restart(
    postgres_server: PostgresForTests, db: Database, units: dict[str, str]
) -> None:
    restart = asyncio.create_task(asyncio.to_thread(postgres_server.restart))
    for number in range(20):
        await db.run("acme", "units.set_title", id=units["acme"], title=str(number))
        await asyncio.sleep(0.02)
    await restart
    row = await db.one("acme", "units.get", id=units["acme"])
    assert row is not None
    assert row["title"] == "19"


async def test_sessions_ended_at_random_lose_no_committed_work(
    db: Database, units: dict[str, str], admin: psycopg.Connection
) -> None:
    """Fault 57."""
    done = 0
    stop = time.monotonic() + 1.5

    async def write() -> None:
        nonlocal done
        while time.monotonic() < stop:
            await db.run(
                "acme", "ledger.raise_generation", unit_id=units["acme"], asset="a", partition="p"
            )
            done += 1

    writers = [asyncio.create_task(write()) for _ in range(3)]
    kills = 0
    while time.monotonic() < stop:
        await asyncio.sleep(0.1)
        kills += await asyncio.to_thread(
            lambda: admin.execute(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity "
                "where usename = 'pipeline_app' and datname = current_database()"
            ).fetchone()[0]
        )
    await asyncio.gather(*writers)
    row = await db.one("acme", "ledger.generation", asset="a", partition="p")
    assert row is not None
    assert kills > 5
    assert done <= row["generation"] <= done + kills  # a commit whose answer was lost is repeated


async def test_an_absent_database_is_a_transient_failure_within_the_patience() -> None:
    async with Database.open("postgresql://nobody@127.0.0.1:9/none", patience=0.5) as db:
        started = time.monotonic()
        with pytest.raises(Transient) as raised:
            await db.one(None, "gateway.ready")
    assert raised.value.code == "DATABASE_UNAVAILABLE"
    assert time.monotonic() - started < 5


async def test_a_deadlock_is_tried_again(db: Database, units: dict[str, str]) -> None:
    second = await db.transact("acme", lambda tx: _another(tx))
    both = asyncio.Barrier(2)
    tries = 0

    async def swap(first: str, then: str) -> None:
        nonlocal tries
        met = False

        async def work(tx: Transaction) -> None:
            nonlocal met, tries
            tries += 1
            await tx.one("units.lock", id=first)
            if not met:
                met = True
                await both.wait()
            await tx.one("units.lock", id=then)

        await db.transact("acme", work)

    await asyncio.gather(swap(units["acme"], second), swap(second, units["acme"]))
    assert tries == 3


async def _another(tx: Transaction) -> str:
    from pipeline_defs.domain.articles.models import ArticleRequest
    from pipeline_defs.storage import articles

    return await articles.create(tx, ArticleRequest(topic="Tea", sections=1), "tester")


async def test_a_statement_nobody_asked_of_fails_the_next_that_is_asked_for(
    db: Database, units: dict[str, str]
) -> None:
    async def work(tx: Transaction) -> None:
        await tx.run("units.set_title", id=units["acme"], title="written")
        await tx.run("units.set_status", id=units["acme"], status="flying", stage=None)
        await tx.one("units.get", id=units["acme"])

    with pytest.raises(psycopg.errors.CheckViolation):
        await db.transact("acme", work)
    row = await db.one("acme", "units.get", id=units["acme"])
    assert row is not None
    assert row["title"] != "written"


async def test_the_last_statement_fails_the_commit(db: Database, units: dict[str, str]) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        await db.run("acme", "units.set_status", id=units["acme"], status="flying", stage=None)


async def test_statements_take_effect_in_order_however_many_are_unsent(
    db: Database, units: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "STATEMENTS_SENT_TOGETHER", 4)

    async def work(tx: Transaction) -> str:
        for number in range(11):
            await tx.run("units.set_title", id=units["acme"], title=str(number))
        row = await tx.one("units.get", id=units["acme"])
        assert row is not None
        await tx.run("units.set_title", id=units["acme"], title="after")
        return row["title"]

    assert await db.transact("acme", work) == "10"
    row = await db.one("acme", "units.get", id=units["acme"])
    assert row is not None
    assert row["title"] == "after"


async def test_what_is_written_row_by_row_returns_all_its_rows_after_the_commit(
    db: Database, units: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "STATEMENTS_SENT_TOGETHER", 4)

    async def work(tx: Transaction) -> list[Returned]:
        return [
            await tx.each(
                "ledger.start",
                about=step,
                unit_id=units["acme"],
                partition="p",
                step=step,
                input_hash="h",
                fence=1,
                run_id="r",
            )
            for step in ("one", "two", "one", "three", "four", "five")
        ]

    told = await db.transact("acme", work)
    tries = [
        next(row["tries"] for row in returned.rows if row["step"] == step)
        for step, returned in zip(("one", "two", "one", "three", "four", "five"), told, strict=True)
    ]
    assert tries == [1, 1, 2, 1, 1, 1]
