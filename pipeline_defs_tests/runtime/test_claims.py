"""Claims: one worker at a time, and only the newest may commit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from decimal import Decimal

import psycopg
import pytest

from pipeline_defs.domain.errors import LostClaim
from pipeline_defs.runtime.claims import Claims, guard
from pipeline_defs.runtime.work import Made
from pipeline_defs.storage import database as database_module
from pipeline_defs.storage.database import Database, Transaction
from pipeline_defs_tests.runtime.conftest import ORG, Workers, new_article
from pipeline_defs_tests.servers import PostgresForTests, TestDatabase

END_SESSIONS = (
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'pipeline_app'"
)
MADE = Made("section_research", "p/01", "v1", "c1", "h1", cost_usd=Decimal("0.01"))


async def test_of_many_claimers_exactly_one_gets_the_unit(
    db: Database, unit: str, quick_claims: None
) -> None:
    async def claim(number: int) -> bool:
        async with Claims.open(db, f"run-{number}", ()) as claims:
            if await claims.take(unit) is None:
                return False
            await asyncio.sleep(2)  # longer than the others wait for a dead one's lease
            return True

    assert sum(await asyncio.gather(*[claim(number) for number in range(20)])) == 1


async def test_a_unit_that_does_not_exist_is_not_waited_for(db: Database) -> None:
    async with Claims.open(db, "run-1", ()) as claims:
        started = time.monotonic()
        assert await claims.take("article-20260101-nosuchxx") is None
        assert time.monotonic() - started < 1


async def test_the_fence_grows_with_every_claim(db: Database, unit: str) -> None:
    fences = []
    runs: list[str] = []
    for number in range(5):
        run = f"run-{number}"
        claim = await Claims(db, run, runs).take(unit)
        assert claim is not None
        fences.append(claim.fence)
        runs.append(run)
    assert fences == sorted(set(fences))


async def test_the_retry_of_a_run_takes_over_at_once(workers: Workers, unit: str) -> None:
    first = await workers.on(unit, "run-1", alive=False)
    started = time.monotonic()
    await workers.on(unit, "run-2", after=("run-1",))
    assert time.monotonic() - started < 1
    with pytest.raises(LostClaim):
        await first.progress("research", "started", "too late")


async def test_a_frozen_holder_is_taken_over_and_leaves_no_trace(
    workers: Workers, unit: str, quick_claims: None, count: Callable[..., int]
) -> None:
    """Fault 51: stopped past its lease, then continued."""
    frozen = await workers.on(unit, "run-1", alive=False)
    started = time.monotonic()
    successor = await workers.on(unit, "run-2")
    assert time.monotonic() - started < 3
    tables = ("ledger", "usage", "asset_versions", "progress_events", "audit_events")
    before = [count(table) for table in tables]

    async def put(tx: Transaction) -> None:
        await tx.run("units.set_title", id=unit, title="stale")

    with pytest.raises(LostClaim):
        await frozen.store(MADE, put)
    with pytest.raises(LostClaim):
        await frozen.progress("research", "finished", "stale")
    assert [count(table) for table in tables] == before
    assert count("units", "title = 'stale'") == 0
    await successor.store(MADE)
    assert count("asset_versions") == 1


async def test_a_holder_that_lost_its_unit_is_stopped_by_its_heartbeat(
    workers: Workers, db: Database, unit: str, quick_claims: None
) -> None:
    first = await workers.on(unit, "run-1")
    first.claim.task = asyncio.create_task(asyncio.sleep(30))
    await workers.on(unit, "run-2", after=("run-1",))
    await asyncio.wait([first.claim.task], timeout=2)
    assert first.claim.task.cancelled()
    assert first.claim.stop == "lost"


@pytest.mark.parametrize("by", ["heartbeat", "commit"])
async def test_a_holder_learns_that_its_unit_was_edited(
    workers: Workers, db: Database, unit: str, quick_claims: None, by: str
) -> None:
    work = await workers.on(unit, "run-1", alive=by == "heartbeat")
    before = work.claim.edits
    await db.run(ORG, "units.touch", id=unit)
    if by == "commit":
        assert work.claim.edits == before
        await work.progress("research", "started", "at work")
    async with asyncio.timeout(2):
        while work.claim.edits != before + 1:
            await asyncio.sleep(0.02)


async def test_a_worker_frozen_inside_a_transaction_does_not_keep_the_unit_locked(
    database: TestDatabase,
    db: Database,
    unit: str,
    quick_claims: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stopped by SIGSTOP between two statements it kept the row lock: nobody could take the unit
    over or cancel it until the process was killed."""
    monkeypatch.setattr(database_module, "IDLE_IN_TRANSACTION", 0.5)
    async with Database.open(database.app_url) as frozen_db:
        frozen = await Claims(frozen_db, "run-1", ()).take(unit)
        assert frozen is not None
        inside = asyncio.Event()

        async def freeze(tx: Transaction) -> None:
            await guard(tx, [frozen])
            inside.set()
            await asyncio.sleep(2)
            await tx.run("units.set_title", id=unit, title="stale")

        commit = asyncio.create_task(frozen_db.transact(ORG, freeze))
        await inside.wait()
        started = time.monotonic()
        successor = await Claims(db, "run-2", ("run-1",)).take(unit)
        assert successor is not None
        assert time.monotonic() - started < 1.5
        with pytest.raises(LostClaim):
            await commit


@pytest.mark.parametrize("death", ["kill", "restart"])
async def test_claims_survive_a_restart_of_postgres(
    postgres_server: PostgresForTests,
    db: Database,
    workers: Workers,
    unit: str,
    quick_claims: None,
    death: str,
) -> None:
    """The lease runs out meanwhile; as nobody took the unit, it is extended."""
    holder = await workers.on(unit)
    holder.claim.task = asyncio.create_task(asyncio.sleep(60))
    try:
        if death == "kill":
            postgres_server.kill()
            await asyncio.sleep(1.2)
            await asyncio.to_thread(postgres_server.start)
        else:
            await asyncio.to_thread(postgres_server.restart)
        await holder.store(MADE)
        await asyncio.sleep(0.5)
        claimed = await db.one(ORG, "units.is_claimed", id=unit)
        assert claimed is not None
        assert claimed["claimed"]
        assert holder.claim.stop is None
    finally:
        holder.claim.task.cancel()


async def test_a_lease_that_ran_out_is_extended_when_nobody_took_the_unit(
    db: Database, unit: str, admin: psycopg.Connection, quick_claims: None
) -> None:
    async with Claims.open(db, "run-1", ()) as claims:
        claim = await claims.take(unit)
        assert claim is not None
        admin.execute("update app.units set claim_expires_at = now() - interval '1 minute'")
        await asyncio.sleep(0.5)
        claimed = await db.one(ORG, "units.is_claimed", id=unit)
        assert claimed is not None
        assert claimed["claimed"]
        assert claim.stop is None


async def test_the_heartbeat_outlives_a_failover_to_a_read_only_server(
    database: TestDatabase, db: Database, unit: str, admin: psycopg.Connection, quick_claims: None
) -> None:
    """An error that was not expected ended the heartbeat for good, without a word."""
    async with (
        Database.open(database.app_url, patience=0.2) as own,
        Claims.open(own, "run-1", ()) as claims,
    ):
        claim = await claims.take(unit)
        assert claim is not None
        admin.execute("alter role pipeline_app set default_transaction_read_only = on")
        try:
            admin.execute(END_SESSIONS)
            await asyncio.sleep(1.0)
        finally:
            admin.execute("alter role pipeline_app reset default_transaction_read_only")
            admin.execute(END_SESSIONS)
        await asyncio.sleep(1.0)
        claimed = await db.one(ORG, "units.is_claimed", id=unit)
        assert claimed is not None
        assert claimed["claimed"]


async def test_a_wish_to_cancel_is_seen_within_two_seconds(
    db: Database, workers: Workers, unit: str
) -> None:
    """Contract E, with the product's own heartbeat."""
    holder = await workers.on(unit)
    holder.claim.task = asyncio.create_task(asyncio.sleep(30))
    await asyncio.sleep(0.1)
    await db.run(ORG, "units.request_cancel", id=unit)
    await asyncio.wait([holder.claim.task], timeout=2)
    assert holder.claim.task.cancelled()
    assert holder.claim.stop == "cancelled"


async def test_a_commit_sees_the_wish_to_cancel_and_stores_nothing(
    db: Database, workers: Workers, unit: str, count: Callable[..., int]
) -> None:
    holder = await workers.on(unit, alive=False)
    await db.run(ORG, "units.request_cancel", id=unit)
    holder.claim.task = asyncio.create_task(holder.store(MADE))
    with pytest.raises(asyncio.CancelledError):
        await holder.claim.task
    assert count("asset_versions") == 0


async def test_one_heartbeat_renews_many_units(
    db: Database, quick_claims: None, count: Callable[..., int]
) -> None:
    units = [await new_article(db) for _ in range(8)]
    async with Claims.open(db, "run-1", ()) as claims:
        for unit in units:
            assert await claims.take(unit)
        await asyncio.sleep(1.5)
        assert count("units", "claim_expires_at > now()") == len(units)
