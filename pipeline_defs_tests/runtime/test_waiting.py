"""Units that wait for events: what ends a wait, that it does so once, and that nobody is held."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from pipeline_defs import policies
from pipeline_defs.domain.flows import Debounce, RateLimit
from pipeline_defs.domain.work import Rest, Work
from pipeline_defs.runtime import dispatch, inbox, waiting
from pipeline_defs.runtime.arrivals import Arrival, Receipt
from pipeline_defs.runtime.dagster.graphql import FoundRun
from pipeline_defs.runtime.lines import ARTICLE_LINE
from pipeline_defs.runtime.routes import Routes
from pipeline_defs.runtime.waiting import Heard, TimedOut
from pipeline_defs.storage.database import Database, Transaction
from pipeline_defs_tests.runtime.conftest import ORG, OTHER, new_article

APPROVED, REJECTED = "page/approved", "page/rejected"
Answer = Heard | TimedOut | Rest


class Desk:
    """Asks for a unit, and sends events."""

    def __init__(self, db: Database, admin: psycopg.Connection, unit: str) -> None:
        self.db = db
        self.unit = unit
        self._admin = admin

    async def ask(self, unit: str = "", org: str = ORG, **more: Any) -> Answer:
        """Wait for an approval or a rejection of the unit."""
        unit = unit or self.unit
        wanted: dict[str, Any] = {
            "match": {"data.page": unit},
            "timeout": 3600.0,
            "events": [APPROVED, REJECTED],
            "name": "approval",
        } | more

        async def under_lock(tx: Transaction) -> Answer:
            await tx.one("units.lock", id=unit)
            return await waiting.wait_for(tx, unit, **wanted)

        return await self.db.transact(org, under_lock)

    async def send(
        self, event_id: str, event_type: str = APPROVED, org: str = ORG, **data: Any
    ) -> Receipt:
        """An event arrives, about the unit where nothing else is said."""
        data = data or {"page": self.unit}
        body = json.dumps({"type": event_type, "data": data}).encode()
        return await inbox.receive(
            self.db, org, Arrival("desk", event_id, event_type, body), "desk", Routes({})
        )

    def pass_time(self, seconds: float) -> None:
        """As if all had been asked and received so much earlier."""
        self._admin.execute(
            "update app.waits set since = since - make_interval(secs => %(s)s), "
            "until = until - make_interval(secs => %(s)s), "
            "began_at = began_at - make_interval(secs => %(s)s)",
            {"s": seconds},
        )
        self._admin.execute(
            "update app.inbox set received_at = received_at - make_interval(secs => %s)", [seconds]
        )


@pytest.fixture
def desk(db: Database, admin: psycopg.Connection, unit: str) -> Desk:
    """Questions about one article."""
    return Desk(db, admin, unit)


def heard(answer: Answer) -> str:
    """Id of the event that was heard."""
    assert isinstance(answer, Heard)
    return answer.event.id


async def test_a_unit_rests_until_its_event_comes_and_is_told_which(desk: Desk) -> None:
    first = await desk.ask()
    assert isinstance(first, Rest)
    assert 0 < first.seconds <= policies.LOOK_AGAIN
    await desk.send("elsewhere", page="another")
    assert isinstance(await desk.ask(), Rest)
    receipt = await desk.send("no", REJECTED, page=desk.unit, why="dull")
    assert (receipt.outcome.status, receipt.outcome.unit_id) == ("done", desk.unit)
    answer = await desk.ask()
    assert isinstance(answer, Heard)
    assert (answer.event.type, answer.event.data["why"]) == (REJECTED, "dull")


async def test_the_answer_stays_the_same_whatever_comes_later(desk: Desk) -> None:
    await desk.ask()
    await desk.send("one")
    await desk.send("two", REJECTED)
    desk.pass_time(10_000)
    for _ in range(2):
        assert heard(await desk.ask()) == "one"


async def test_an_event_that_came_before_counts_within_the_look_back(desk: Desk) -> None:
    await desk.send("ancient")
    desk.pass_time(500)
    await desk.send("old")
    desk.pass_time(50)
    await desk.send("recent")
    desk.pass_time(20)
    assert isinstance(await desk.ask(name="a"), Rest)
    assert heard(await desk.ask(name="b", look_back=60)) == "recent"
    assert heard(await desk.ask(name="c", look_back=100)) == "old"
    assert heard(await desk.ask(name="d", look_back=10_000)) == "ancient"


async def test_looking_back_goes_through_more_events_than_are_read_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "LOOK_BACK_PAGE", 3)
    for n in range(10):
        await desk.send(f"e{n}", page="another")
    await desk.send("ours")
    assert heard(await desk.ask(look_back=60)) == "ours"


async def test_no_event_in_time_is_an_outcome(desk: Desk) -> None:
    await desk.ask(timeout=60)
    desk.pass_time(61)
    await desk.send("late")
    for _ in range(2):
        assert isinstance(await desk.ask(timeout=60), TimedOut)


async def test_an_event_in_time_counts_also_if_the_unit_asks_late(desk: Desk) -> None:
    await desk.ask(timeout=60)
    await desk.send("in time")
    desk.pass_time(10_000)
    assert heard(await desk.ask(timeout=60)) == "in time"


async def test_of_events_that_come_at_once_exactly_one_ends_the_wait(desk: Desk) -> None:
    for n in range(5):
        await desk.ask(name=f"w{n}")
    sent = [(f"e{n}", REJECTED if n % 2 else APPROVED) for n in range(8)]
    receipts = await asyncio.gather(*[desk.send(*event) for event in sent])
    winners = [heard(await desk.ask(name=f"w{n}")) for n in range(5)]
    told = {event[0] for event, r in zip(sent, receipts, strict=True) if r.outcome.unit_id}
    assert set(winners) == told
    assert [heard(await desk.ask(name=f"w{n}")) for n in range(5)] == winners


async def test_an_event_that_was_being_stored_when_the_wait_began_is_found_later(
    desk: Desk, admin: psycopg.Connection
) -> None:
    """Neither transaction could see the other."""

    async def store_slowly(tx: Transaction) -> None:
        arrival = Arrival("desk", "slow", APPROVED, _body({"page": desk.unit}))
        await inbox.store(tx, arrival, _unheard)
        began.set()
        await asyncio.wait_for(asked.wait(), 5)

    async def _unheard(_tx: Transaction) -> inbox.Outcome:
        return inbox.Outcome("done")

    began, asked = asyncio.Event(), asyncio.Event()
    storing = asyncio.create_task(desk.db.transact(ORG, store_slowly))
    await began.wait()
    assert isinstance(await desk.ask(look_back=60), Rest)
    asked.set()
    await storing
    assert isinstance(await desk.ask(look_back=60), Rest)
    desk.pass_time(policies.LOOK_AGAIN)
    assert heard(await desk.ask(look_back=60)) == "slow"


async def test_asked_and_sent_at_the_same_moment_no_event_is_missed(desk: Desk) -> None:
    units = [await new_article(desk.db) for _ in range(15)]
    await asyncio.gather(
        *[desk.ask(unit, look_back=60) for unit in units],
        *[desk.send(f"e{n}", page=unit) for n, unit in enumerate(units)],
    )
    desk.pass_time(policies.LOOK_AGAIN)
    answers = [heard(await desk.ask(unit, look_back=60)) for unit in units]
    assert answers == [f"e{n}" for n in range(15)]


async def test_after_the_second_look_the_unit_rests_until_the_time_is_out(desk: Desk) -> None:
    await desk.ask()
    desk.pass_time(policies.LOOK_AGAIN)
    answer = await desk.ask()
    assert isinstance(answer, Rest)
    assert answer.seconds > 3000


async def test_values_match_by_type_and_all_of_them(desk: Desk) -> None:
    await desk.ask(match={"data.page": "7", "data.final": True}, name="text")
    await desk.ask(match={"data.page": 7, "data.final": True}, name="number")
    await desk.send("number", page=7, final=True)
    await desk.send("half", page="7")
    await desk.send("one is not true", page="7", final=1)
    assert isinstance(await desk.ask(name="text"), Rest)
    assert heard(await desk.ask(name="number")) == "number"


async def test_one_event_ends_the_waits_of_all_who_wait_for_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "HEARD_AT_ONCE", 2)
    units = [desk.unit, *[await new_article(desk.db) for _ in range(4)]]
    for unit in units:
        await desk.ask(unit, match={})
        await desk.ask(unit, match={"data.page": unit}, name="own")
    await desk.send("for all", page="another")
    assert [heard(await desk.ask(unit, match={})) for unit in units] == ["for all"] * 5
    assert isinstance(await desk.ask(units[3], name="own"), Rest)


async def test_an_event_that_is_held_back_is_heard_when_it_takes_effect(
    desk: Desk, admin: psycopg.Connection
) -> None:
    async def handled(*_: Any) -> inbox.Outcome:
        return inbox.Outcome("done")

    routes = Routes({APPROVED: handled}, flows={APPROVED: Debounce(quiet=30, at_most=60)})
    arrival = Arrival("desk", "held", APPROVED, _body({"page": desk.unit}))
    await inbox.receive(desk.db, ORG, arrival, "desk", routes)
    assert isinstance(await desk.ask(look_back=60), Rest)
    admin.execute("update app.inbox set due_at = now()")
    assert await inbox.process_open_events(desk.db, routes=routes) == 1
    assert heard(await desk.ask(look_back=60)) == "held"


async def test_an_event_beyond_its_limit_is_not_heard(desk: Desk) -> None:
    async def handled(*_: Any) -> inbox.Outcome:
        return inbox.Outcome("done")

    routes = Routes({APPROVED: handled}, flows={APPROVED: RateLimit(limit=1, period=60)})
    for event_id, page in (("first", "another"), ("second", desk.unit)):
        arrival = Arrival("desk", event_id, APPROVED, _body({"page": page}))
        await inbox.receive(desk.db, ORG, arrival, "desk", routes)
    assert isinstance(await desk.ask(look_back=60), Rest)


async def test_a_body_that_cannot_be_read_ends_no_wait_and_harms_none(desk: Desk) -> None:
    arrival = Arrival("desk", "broken", APPROVED, b'{"data": []}')
    for _ in range(2):
        assert isinstance(await desk.ask(look_back=60, match={}), Rest)
        receipt = await inbox.receive(desk.db, ORG, arrival, "desk", Routes({}))
        assert receipt.outcome.status == "ignored"
        assert isinstance(await desk.ask(look_back=60, match={}, name="later"), Rest)


async def test_organizations_do_not_hear_each_others_events(desk: Desk) -> None:
    other = await new_article(desk.db, org=OTHER)
    await desk.ask(match={})
    await desk.ask(other, OTHER, match={})
    await desk.send("theirs", org=OTHER, page="x")
    assert isinstance(await desk.ask(match={}), Rest)
    assert heard(await desk.ask(other, OTHER, match={})) == "theirs"
    ours = {"unit_id": desk.unit, "wait": "approval"}
    assert await desk.db.one(OTHER, "waits.get", **ours, look_again=5.0) is None
    assert await desk.db.touched(OTHER, "waits.hear", **ours, source="desk", event_id="theirs") == 0
    with pytest.raises(psycopg.errors.ForeignKeyViolation):  # a unit of another organization
        await desk.ask(desk.unit, OTHER)


async def test_a_sleep_ends_by_itself_and_is_not_slept_twice(desk: Desk) -> None:
    async def sleep() -> Rest | None:
        return await desk.db.transact(ORG, lambda tx: waiting.sleep(tx, desk.unit, "a day", 86_400))

    first = await sleep()
    assert first is not None
    assert 86_000 < first.seconds <= 86_400
    desk.pass_time(86_000)
    later = await sleep()
    assert later is not None
    assert later.seconds <= 400
    desk.pass_time(400)
    assert await sleep() is None
    assert await sleep() is None


async def test_made_anew_on_purpose_the_unit_waits_anew(desk: Desk) -> None:
    await desk.ask()
    await desk.send("one")
    await desk.db.run(
        ORG,
        "ledger.raise_generation",
        unit_id=desk.unit,
        asset="article_publication",
        partition=desk.unit,
    )
    assert isinstance(await desk.ask(), Rest)
    await desk.send("two")
    assert heard(await desk.ask()) == "two"


async def test_the_waits_of_a_unit_go_with_it(
    desk: Desk, admin: psycopg.Connection, count: Callable[..., int]
) -> None:
    await desk.ask()
    admin.execute("delete from app.units where id = %s", [desk.unit])
    assert count("waits") == 0


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"timeout": 0}, "timeout"),
        ({"timeout": 1e12}, "timeout"),
        ({"look_back": -1}, "look_back"),
        ({"match": {"page": 1}}, "begins with 'page'"),
    ],
)
async def test_a_faulty_question_is_refused(
    desk: Desk, wrong: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        await desk.ask(**wrong)


class NoRuns:
    """Nothing was ever launched."""

    async def runs_tagged(self, _key: str, _value: str, limit: int = 10) -> list[FoundRun]:
        """None."""
        return []


async def test_a_line_waits_without_a_claim_or_a_run_and_goes_on_at_once(
    desk: Desk, admin: psycopg.Connection
) -> None:
    async def next_work(tx: Transaction, unit_id: str) -> Work | Rest | None:
        answer = await waiting.wait_for(
            tx, unit_id, "approval", [APPROVED], match={"data.page": unit_id}, timeout=3600
        )
        if isinstance(answer, Rest):
            return answer
        return Work("publish_page", ("page",), "articles", (unit_id,))

    line = replace(ARTICLE_LINE, next_work=next_work)
    lines = {line.kind.name: line}

    async def due() -> list[dispatch.Due]:
        return await dispatch.take_due(desk.db, lines, NoRuns(), 10)

    assert await due() == []
    row = admin.execute("select claim_holder, dispatch_due_at > now() from app.units").fetchone()
    assert row == (None, True)
    assert await due() == []
    await desk.send("yes")
    (found,) = await due()
    assert found.work.job == "publish_page"


async def test_many_waits_cost_an_event_no_more_than_a_few(
    desk: Desk, admin: psycopg.Connection
) -> None:
    """Its own are found by their value, whatever path they name."""
    await desk.ask()
    admin.execute(
        "insert into app.waits (org_id, unit_id, name, generation, events, match, path, value, "
        "since, until) select org_id, unit_id, 'n' || n, 0, events, match, 'data.page', 'v' || n, "
        "since, until from app.waits, generate_series(1, 5000) n"
    )
    admin.execute("analyze app.waits")
    admin.execute("set enable_seqscan = off")
    plan = admin.execute(
        "explain (analyze, format json) select 1 from app.waits w where w.status = 'waiting' "
        "and w.org_id = 'acme' and (w.path, w.value) in "
        "(select * from unnest(array['data.page'], array['v77']))"
    ).fetchone()
    assert plan is not None
    rows = [
        node["Actual Rows"] for node in _nodes(plan[0][0]["Plan"]) if "Index" in node["Node Type"]
    ]
    assert rows
    assert max(rows) <= 1


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *[node for inner in plan.get("Plans", []) for node in _nodes(inner)]]


def _body(data: dict[str, Any]) -> bytes:
    return json.dumps({"type": APPROVED, "data": data}).encode()
