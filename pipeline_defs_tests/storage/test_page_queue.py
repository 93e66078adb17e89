"""The queue of pages: who is next, over priorities, ages and organizations."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.pages.requests import PageRebuild, PageRequest
from pipeline_defs.runtime import control
from pipeline_defs.runtime.lines import PAGE_LINE
from pipeline_defs.storage import page_queue, pages
from pipeline_defs.storage.database import Database, Transaction

AT_ONCE = 4


def request(name: str = "tents", **more: Any) -> PageRequest:
    return PageRequest.model_validate(
        {"page_type": "category", "target_url": f"https://shop.example/{name}", **more}
    )


async def queued(db: Database, *requests: PageRequest, org: str = "acme") -> list[str]:
    return [await db.transact(org, lambda tx, r=r: pages.create(tx, r, "tester")) for r in requests]


async def job(db: Database, page_id: str, org: str = "acme") -> dict[str, Any]:
    row = await db.one(org, "page_queue.get", id=page_id)
    assert row is not None
    return row


async def turns(db: Database, present: list[str], at_once: int = AT_ONCE) -> set[str]:
    given = await page_queue.take_turns(db, present, at_once)
    return {page_id for page_id, go in given.items() if go}


async def begin(db: Database, page_id: str, org: str = "acme") -> None:
    await db.transact(org, lambda tx: control.begin(tx, PAGE_LINE, page_id, "queued"))


async def end(db: Database, page_id: str, status: str = "completed", org: str = "acme") -> None:
    await db.transact(org, lambda tx: control.finish(tx, PAGE_LINE, page_id, status))


async def in_turn(db: Database, ids: dict[str, str], at_once: int = 1) -> list[str]:
    """The order in which pages begin when a run waits with all of them; ids -> organization."""
    waiting, order = dict(ids), []
    while waiting:
        given = await turns(db, list(waiting), at_once)
        assert given, "nobody is next"
        for page_id in given:
            org = waiting.pop(page_id)
            order.append(page_id)
            await begin(db, page_id, org)
            await end(db, page_id, org=org)
    return order


async def test_pages_begin_by_priority_then_score_then_age(db: Database) -> None:
    low, old, scored, new, high = await queued(
        db,
        request("low", priority="LOW"),
        request("old", priority="NORMAL"),
        request("scored", priority="NORMAL", metadata={"monthly_searches": 50_000}),
        request("new", priority="NORMAL"),
        request("high", priority="HIGH"),
    )
    ids = dict.fromkeys((low, old, scored, new, high), "acme")
    assert await in_turn(db, ids) == [high, scored, old, new, low]


async def test_a_high_page_that_comes_last_begins_before_normal_ones_that_runs_wait_with(
    db: Database,
) -> None:
    normal = await queued(db, *(request(f"n{n}", priority="NORMAL") for n in range(6)))
    first = await turns(db, normal)
    assert first == set(normal[:AT_ONCE])
    for page_id in first:
        await begin(db, page_id)
    [high] = await queued(db, request("high", priority="HIGH"))
    await end(db, normal[0])
    assert await turns(db, normal[AT_ONCE:]) == set(), "the place is kept for the one that is next"
    assert await turns(db, [high]) == {high}
    await end(db, normal[1])
    assert await turns(db, normal[AT_ONCE:]) == {normal[AT_ONCE]}


async def test_a_page_whose_run_does_not_come_holds_nobody_up_for_long(
    db: Database, admin: psycopg.Connection
) -> None:
    [normal] = await queued(db, request("n", priority="NORMAL"))
    [_high] = await queued(db, request("h", priority="HIGH"))
    assert await turns(db, [normal], at_once=1) == set()
    admin.execute("update app.generation_queue set queued_at = now() - interval '1 minute'")
    assert await turns(db, [normal], at_once=1) == {normal}


async def test_never_more_pages_than_allowed_are_in_work(db: Database) -> None:
    ids = await queued(db, *(request(f"p{n}") for n in range(7)))
    assert len(await turns(db, ids)) == AT_ONCE
    assert len(await turns(db, ids)) == AT_ONCE
    for page_id in ids[:AT_ONCE]:
        await begin(db, page_id)
    assert await turns(db, ids[AT_ONCE:]) == set()


async def test_organizations_share_the_places_evenly(db: Database) -> None:
    big = await queued(db, *(request(f"p{n}", priority="HIGH") for n in range(12)))
    small = await queued(db, *(request(f"p{n}", priority="NORMAL") for n in range(3)), org="other")
    first = await turns(db, [*big, *small])
    assert len(first & set(small)) == 2
    assert len(first & set(big)) == 2


async def test_another_organizations_high_page_does_not_wait_for_thousands(db: Database) -> None:
    await db.transact(
        "acme",
        lambda tx: pages.create_many(
            tx, [request(f"p{n}", priority="HIGH") for n in range(2000)], "tester"
        ),
    )
    [high] = await queued(db, request("h", priority="HIGH"), org="other")
    await page_queue.admit(db, AT_ONCE)
    assert (await job(db, high, "other"))["admitted_at"] is not None
    assert await turns(db, [high]) == {high}


async def test_old_pages_have_every_fifth_turn_whatever_their_priority(
    db: Database, admin: psycopg.Connection
) -> None:
    low = await queued(db, *(request(f"l{n}", priority="LOW") for n in range(2)))
    admin.execute("update app.generation_queue set queued_at = now() - interval '1 day'")
    high = await queued(db, *(request(f"h{n}", priority="HIGH") for n in range(10)))
    order = await in_turn(db, dict.fromkeys([*low, *high], "acme"))
    assert {order.index(page_id) for page_id in low} == {4, 9}
    assert [page_id for page_id in order if page_id in high] == high


async def test_without_old_pages_the_fifth_turn_is_like_any_other(db: Database) -> None:
    low = await queued(db, request("low", priority="LOW"))
    high = await queued(db, *(request(f"h{n}", priority="HIGH") for n in range(7)))
    assert await in_turn(db, dict.fromkeys([*low, *high], "acme")) == [*high, *low]


async def test_about_twice_the_capacity_waits_in_runs(db: Database) -> None:
    ids = await queued(db, *(request(f"p{n}") for n in range(30)))
    assert await page_queue.admit(db, AT_ONCE) == 2 * AT_ONCE
    assert await page_queue.admit(db, AT_ONCE) == 0, "they have not begun yet"
    first, *rest = await turns(db, ids[: 2 * AT_ONCE])
    await begin(db, first)
    for page_id in rest:
        await begin(db, page_id)
    assert await page_queue.admit(db, AT_ONCE) == AT_ONCE, "as many as have begun"
    await end(db, first)
    [page_id] = await turns(db, ids[AT_ONCE : 2 * AT_ONCE])
    await begin(db, page_id)
    assert await page_queue.admit(db, AT_ONCE) == 0, "one alone is not worth a run yet"


async def test_what_is_urgent_is_handed_over_although_others_were_before(db: Database) -> None:
    await queued(db, *(request(f"p{n}", priority="NORMAL") for n in range(30)))
    await page_queue.admit(db, AT_ONCE)
    [high] = await queued(db, request("high", priority="HIGH"))
    assert await page_queue.admit(db, AT_ONCE) == 1
    assert (await job(db, high))["admitted_at"] is not None


async def test_a_paused_queue_begins_nothing_and_another_organizations_goes_on(
    db: Database,
) -> None:
    mine = await queued(db, request("mine"))
    theirs = await queued(db, request("theirs"), org="other")
    await db.transact("acme", lambda tx: page_queue.set_paused(tx, True, "tester"))
    await page_queue.admit(db, AT_ONCE)
    assert (await job(db, mine[0]))["admitted_at"] is None
    assert await turns(db, [*mine, *theirs]) == set(theirs)
    await db.transact("acme", lambda tx: page_queue.set_paused(tx, False, "tester"))
    assert await turns(db, mine) == set(mine)


async def test_a_page_that_a_run_waits_with_goes_back_to_the_queue_when_it_is_paused(
    db: Database,
) -> None:
    """In the run it would hold a slot that all lines and organizations share."""
    ids = await queued(db, *(request(f"p{n}") for n in range(2)))
    await page_queue.admit(db, at_once=1)
    assert await turns(db, ids, at_once=1) == {ids[0]}
    await db.transact("acme", lambda tx: page_queue.set_paused(tx, True, "tester"))
    assert await page_queue.take_turns(db, ids, 1) == {ids[0]: True, ids[1]: False}
    unit = await db.one("acme", "units.lock", id=ids[1])
    assert unit is not None
    assert (unit["status"], unit["dispatch_due_at"]) == ("queued", None), "nobody asks for a run"
    assert (await job(db, ids[1]))["admitted_at"] is None
    await begin(db, ids[0])
    await end(db, ids[0])
    assert await page_queue.admit(db, at_once=1) == 0
    await db.transact("acme", lambda tx: page_queue.set_paused(tx, False, "tester"))
    assert await page_queue.admit(db, at_once=1) == 1
    assert await turns(db, [ids[1]]) == {ids[1]}


async def test_a_waiting_page_can_be_given_another_priority_and_keeps_it(db: Database) -> None:
    first, second = await queued(
        db, request("first", priority="NORMAL"), request("second", priority="LOW")
    )
    await db.transact("acme", lambda tx: page_queue.boost(tx, second, "HIGH", "tester"))
    assert (await job(db, second))["priority"] == "HIGH"
    assert await in_turn(db, dict.fromkeys((first, second), "acme")) == [second, first]
    await db.transact("acme", lambda tx: pages.rebuild(tx, second, PageRebuild(), "tester"))
    assert (await job(db, second))["priority"] == "HIGH"


async def test_only_a_page_that_waits_can_be_given_another_priority(db: Database) -> None:
    [page_id] = await queued(db, request())
    await turns(db, [page_id])
    await begin(db, page_id)
    with pytest.raises(Permanent, match="processing"):
        await db.transact("acme", lambda tx: page_queue.boost(tx, page_id, "HIGH", "tester"))


async def test_a_deadline_that_comes_near_raises_the_rank(
    db: Database, admin: psycopg.Connection
) -> None:
    soon = datetime.now(UTC) + timedelta(hours=80)
    [page_id] = await queued(db, request(deadline=soon.isoformat()))
    assert (await job(db, page_id))["score"] == 20
    closer = datetime.now(UTC) + timedelta(hours=20)
    admin.execute(
        "update app.pages set request = jsonb_set(request, '{deadline}', to_jsonb(%s::text))",
        [closer.isoformat()],
    )
    admin.execute("update app.generation_queue set reconsider_at = now()")
    await page_queue.admit(db, AT_ONCE)
    row = await job(db, page_id)
    assert (row["score"], row["priority"], row["reconsider_at"]) == (50, "NORMAL", None)


async def test_a_page_cancelled_while_a_run_waits_with_it_gets_no_turn(db: Database) -> None:
    first, second = await queued(db, request("a"), request("b"))
    assert await turns(db, [first, second], at_once=1) == {first}
    await db.transact("acme", lambda tx: control.cancel(tx, PAGE_LINE, second, "tester"))
    assert await page_queue.take_turns(db, [second], 1) == {second: False}
    assert (await job(db, second))["status"] == "cancelled"


async def test_a_turn_that_nobody_begins_with_is_given_to_the_next(
    db: Database, admin: psycopg.Connection
) -> None:
    first, second = await queued(db, request("a"), request("b"))
    assert await turns(db, [first, second], at_once=1) == {first}
    admin.execute(
        "update app.generation_queue set turn_at = now() - interval '1 minute', "
        "present_at = now() - interval '1 minute', queued_at = now() - interval '1 minute' "
        "where id = %s",
        [first],
    )
    assert await turns(db, [second], at_once=1) == {second}


async def test_a_page_whose_worker_died_keeps_its_place(db: Database) -> None:
    first, second = await queued(db, request("a"), request("b"))
    await turns(db, [first, second], at_once=1)
    await begin(db, first)
    assert await turns(db, [second], at_once=1) == set()
    assert await turns(db, [first], at_once=1) == {first}, "the next run goes on at once"


async def test_a_batch_counts_itself_and_ends_by_what_became_of_its_pages(db: Database) -> None:
    batch, ids = await batch_of(db, 3)
    assert (await batch_row(db, batch))["pending"] == 3
    await turns(db, ids)
    for page_id in ids:
        await begin(db, page_id)
    assert (await batch_row(db, batch))["processing"] == 3
    await end(db, ids[0])
    await end(db, ids[1], "failed")
    await end(db, ids[2])
    row = await batch_row(db, batch)
    assert (row["status"], row["completed"], row["failed"]) == ("incomplete", 2, 1)
    await db.transact("acme", lambda tx: page_queue.requeue(tx, [ids[1]]))
    assert (await batch_row(db, batch))["status"] == "processing"
    await begin(db, ids[1])
    await end(db, ids[1])
    row = await batch_row(db, batch)
    assert (row["status"], row["completed"], row["failed"]) == ("completed", 3, 0)


async def test_cancelling_a_batch_ends_what_waits_and_names_what_is_in_work(db: Database) -> None:
    batch, ids = await batch_of(db, 5)
    await turns(db, ids, at_once=1)
    await begin(db, ids[0])
    working = await db.transact("acme", lambda tx: page_queue.cancel_batch(tx, batch, "tester"))
    assert working == [ids[0]]
    row = await batch_row(db, batch)
    assert (row["cancelled"], row["processing"], row["status"]) == (4, 1, "processing")
    await end(db, ids[0], "cancelled")
    assert (await batch_row(db, batch))["status"] == "cancelled"


async def test_one_cancelled_page_does_not_make_its_batch_a_cancelled_one(db: Database) -> None:
    batch, ids = await batch_of(db, 3)
    await turns(db, ids)
    for page_id in ids:
        await begin(db, page_id)
    await end(db, ids[0])
    await end(db, ids[1])
    await end(db, ids[2], "cancelled")
    assert (await batch_row(db, batch))["status"] == "incomplete"


async def test_a_batch_is_stored_with_all_its_pages_or_not_at_all(db: Database) -> None:
    async def broken(tx: Transaction) -> None:
        batch = await page_queue.create_batch(tx, "b", 2, "tester")
        await pages.create_many(tx, [request("a"), request("b")], "tester", batch)
        raise Permanent("NO", "a fault after all rows")

    with pytest.raises(Permanent):
        await db.transact("acme", broken)
    counts = await db.one("acme", "page_queue.counts")
    assert counts is not None
    assert counts["pending"] == 0


async def test_the_counts_of_the_queue_are_by_priority(db: Database) -> None:
    given = ["HIGH", "NORMAL", "NORMAL", "LOW", "LOW", "LOW"]
    ids = await queued(db, *(request(f"p{n}", priority=p) for n, p in enumerate(given)))
    await queued(db, request(), org="other")
    await turns(db, ids, at_once=1)
    await begin(db, ids[0])
    row = await db.one("acme", "page_queue.counts")
    assert row == {"pending": 5, "high": 0, "normal": 2, "low": 3, "processing": 1}


async def test_the_database_refuses_moves_a_job_may_not_make(
    db: Database, admin: psycopg.Connection
) -> None:
    [page_id] = await queued(db, request())
    with pytest.raises(psycopg.errors.CheckViolation):
        admin.execute("update app.units set status = 'completed' where id = %s", [page_id])
    with pytest.raises(psycopg.errors.CheckViolation):
        admin.execute(
            "update app.generation_queue set status = 'completed' where id = %s", [page_id]
        )


async def batch_of(db: Database, size: int) -> tuple[str, list[str]]:
    async def create(tx: Transaction) -> tuple[str, list[str]]:
        batch = await page_queue.create_batch(tx, "batch", size, "tester")
        requests = [request(f"p{n}") for n in range(size)]
        return batch, await pages.create_many(tx, requests, "tester", batch)

    return await db.transact("acme", create)


async def batch_row(db: Database, batch_id: str) -> dict[str, Any]:
    return await db.transact("acme", lambda tx: page_queue.required_batch(tx, batch_id))


async def test_turns_are_given_once_when_many_runs_ask_at_once(db: Database) -> None:
    import asyncio

    ids = await queued(db, *(request(f"p{n}") for n in range(12)))
    await page_queue.take_turns(db, ids, 0)
    given = await asyncio.gather(*(turns(db, ids[n::3]) for n in range(3) for _ in range(3)))
    counted = Counter(page_id for some in given for page_id in some)
    assert len(counted) == AT_ONCE
