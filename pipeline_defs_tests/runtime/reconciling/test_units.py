"""Units nobody would look at again, and those that somebody only says to work on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from pipeline_defs import policies
from pipeline_defs.domain.errors import LostClaim
from pipeline_defs.domain.pages.requests import PageRequest
from pipeline_defs.runtime import control, waiting
from pipeline_defs.runtime.claims import Claims
from pipeline_defs.runtime.lines import ARTICLE_LINE, LINES
from pipeline_defs.runtime.reconciling import units
from pipeline_defs.runtime.reconciling.world import World
from pipeline_defs.storage import pages
from pipeline_defs.storage.database import Database
from pipeline_defs_tests.runtime.conftest import ORG, Workers, new_article
from pipeline_defs_tests.runtime.reconciling.conftest import numbers

OLD = "now() - interval '1 day'"
PAGE = PageRequest(
    page_type="guide", target_url="https://shop.example/x", keywords=["tents"], language="en"
)


def forget(admin: psycopg.Connection, unit: str, attempts: int = 0) -> None:
    """The unit is in work and not due: what a faulty writer or a restored backup leaves behind."""
    admin.execute(
        f"update app.units set dispatch_due_at = null, updated_at = {OLD}, "  # noqa: S608
        "dispatch_attempts = %s where id = %s",
        [attempts, unit],
    )


async def test_a_forgotten_unit_is_due_again_and_its_tries_still_count(
    world: World, unit: str, admin: psycopg.Connection, of_unit: Callable[..., Any]
) -> None:
    forget(admin, unit, attempts=3)
    assert numbers(await units.look(world), "units_forgotten") == {"found": 1, "repaired": 1}
    assert of_unit(unit, "dispatch_due_at <= now()")
    assert of_unit(unit, "dispatch_attempts") == 3
    assert numbers(await units.look(world), "units_forgotten") == {}


async def test_a_forgotten_unit_with_a_worker_is_left_to_it(
    world: World, unit: str, workers: Workers, admin: psycopg.Connection, of_unit: Any
) -> None:
    await workers.on(unit)
    forget(admin, unit)
    assert numbers(await units.look(world), "units_forgotten") == {}
    assert of_unit(unit, "dispatch_due_at") is None


async def test_a_page_in_the_queue_is_not_forgotten_but_one_whose_run_died_is(
    world: World, db: Database, admin: psycopg.Connection, of_unit: Callable[..., Any]
) -> None:
    waits, lost, present = [
        await db.transact(ORG, lambda tx: pages.create(tx, PAGE, "tester")) for _ in range(3)
    ]
    admin.execute(f"update app.units set updated_at = {OLD}")  # noqa: S608
    for page, seen in ((lost, OLD), (present, "now()")):  # a run was started for both by hand
        admin.execute(
            f"update app.generation_queue set admitted_at = {OLD}, present_at = {seen} "  # noqa: S608
            "where id = %s",
            [page],
        )
    assert numbers(await units.look(world), "units_forgotten") == {"found": 1, "repaired": 1}
    assert [of_unit(page, "dispatch_due_at is not null") for page in (waits, lost, present)] == [
        False,
        True,
        False,
    ]


async def test_a_unit_asleep_beyond_any_rest_is_woken_but_not_one_that_waits_for_an_event(
    world: World, db: Database, admin: psycopg.Connection, of_unit: Callable[..., Any]
) -> None:
    """The clock was a day ahead when it went to rest."""
    asleep, waits, rests = [await new_article(db) for _ in range(3)]
    await db.transact(
        ORG, lambda tx: waiting.wait_for(tx, waits, "approval", ["x/y"], timeout=86_400)
    )
    for unit in (asleep, waits):
        admin.execute(
            "update app.units set dispatch_due_at = now() + interval '1 day' where id = %s", [unit]
        )
    await db.run(ORG, "units.make_due", id=rests, delay=policies.REST_MOST)
    assert numbers(await units.look(world), "units_overslept") == {"found": 1, "repaired": 1}
    assert [of_unit(unit, "dispatch_due_at <= now()") for unit in (asleep, waits, rests)] == [
        True,
        False,
        False,
    ]


async def test_units_the_dispatcher_does_not_get_to_are_told(
    world: World, unit: str, admin: psycopg.Connection
) -> None:
    admin.execute("update app.units set dispatch_due_at = now() - interval '1 hour'")
    assert numbers(await units.look(world), "units_overdue") == {"found": 1}


def long_ago(admin: psycopg.Connection, unit: str, *, claimed: float, news: float) -> None:
    """In deadlines of the line."""
    seconds = ARTICLE_LINE.deadline
    admin.execute(
        "update app.units set claimed_at = now() - make_interval(secs => %s), "
        "updated_at = now() - make_interval(secs => %s) where id = %s",
        [claimed * seconds, news * seconds, unit],
    )
    admin.execute(
        "update app.progress_events set created_at = now() - make_interval(secs => %s) "
        "where unit_id = %s",
        [news * seconds, unit],
    )


async def test_a_hung_worker_loses_its_unit_and_the_unit_fails_with_the_reason(
    world: World, unit: str, workers: Workers, admin: psycopg.Connection, of_unit: Any
) -> None:
    work = await workers.on(unit)
    long_ago(admin, unit, claimed=2.1, news=2.1)
    assert numbers(await units.look(world), "units_hung") == {"found": 1, "failed": 1}
    assert of_unit(unit, "status") == "failed"
    error = of_unit(unit, "error")
    assert (error["code"], error["retryable"]) == ("WORKER_HUNG", True)
    assert "resume" in error["advice"]
    with pytest.raises(LostClaim):
        await work.progress("late", "finished", "too late")
    assert numbers(await units.look(world), "units_hung") == {}


@pytest.mark.parametrize(("claimed", "news"), [(0.0, 9.0), (1.9, 1.9), (9.0, 0.1)])
async def test_a_worker_that_began_just_now_or_has_news_is_not_hung(
    world: World,
    unit: str,
    workers: Workers,
    admin: psycopg.Connection,
    claimed: float,
    news: float,
) -> None:
    """A page may have waited for days when its run claims it in this very moment."""
    work = await workers.on(unit)
    long_ago(admin, unit, claimed=claimed, news=news)
    assert numbers(await units.look(world), "units_hung") == {}
    await work.progress("writing", "finished", "still here")


async def test_a_hung_unit_that_was_given_back_meanwhile_is_not_failed(
    db: Database, unit: str, workers: Workers, of_unit: Callable[..., Any]
) -> None:
    """It was found as hung, and its worker went on before it was ended."""
    work = await workers.on(unit)
    fence = work.claim.fence
    await db.run(ORG, "units.release_claim", id=unit, fence=fence)
    line = LINES["articles"]
    ended = await db.transact(ORG, lambda tx: units._give_up(tx, line, unit, fence))
    assert ended == 0
    assert of_unit(unit, "status") == "queued"


async def test_runs_that_claim_in_the_moment_of_a_pass_are_never_robbed(
    world: World, db: Database, admin: psycopg.Connection
) -> None:
    found = [await new_article(db) for _ in range(12)]
    for unit in found:
        forget(admin, unit)

    async def work(unit: str) -> None:
        async with Claims.open(db, f"run-of-{unit}", ()) as claims:
            claim = await claims.take(unit)
            assert claim is not None
            await db.transact(ORG, lambda tx: control.begin(tx, ARTICLE_LINE, unit, "queued"))
            rows = await db.all(ORG, "units.fenced", ids=[unit], fences=[claim.fence])
            assert len(rows) == 1

    await asyncio.gather(*[work(unit) for unit in found], units.look(world), units.look(world))
    states = admin.execute("select distinct status from app.units").fetchall()
    assert states == [("generating",)]
