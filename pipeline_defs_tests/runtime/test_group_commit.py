"""Group commit: transactions of a run that wait for each other become one, and stay themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import psycopg
import pytest

from pipeline_defs import policies
from pipeline_defs.domain.errors import LostClaim, Transient
from pipeline_defs.runtime.group_commit import Commits
from pipeline_defs.runtime.work import UnitWork
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Database, Transaction
from pipeline_defs_tests.runtime.conftest import ORG, OTHER, Workers, new_article
from pipeline_defs_tests.servers import TestDatabase

Count = Callable[..., int]


async def tell(tx: Transaction, unit: str, message: str) -> None:
    """A progress event. A message `bad` breaks its transaction first."""
    if message == "bad":
        await tx.run("units.set_status", id=unit, status="flying", stage=None)
    units.append_progress(tx, unit, stage="t", outcome="finished", message=message)


async def told(db: Database, unit: str) -> list[str]:
    """Messages of the unit's events in order, without those of its creation."""
    rows = await db.all(ORG, "progress.after", unit_id=unit, seq=0, most=1000)
    return [row["event"]["message"] for row in rows if row["event"]["stage"] == "t"]


def commits(admin: psycopg.Connection) -> int:
    """Transactions of this unit that wrote progress, told by the number of their row versions."""
    row = admin.execute("select count(distinct xmin::text) from app.progress_events").fetchone()
    assert row is not None
    return row[0]


async def test_what_waits_is_committed_together_and_in_order(
    workers: Workers, unit: str, db: Database, admin: psycopg.Connection
) -> None:
    work = await workers.on(unit)
    before = commits(admin)
    messages = [str(number) for number in range(40)]
    await asyncio.gather(*(work.transact(lambda tx, m=m: tell(tx, unit, m)) for m in messages))
    assert await told(db, unit) == messages
    assert commits(admin) - before == 1


async def test_one_that_fails_takes_nobody_along(workers: Workers, unit: str, db: Database) -> None:
    work = await workers.on(unit)
    messages = ["1", "2", "bad", "3", "bad", "4"]
    outcomes = await asyncio.gather(
        *(work.transact(lambda tx, m=m: tell(tx, unit, m)) for m in messages),
        return_exceptions=True,
    )
    failed = [isinstance(outcome, psycopg.Error) for outcome in outcomes]
    assert failed == [m == "bad" for m in messages]
    assert await told(db, unit) == ["1", "2", "3", "4"]


async def test_a_lost_claim_is_lost_for_all_that_wait(
    workers: Workers, unit: str, db: Database, admin: psycopg.Connection
) -> None:
    work = await workers.on(unit)
    admin.execute("update app.units set fence = fence + 1 where id = %s", [unit])
    outcomes = await asyncio.gather(
        *(work.transact(lambda tx: tell(tx, unit, "late")) for _ in range(5)),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [LostClaim] * 5
    assert await told(db, unit) == []


async def test_a_slow_statement_of_one_costs_the_others_nothing(
    database: TestDatabase, workers: Workers, unit: str, db: Database
) -> None:
    async def sleep(tx: Transaction) -> None:
        await tx._connection.execute("select pg_sleep(5)")

    claim = (await workers.on(unit)).claim
    async with Database.open(database.app_url, statement_timeout=0.3) as impatient:
        commits = Commits(impatient)
        outcomes = await asyncio.gather(
            commits.run(claim, lambda tx: tell(tx, unit, "1")),
            commits.run(claim, sleep),
            commits.run(claim, lambda tx: tell(tx, unit, "2")),
            return_exceptions=True,
        )
    assert isinstance(outcomes[1], Transient)
    assert outcomes[1].code == "DATABASE_SLOW"
    assert await told(db, unit) == ["1", "2"]


async def test_no_group_is_larger_than_is_allowed(
    workers: Workers,
    unit: str,
    db: Database,
    admin: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(policies, "GROUP_COMMIT_MOST", 10)
    work = await workers.on(unit)
    before = commits(admin)
    await asyncio.gather(*(work.transact(lambda tx: tell(tx, unit, "x")) for _ in range(35)))
    assert len(await told(db, unit)) == 35
    assert commits(admin) - before == 4


async def test_units_of_a_run_are_committed_together(
    workers: Workers, db: Database, admin: psycopg.Connection
) -> None:
    ids = [await new_article(db) for _ in range(5)]
    works = await workers.of_one_run(ids)
    before = commits(admin)
    await asyncio.gather(
        *(w.transact(lambda tx, w=w: tell(tx, w.claim.unit_id, "x")) for w in works)
    )
    assert [await told(db, unit) for unit in ids] == [["x"]] * 5
    assert commits(admin) - before == 1


async def test_a_unit_that_was_taken_over_takes_none_of_its_run_along(
    workers: Workers, db: Database, admin: psycopg.Connection
) -> None:
    ids = [await new_article(db) for _ in range(4)]
    works = await workers.of_one_run(ids)
    admin.execute("update app.units set fence = fence + 1 where id = %s", [ids[1]])
    outcomes = await asyncio.gather(
        *(w.transact(lambda tx, w=w: tell(tx, w.claim.unit_id, "x")) for w in works),
        return_exceptions=True,
    )
    assert [isinstance(o, LostClaim) for o in outcomes] == [False, True, False, False]
    assert [await told(db, unit) for unit in ids] == [["x"], [], ["x"], ["x"]]


async def test_an_older_claim_on_a_unit_commits_nothing_beside_a_newer_one(
    workers: Workers, unit: str, db: Database
) -> None:
    old = (await workers.on(unit, alive=False)).claim
    new = (await workers.on(unit, "run-2", after=("run-1",))).claim
    commits = Commits(db)
    outcomes = await asyncio.gather(
        *(commits.run(c, lambda tx, c=c: tell(tx, unit, str(c.fence))) for c in (old, new)),
        return_exceptions=True,
    )
    assert [isinstance(o, LostClaim) for o in outcomes] == [True, False]
    assert await told(db, unit) == [str(new.fence)]


async def test_a_wish_to_cancel_one_stops_that_one_alone(workers: Workers, db: Database) -> None:
    ids = [await new_article(db) for _ in range(3)]
    works = await workers.of_one_run(ids)
    await db.run(ORG, "units.request_cancel", id=ids[2])
    await asyncio.gather(
        *(w.transact(lambda tx, w=w: tell(tx, w.claim.unit_id, "x")) for w in works)
    )
    assert [w.claim.stop for w in works] == [None, None, "cancelled"]


async def test_organizations_never_share_a_transaction(
    workers: Workers, db: Database, admin: psycopg.Connection
) -> None:
    ids = [await new_article(db), await new_article(db, org=OTHER)]
    works = await workers.of_one_run(ids)
    before = commits(admin)
    await asyncio.gather(
        *(w.transact(lambda tx, w=w: tell(tx, w.claim.unit_id, "x")) for w in works)
    )
    assert commits(admin) - before == 2


class Locked:
    """Somebody else holds the unit's row, so that nobody can commit to it."""

    def __init__(self, admin: psycopg.Connection, unit: str) -> None:
        self._admin, self._unit = admin, unit

    def __enter__(self) -> None:
        self._admin.execute("begin")
        self._admin.execute("select 1 from app.units where id = %s for update", [self._unit])

    def __exit__(self, *_: object) -> None:
        self._admin.execute("commit")


async def waiting(work: UnitWork, unit: str, message: str) -> asyncio.Task[None]:
    """A transaction that was asked for and had the time to begin."""
    task = asyncio.create_task(work.transact(lambda tx: tell(tx, unit, message)))
    await asyncio.sleep(0.1)
    return task


async def is_cancelled(task: asyncio.Task[None]) -> bool:
    """Whether it ends so, and soon."""
    task.cancel()
    await asyncio.wait([task], timeout=1)
    return task.cancelled()


async def test_cancelled_while_it_waits_it_is_never_run(
    workers: Workers, unit: str, db: Database, admin: psycopg.Connection
) -> None:
    work = await workers.on(unit)
    with Locked(admin, unit):
        first = await waiting(work, unit, "first")
        second = await waiting(work, unit, "second")
        third = await waiting(work, unit, "third")
        assert await is_cancelled(second)
    await asyncio.gather(first, third)
    assert await told(db, unit) == ["first", "third"]


async def test_cancelled_in_flight_it_ends_at_once_and_writes_nothing(
    workers: Workers, unit: str, db: Database, admin: psycopg.Connection
) -> None:
    work = await workers.on(unit)
    with Locked(admin, unit):
        first = await waiting(work, unit, "first")
        second = await waiting(work, unit, "second")
        assert await is_cancelled(first)
    await second
    assert await told(db, unit) == ["second"]


async def test_a_group_in_flight_is_finished_for_those_that_still_want_it(
    workers: Workers, unit: str, db: Database, admin: psycopg.Connection
) -> None:
    work = await workers.on(unit)
    with Locked(admin, unit):
        blocker = await waiting(work, unit, "blocker")
        pair = [await waiting(work, unit, "a"), await waiting(work, unit, "b")]
        assert await is_cancelled(blocker)  # now the pair is in flight
        await asyncio.sleep(0.1)
        pair[0].cancel()
        await asyncio.sleep(0.1)
        assert not pair[0].done()  # it may be committed: that is waited for
    await pair[1]
    await asyncio.wait([pair[0]], timeout=1)
    assert pair[0].cancelled()
    assert await told(db, unit) == ["a", "b"]
