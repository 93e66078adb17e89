"""From due units to launches: each unit once, and those that begin alike share a run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import psycopg
import pytest

from pipeline_defs import policies
from pipeline_defs.domain.work import Work
from pipeline_defs.runtime import control
from pipeline_defs.runtime.dagster.graphql import FoundRun
from pipeline_defs.runtime.dispatch import Due, grouped, mark, take_due
from pipeline_defs.runtime.lines import ARTICLE_LINE, LINES
from pipeline_defs.storage.database import Database
from pipeline_defs_tests.runtime.conftest import ORG, OTHER, Workers, new_article
from pipeline_defs_tests.servers import TestDatabase

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Runs:
    """Dagster as the dispatcher sees it: the runs of an earlier dispatch."""

    def __init__(self, *found: FoundRun) -> None:
        self.found = list(found)

    async def runs_tagged(self, key: str, value: str, limit: int = 10) -> list[FoundRun]:
        return self.found


def due(number: int, job: str = "plan_article", *, first: bool = True, part: str = "") -> Due:
    unit = f"article-{number:03}"
    return Due(ORG, unit, ARTICLE_LINE, Work(job, ("a",), "articles", (unit + part,)), first, NOW)


async def test_dispatchers_at_once_take_each_unit_once(
    database: TestDatabase, db: Database
) -> None:
    units = [await new_article(db, org=org) for org in (ORG, OTHER) for _ in range(20)]
    async with AsyncExitStack() as stack:
        databases = [
            await stack.enter_async_context(Database.open(database.app_url)) for _ in range(4)
        ]
        taken = await asyncio.gather(
            *[take_due(one, LINES, Runs(), most=25) for one in databases for _ in range(3)]
        )
    found = [d.unit_id for share in taken for d in share]
    assert sorted(found) == sorted(units)


async def test_units_of_a_dispatcher_that_died_are_taken_again(
    db: Database, unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "DISPATCH_CLAIM_LEASE", 0.2)
    assert len(await take_due(db, LINES, Runs(), most=10)) == 1
    assert await take_due(db, LINES, Runs(), most=10) == []
    await asyncio.sleep(0.3)
    assert len(await take_due(db, LINES, Runs(), most=10)) == 1


async def test_a_unit_somebody_works_on_is_not_dispatched(
    db: Database, unit: str, workers: Workers
) -> None:
    await workers.on(unit, alive=False)
    assert await take_due(db, LINES, Runs(), most=10) == []


async def test_a_unit_whose_run_may_still_do_it_waits(
    db: Database, unit: str, count: Callable[..., int], admin: psycopg.Connection
) -> None:
    launch = grouped(await take_due(db, LINES, Runs(), most=10))[0]
    await mark(db, launch)
    for run, taken in (
        (FoundRun("r", "QUEUED", None), 0),
        (FoundRun("r", "FAILURE", time.time() - 1), 0),
        (FoundRun("r", "FAILURE", time.time() - 60), 1),
    ):
        admin.execute("update app.units set dispatch_due_at = now()")
        assert len(await take_due(db, LINES, Runs(run), most=10)) == taken
        assert count("units", "dispatch_due_at > now()") == 1


async def test_a_wish_to_cancel_is_fulfilled_where_the_worker_is_dead(
    db: Database, unit: str, workers: Workers, admin: psycopg.Connection
) -> None:
    """The dead worker's run counted as running for another minute, and the unit with it."""
    await mark(db, grouped(await take_due(db, LINES, Runs(), most=10))[0])
    await workers.on(unit, alive=False)
    await db.transact(ORG, lambda tx: control.begin(tx, ARTICLE_LINE, unit, "queued"))
    await db.transact(ORG, lambda tx: control.cancel(tx, ARTICLE_LINE, unit, "user"))
    running = Runs(FoundRun("r", "STARTED", None))
    assert await take_due(db, LINES, running, most=10) == []
    admin.execute("update app.units set claim_expires_at = now() - interval '1 second'")
    assert await take_due(db, LINES, running, most=10) == []
    assert admin.execute("select status from app.units").fetchone() == ("cancelled",)


async def test_a_unit_that_does_not_get_on_fails_with_the_reason(
    db: Database, unit: str, admin: psycopg.Connection
) -> None:
    admin.execute("update app.units set dispatch_attempts = %s", [policies.DISPATCH_MAX_ATTEMPTS])
    assert await take_due(db, LINES, Runs(), most=10) == []
    row = admin.execute(
        "select status, error ->> 'code', dispatch_due_at from app.units"
    ).fetchone()
    assert row == ("failed", "DISPATCH_EXHAUSTED", None)


async def test_a_final_unit_that_is_due_by_mistake_is_put_to_rest(
    db: Database, unit: str, admin: psycopg.Connection
) -> None:
    await db.transact(ORG, lambda tx: control.cancel(tx, ARTICLE_LINE, unit, "user"))
    admin.execute("update app.units set dispatch_due_at = now()")
    assert await take_due(db, LINES, Runs(), most=10) == []
    assert admin.execute("select status, dispatch_due_at from app.units").fetchone() == (
        "cancelled",
        None,
    )


def test_first_steps_of_many_units_share_a_run() -> None:
    units = [due(number) for number in range(policies.DISPATCH_UNITS_PER_RUN + 7)]
    launches = grouped(units)
    assert [len(launch.units) for launch in launches] == [policies.DISPATCH_UNITS_PER_RUN, 7]
    for launch in launches:
        assert launch.work.partitions == tuple(d.unit_id for d in launch.units)
    assert len({launch.token for launch in launches}) == 2


def test_later_steps_and_retries_have_a_run_of_their_own() -> None:
    launches = grouped(
        [due(1, first=False), due(2, first=False), due(3, part="/01"), due(4, part="/01")]
    )
    assert sorted(len(launch.units) for launch in launches) == [1, 1, 1, 1]
    assert {d.unit_id for launch in launches for d in launch.units} == {
        f"article-{number:03}" for number in (1, 2, 3, 4)
    }


def test_other_jobs_and_other_assets_do_not_share_a_run() -> None:
    """The whole run would make the assets of its first unit."""
    other = Due(
        ORG,
        "article-009",
        ARTICLE_LINE,
        Work("plan_article", ("b",), "articles", ("article-009",)),
        True,
        NOW,
    )
    launches = grouped([due(1), due(2, job="assemble_article"), other, due(3)])
    made = sorted((launch.work.job, launch.work.assets, len(launch.units)) for launch in launches)
    assert made == [
        ("assemble_article", ("a",), 1),
        ("plan_article", ("a",), 2),
        ("plan_article", ("b",), 1),
    ]


def test_nothing_due_nothing_launched() -> None:
    assert grouped([]) == []
