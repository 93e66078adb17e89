"""Events that were stored and not processed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest

from pipeline_defs.runtime import inbox
from pipeline_defs.runtime.arrivals import Arrival
from pipeline_defs.runtime.reconciling import arrivals
from pipeline_defs.runtime.reconciling.world import World
from pipeline_defs_tests.runtime.conftest import ORG
from pipeline_defs_tests.runtime.reconciling.conftest import numbers
from pipeline_defs_tests.servers import TestDatabase

BODY = b'{"type": "article/requested", "data": {"topic": "Honey bees", "sections": 2}}'


@pytest.fixture
def lost(admin: psycopg.Connection) -> Callable[..., None]:
    """An event as a gateway leaves it that died before it took effect, some seconds ago."""

    def store(event_id: str, age: float, due_in: float | None = None) -> None:
        admin.execute(
            "insert into app.inbox (org_id, source, event_id, event_type, body, body_hash, "
            "received_at, due_at) values (%s, 'shop', %s, 'article/requested', %s, %s, "
            "now() - make_interval(secs => %s), now() + make_interval(secs => %s))",
            [ORG, event_id, BODY, Arrival("shop", event_id, "x", BODY).body_hash, age, due_in],
        )

    return store


@pytest.fixture
def held(database: TestDatabase) -> Iterator[psycopg.Connection]:
    """A process that hangs with events in its hands."""
    with psycopg.connect(database.superuser_url) as connection:
        yield connection


async def test_an_overdue_event_takes_effect_once(
    world: World, lost: Callable[..., None], count: Callable[..., int]
) -> None:
    lost("a", 300)
    assert numbers(await arrivals.look(world), "events_overdue") == {"found": 1, "repaired": 1}
    assert count("units") == 1
    assert numbers(await arrivals.look(world), "events_overdue") == {}
    assert count("units") == 1


async def test_events_that_just_came_or_wait_for_their_time_are_left_alone(
    world: World, lost: Callable[..., None], count: Callable[..., int]
) -> None:
    lost("young", 5)
    lost("waits", 9000, due_in=60)
    assert numbers(await arrivals.look(world), "events_overdue") == {}
    assert count("inbox", "status = 'received'") == 2


async def test_an_event_that_cannot_be_processed_is_dead_after_an_hour_and_may_be_sent_again(
    world: World,
    lost: Callable[..., None],
    held: psycopg.Connection,
    admin: psycopg.Connection,
    count: Callable[..., int],
) -> None:
    """Whoever processes events of its key hangs and holds the key's lock."""
    for event_id, age in (("beyond", 2), ("not yet", 0.5)):
        lost(event_id, age * 3600)
    admin.execute("update app.inbox set flow_key = 'k', due_at = received_at")
    held.execute(
        "select pg_advisory_xact_lock(hashtextextended("
        "jsonb_build_array(%s::text, 'article/requested', 'k')::text, 0))",
        [ORG],
    )
    assert numbers(await arrivals.look(world), "events_overdue") == {"found": 2, "failed": 1}
    reasons = admin.execute("select reason from app.inbox where status = 'dead'").fetchall()
    assert len(reasons) == 1
    assert reasons[0][0].startswith("STUCK: ")
    assert count("inbox", "status = 'received'") == 1
    again = await inbox.receive(
        world.database, ORG, Arrival("shop", "new id", "article/requested", BODY), "shop"
    )
    assert again.outcome.status == "done"
