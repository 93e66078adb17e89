"""Events that wait: which takes effect, when, in what order, and that each does so once."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline_defs.domain.flows import Batch, Debounce, Flow, RateLimit, Throttle
from pipeline_defs.runtime.arrivals import Arrival
from pipeline_defs.runtime.inbox import process_open_events, receive, seconds_to_next
from pipeline_defs.runtime.routes import FLOWS, HANDLERS, ROUTES, Routes
from pipeline_defs.storage.database import Database
from pipeline_defs_tests.runtime.orders import ORG, PLACED, Orders, placed, routes
from pipeline_defs_tests.servers import TestDatabase

Start = Callable[[Flow], Orders]


@pytest.fixture
def orders(db: Database, admin: psycopg.Connection) -> Start:
    """Orders by a rule."""
    return lambda flow: Orders(db, admin, flow)


async def test_the_last_event_of_a_key_counts_after_a_quiet_period(orders: Start) -> None:
    shop = orders(Debounce(key="data.shop", quiet=30, at_most=600))
    for n in range(1, 4):
        receipt = await shop.place(n, shop="a")
        assert receipt.outcome.status == "received"
        shop.pass_time(20)
        assert await shop.process() == 0
    await shop.place(4, shop="b")
    assert shop.status(1) == ("ignored", "superseded by shop order-2")
    assert shop.status(2) == ("ignored", "superseded by shop order-3")
    shop.pass_time(15)
    assert await shop.process() == 1
    assert shop.placed() == [[3]]
    shop.pass_time(20)
    assert await shop.process() == 1
    assert shop.placed() == [[3], [4]]
    assert shop.status(3) == ("done", None)


async def test_a_stream_without_an_end_takes_effect_at_the_latest_after_the_maximum(
    orders: Start,
) -> None:
    shop = orders(Debounce(quiet=30, at_most=100))
    for n in range(12):
        await shop.place(n)
        shop.pass_time(20)
        await shop.process()
    assert shop.placed() == [[4], [9]]


async def test_events_are_handed_over_together_as_soon_as_there_are_enough(orders: Start) -> None:
    shop = orders(Batch(key="data.shop", size=3, seconds=60))
    for n in range(1, 6):
        await shop.place(n, shop="a")
        await shop.place(10 + n, shop="b")
    assert await shop.process() == 6
    assert sorted(shop.placed()) == [[1, 2, 3], [11, 12, 13]]
    assert await shop.process() == 0
    shop.pass_time(61)
    assert await shop.process() == 4
    assert sorted(shop.placed()[2:]) == [[4, 5], [14, 15]]


async def test_a_backlog_is_handed_over_in_full_batches_one_after_the_other(orders: Start) -> None:
    shop = orders(Batch(size=3, seconds=60))
    for n in range(8):
        await shop.place(n)
    assert [await shop.process() for _ in range(3)] == [3, 3, 0]
    assert shop.placed() == [[0, 1, 2], [3, 4, 5]]


async def test_a_faulty_event_does_not_take_its_batch_with_it(orders: Start) -> None:
    shop = orders(Batch(size=3, seconds=60))
    await shop.place(1)
    await shop.place(2, is_faulty=True)
    await shop.place(3)
    assert await shop.process() == 3
    assert shop.placed() == [[1, 3]]
    assert shop.status(2) == ("dead", "faulty")


async def test_a_batch_that_fails_for_an_unforeseen_reason_dies_as_a_whole_after_some_tries(
    orders: Start,
) -> None:
    shop = orders(Batch(size=2, seconds=60))
    await shop.place(1, is_poison=True)
    await shop.place(2)
    await shop.place(3)
    assert [await shop.process() for _ in range(5)] == [0, 0, 0, 0, 2]
    assert [shop.status(n)[0] for n in (1, 2, 3)] == ["dead", "dead", "received"]


async def test_events_over_the_pace_wait_in_the_order_they_came_in(orders: Start) -> None:
    shop = orders(Throttle(key="data.shop", limit=2, period=60))
    for n in range(1, 6):
        await shop.place(n, shop="a")
    await shop.place(11, shop="b")
    assert shop.placed() == [[1], [2], [11]]
    assert shop.status(3)[0] == "received"
    assert "waits for its turn: at most 2 in 60 s" in (shop.status(3)[1] or "")
    shop.pass_time(59)
    assert await shop.process() == 0
    shop.pass_time(2)
    assert await shop.process() == 2
    shop.pass_time(59)
    await shop.place(6, shop="a")  # there would be room soon, and others wait for it
    assert await shop.process() == 0
    shop.pass_time(2)
    assert await shop.process() == 2
    assert shop.placed() == [[1], [2], [11], [3], [4], [5], [6]]


async def test_nobody_overtakes_an_event_whose_turn_has_come_and_that_was_not_looked_at_yet(
    orders: Start,
) -> None:
    shop = orders(Throttle(limit=2, period=60))
    await shop.place(1)
    shop.pass_time(1)
    await shop.place(2)
    await shop.place(3)
    shop.pass_time(62)  # there is room for two
    assert (await shop.place(4)).outcome.status == "received"
    assert await shop.process() == 2
    assert shop.placed() == [[1], [2], [3], [4]]


async def test_when_a_limit_is_raised_those_that_wait_keep_their_places(
    orders: Start, admin: psycopg.Connection
) -> None:
    shop = orders(Throttle(limit=1, period=60))
    for n in range(1, 4):
        await shop.place(n)
    shop.routes = routes(Throttle(limit=100, period=60))
    await shop.place(4)
    assert await shop.process() == 0
    due = admin.execute("select event_id from app.inbox where due_at > now() order by due_at")
    assert [row[0] for row in due] == ["order-2", "order-3", "order-4"]


async def test_after_a_standstill_the_pace_holds_and_so_does_the_order(orders: Start) -> None:
    """All of them were due when the processor came back."""
    shop = orders(Throttle(limit=2, period=60))
    for n in range(20):
        await shop.place(n)
    shop.pass_time(10_000)
    taken = []
    for _ in range(9):
        taken.append(await shop.process())
        assert await shop.process() == 0
        shop.pass_time(61)
    assert taken == [2] * 9
    assert shop.placed() == [[n] for n in range(20)]


async def test_a_backlog_of_one_key_does_not_hold_up_another(orders: Start) -> None:
    """Its events, all overdue, filled every look into the inbox."""
    shop = orders(Throttle(key="data.shop", limit=1, period=60))
    for n in range(30):
        await shop.place(n, shop="large")
    await shop.place(100, shop="small")
    await shop.place(101, shop="small")
    shop.pass_time(10_000)
    for _ in range(8):
        await shop.process(most=5)
    assert shop.placed()[-1] == [101]


async def test_a_dead_event_uses_up_no_turn(orders: Start) -> None:
    shop = orders(Throttle(limit=1, period=60))
    await shop.place(1)
    await shop.place(2, is_faulty=True)
    await shop.place(3)
    shop.pass_time(130)
    assert await shop.process() == 2
    assert shop.placed() == [[1], [3]]
    assert shop.status(2)[0] == "dead"


async def test_events_over_the_limit_end_as_ignored(orders: Start) -> None:
    shop = orders(RateLimit(key="data.shop", limit=2, period=60))
    for n in range(1, 5):
        await shop.place(n, shop="a")
    await shop.place(11, shop="b")
    assert shop.placed() == [[1], [2], [11]]
    assert shop.status(3) == ("ignored", 'at most 2 in 60 s for data.shop "a"')
    shop.pass_time(61)
    await shop.place(5, shop="a")
    assert shop.placed()[-1] == [5]


@pytest.mark.parametrize(
    "flow",
    [
        Debounce(quiet=30, at_most=60),
        Batch(size=3, seconds=30),
        Throttle(limit=3, period=30),
        RateLimit(limit=3, period=30),
    ],
)
async def test_many_processes_at_once_take_each_event_once_and_keep_the_rule(
    orders: Start, flow: Flow
) -> None:
    """Senders and processors together; every event is sent three times."""
    shop = orders(flow)
    await asyncio.gather(*[shop.place(n) for n in range(12) for _ in range(3)])
    for _ in range(8):
        await asyncio.gather(*[shop.process() for _ in range(4)])
        shop.pass_time(31)
    statuses = Counter(shop.status(n)[0] for n in range(12))
    taken = [n for call in shop.placed() for n in call]
    assert len(taken) == len(set(taken)) == statuses["done"]
    expected = {Debounce: 1, Batch: 12, Throttle: 12, RateLimit: 3}[type(flow)]
    assert statuses == Counter({"done": expected, "ignored": 12 - expected})
    if isinstance(flow, Batch):
        assert [len(call) for call in shop.placed()] == [3, 3, 3, 3]


async def test_the_second_sending_of_an_event_that_waits_changes_nothing(orders: Start) -> None:
    shop = orders(Throttle(limit=1, period=60))
    await shop.place(1)
    first, again = await shop.place(2), await shop.place(2)
    assert (again.duplicate, again.outcome) == (True, first.outcome)
    conflict = await shop.place(2, other=True)
    assert conflict.conflict
    shop.pass_time(61)
    assert await shop.process() == 1
    assert shop.placed() == [[1], [2]]
    assert (await shop.place(2)).outcome.status == "done"


async def test_what_is_superseded_says_so_to_who_sends_it_again(orders: Start) -> None:
    shop = orders(Debounce(quiet=30, at_most=60))
    await shop.place(1)
    await shop.place(2)
    again = await shop.place(1)
    assert again.duplicate
    assert again.outcome.reason == "superseded by shop order-2"
    shop.pass_time(31)
    await shop.process()
    assert shop.placed() == [[2]]


async def test_a_faulty_event_dies_at_its_arrival_and_joins_no_queue(
    orders: Start, db: Database
) -> None:
    shop = orders(Throttle(limit=1, period=60))
    await shop.place(1)
    arrival = Arrival("shop", "order-2", PLACED, b'{"data": []}')
    receipt = await receive(db, ORG, arrival, "shop", shop.routes)
    assert receipt.outcome.status == "dead"
    assert "data: must be an object" in (receipt.outcome.reason or "")


async def test_an_event_that_failed_at_its_arrival_meets_its_rule_when_it_is_tried_again(
    orders: Start,
) -> None:
    shop = orders(Throttle(limit=1, period=60))
    receipt = await shop.place(1, is_poison=True)
    assert receipt.outcome.status == "received"
    await shop.place(2)
    assert [await shop.process() for _ in range(5)] == [0] * 5  # waits for its turn
    shop.pass_time(61)
    assert [await shop.process() for _ in range(5)] == [0, 0, 0, 0, 1]
    assert shop.status(1)[0] == "dead"
    assert shop.placed() == [[2]]


async def test_a_processor_killed_in_the_middle_loses_nothing_and_repeats_nothing(
    orders: Start, database: TestDatabase
) -> None:
    shop = orders(Batch(size=3, seconds=60))
    for n in range(3):
        await shop.place(n)
    command = [sys.executable, "-m", "pipeline_defs_tests.runtime.mortal_processor"]
    killed = await asyncio.to_thread(subprocess.run, [*command, database.app_url], check=False)
    assert killed.returncode == -9
    assert shop.placed() == []
    assert await shop.process() == 3
    assert shop.placed() == [[0, 1, 2]]


async def test_events_of_a_rule_that_is_gone_take_effect_when_they_are_due(
    orders: Start, db: Database
) -> None:
    """Also one by one what waited for a batch."""
    shop = orders(Batch(size=10, seconds=60))
    await shop.place(1)
    await shop.place(2)
    shop.pass_time(61)
    assert await process_open_events(db, routes=Routes({PLACED: placed})) == 2
    assert shop.placed() == [[1], [2]]


async def test_organizations_never_share_a_key(orders: Start) -> None:
    shop = orders(Throttle(key="type", limit=1, period=60))
    await shop.place(1)
    await shop.place(1, org="other")
    await shop.place(2)
    assert (shop.placed(), shop.placed("other")) == ([[1]], [[1]])
    assert shop.status(2)[0] == "received"


async def test_the_next_look_is_for_the_next_event_that_is_due(orders: Start, db: Database) -> None:
    assert await seconds_to_next(db) is None
    shop = orders(Debounce(key="data.n", quiet=30, at_most=60))
    await shop.place(1)
    shop.pass_time(10)
    await shop.place(2)
    left = await seconds_to_next(db)
    assert left is not None
    assert 0 < left <= 20


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(
    steps=st.lists(st.tuples(st.floats(0, 25), st.booleans()), min_size=5, max_size=25),
    limit=st.integers(1, 3),
)
async def test_no_period_has_more_than_the_limit_whatever_comes_when(
    orders: Start, admin: psycopg.Connection, steps: list[tuple[float, bool]], limit: int
) -> None:
    admin.execute("truncate app.inbox cascade")
    shop, clock = orders(Throttle(limit=limit, period=60)), 0.0
    arrived, taken = [], []
    before = len(shop.placed())
    for n, (pause, is_order) in enumerate(steps + [(30.0, False)] * 70):
        if is_order:
            await shop.place(n)
            arrived.append([n])
        await shop.process()
        now = len(shop.placed()) - before
        taken += [clock] * (now - len(taken))
        shop.pass_time(pause)
        clock += pause
        if n >= len(steps) and len(taken) == len(arrived):
            break
    assert shop.placed()[before:] == arrived
    gaps = zip(taken, taken[limit:], strict=False)
    assert all(late - early >= 59.9 for early, late in gaps)


def test_every_rule_of_the_product_is_for_an_event_that_has_a_handler() -> None:
    assert set(FLOWS) <= set(HANDLERS)
    assert ROUTES.flows is FLOWS
    with pytest.raises(ValueError, match="order/placed has a Batch and no batch handler"):
        Routes({PLACED: placed}, flows={PLACED: Batch(size=2, seconds=1)})
    with pytest.raises(ValueError, match="order/paid has a Throttle and no handler"):
        Routes({PLACED: placed}, flows={"order/paid": Throttle(limit=2, period=1)})


async def test_a_due_event_is_found_by_an_index_however_many_are_finished(
    orders: Start, admin: psycopg.Connection
) -> None:
    shop = orders(Throttle(limit=1, period=60))
    await shop.place(1)
    await shop.place(2)
    for query in (
        "select 1 from app.inbox where status = 'received' "
        "and coalesce(due_at, received_at) <= now() order by coalesce(due_at, received_at) limit 9",
        "select 1 from app.inbox where org_id = 'a' and event_type = 'b' and flow_key = 'c' "
        "and status = 'received' order by flow_place limit 9",
        "select 1 from app.inbox where org_id = 'a' and event_type = 'b' and flow_key = 'c' "
        "and taken_at is not null and flow_place < 9 order by flow_place desc limit 9",
    ):
        admin.execute("set enable_seqscan = off")
        plan = admin.execute("explain (format json) " + query).fetchone()
        text = json.dumps(plan)
        assert "Index" in text
        assert '"Sort"' not in text
