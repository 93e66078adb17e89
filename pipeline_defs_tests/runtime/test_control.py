"""Begin, finish, cancel: in every state, under frozen workers and repeated transactions."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from pipeline_defs.domain.errors import LostClaim, Permanent
from pipeline_defs.runtime import control
from pipeline_defs.runtime.lines import ARTICLE_LINE
from pipeline_defs.storage.database import Database, Transaction
from pipeline_defs_tests.runtime.conftest import ORG, OTHER, Workers

AUDIT = "select action from app.audit_events where action like '%%pipeline%%' order by id"


async def begin(db: Database, unit: str) -> None:
    await db.transact(ORG, lambda tx: control.begin(tx, ARTICLE_LINE, unit, "queued"))


async def finish(db: Database, unit: str, status: str) -> None:
    await db.transact(ORG, lambda tx: control.finish(tx, ARTICLE_LINE, unit, status))


async def cancel(db: Database, unit: str) -> str:
    made = await db.transact(ORG, lambda tx: control.cancel(tx, ARTICLE_LINE, unit, "user"))
    return made.status


async def status_of(db: Database, unit: str) -> tuple[str, bool]:
    row = await db.one(ORG, "units.get", id=unit)
    assert row is not None
    return row["status"], row["cancel_requested_at"] is not None


async def add_sections(db: Database, unit: str, *states: str) -> None:
    """Sections on their way to the given states."""
    path = ("researching", "researched", "writing", "completed")

    async def add(tx: Transaction) -> None:
        for order, state in enumerate(states, 1):
            await tx.run(
                "articles.add_section",
                article_id=unit,
                section_order=order,
                title=f"Section {order}",
                focus="",
                key_points=psycopg.types.json.Jsonb([]),
            )
            for step in path[: path.index(state) + 1]:
                await tx.run(
                    "articles.set_section_status",
                    article_id=unit,
                    section_order=order,
                    status=step,
                    error=None,
                )

    await db.transact(ORG, add)


async def test_cancelled_in_the_queue(db: Database, unit: str, admin: psycopg.Connection) -> None:
    assert await cancel(db, unit) == "cancelled"
    assert await status_of(db, unit) == ("cancelled", False)
    assert [row[0] for row in admin.execute(AUDIT)] == [
        "article.generation.pipeline.started",
        "article.generation.pipeline.completed",
    ]


async def test_cancelled_between_two_runs(
    db: Database, unit: str, count: Callable[..., int]
) -> None:
    await begin(db, unit)
    await add_sections(db, unit, "completed", "writing", "researching")
    assert await cancel(db, unit) == "cancelled"
    assert count("article_sections", "status = 'completed'") == 1
    assert count("article_sections", "status = 'pending'") == 2
    assert count("units", "dispatch_due_at is not null") == 0


@pytest.mark.parametrize("final", ["completed", "failed", "cancelled"])
async def test_what_is_final_stays_as_it_is(db: Database, unit: str, final: str) -> None:
    await begin(db, unit)
    await finish(db, unit, final)
    assert await cancel(db, unit) == final
    assert await status_of(db, unit) == (final, False)


async def test_a_unit_in_work_is_left_to_its_worker(
    db: Database, unit: str, workers: Workers, count: Callable[..., int]
) -> None:
    await workers.on(unit, alive=False)
    await begin(db, unit)
    assert await cancel(db, unit) == "generating"
    assert await status_of(db, unit) == ("generating", True)
    assert count("units", "dispatch_due_at <= now()") == 1  # in case the worker is dead


async def test_a_worker_frozen_past_its_lease_cannot_go_on_with_a_cancelled_unit(
    db: Database, unit: str, workers: Workers, admin: psycopg.Connection
) -> None:
    """It woke up with a valid fence and paid for the rest of an article that was cancelled."""
    frozen = await workers.on(unit, alive=False)
    await begin(db, unit)
    admin.execute("update app.units set claim_expires_at = now() - interval '1 second'")
    assert await cancel(db, unit) == "cancelled"
    with pytest.raises(LostClaim):
        await frozen.progress("write", "started", "still here")


async def test_cancelled_after_the_claim_and_before_the_beginning(
    db: Database, unit: str, workers: Workers
) -> None:
    """The worker believed that it had begun: the move from queued to cancelled was refused."""
    await workers.on(unit, alive=False)
    await db.transact(ORG, lambda tx: control.cancelled(tx, ARTICLE_LINE, unit, "generating"))
    assert await status_of(db, unit) == ("cancelled", False)


async def test_cancelling_twice_is_cancelling_once(
    db: Database, unit: str, admin: psycopg.Connection
) -> None:
    for _ in range(2):
        assert await cancel(db, unit) == "cancelled"
    await db.transact(ORG, lambda tx: control.cancelled(tx, ARTICLE_LINE, unit, "generating"))
    assert len(admin.execute(AUDIT).fetchall()) == 2


async def test_a_wish_to_cancel_ends_with_the_generation(
    db: Database, unit: str, workers: Workers
) -> None:
    """It came too late for one run, and stopped the next one at once."""
    await begin(db, unit)
    await db.run(ORG, "units.request_cancel", id=unit)
    await finish(db, unit, "completed")
    worker = await workers.on(unit, alive=False)
    await worker.transact(lambda tx: control.begin(tx, ARTICLE_LINE, unit, "completed"))
    await worker.progress("outline", "started", "on we go")
    assert worker.claim.stop is None


@pytest.mark.parametrize("claimed_in", ["queued", "completed"])
async def test_beginning_is_repeated_without_harm_when_the_answer_to_the_commit_was_lost(
    db: Database, unit: str, admin: psycopg.Connection, claimed_in: str
) -> None:
    if claimed_in == "completed":
        await begin(db, unit)
        await finish(db, unit, "completed")
        admin.execute("delete from app.audit_events")
    for _ in range(2):
        await db.transact(ORG, lambda tx: control.begin(tx, ARTICLE_LINE, unit, claimed_in))
    assert await status_of(db, unit) == ("generating", False)
    assert len(admin.execute(AUDIT).fetchall()) == 1


async def test_another_organizations_unit_is_not_there(db: Database, unit: str) -> None:
    with pytest.raises(Permanent) as raised:
        await db.transact(OTHER, lambda tx: control.cancel(tx, ARTICLE_LINE, unit, "user"))
    assert raised.value.code == "NOT_FOUND"
    assert await status_of(db, unit) == ("queued", False)


async def test_a_unit_with_work_left_is_due_again_at_once(
    db: Database, unit: str, count: Callable[..., int]
) -> None:
    await begin(db, unit)
    await db.run(ORG, "units.not_due", id=unit)
    assert await db.transact(ORG, lambda tx: control.go_on(tx, ARTICLE_LINE, unit)) is False
    assert count("units", "dispatch_due_at <= now() and status = 'generating'") == 1


async def test_parts_that_move_together_are_counted_once(
    db: Database, unit: str, count: Callable[..., int]
) -> None:
    await add_sections(db, unit, "completed", "researched")

    async def move(tx: Transaction) -> None:
        for part in ("one", "two"):
            control.advance(
                tx, ARTICLE_LINE, unit, stage="write", outcome="finished", message=part, part=part
            )
        assert len(tx.last) == 1

    await db.transact(ORG, move)
    rows = await db.all(ORG, "progress.after", unit_id=unit, seq=1, most=9)
    told = [(row["event"]["part"], row["event"]["percentage"]) for row in rows]
    article = await db.one(ORG, "units.get", id=unit)
    assert article is not None
    percentage = round(100 * article["steps_done"] / article["steps_total"])
    assert 0 < percentage < 100
    assert told == [("one", percentage), ("two", percentage)]
