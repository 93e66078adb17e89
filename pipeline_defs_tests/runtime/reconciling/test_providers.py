"""Orders at providers of which nothing was heard again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from pipeline_defs import policies
from pipeline_defs.domain.calls.requests import CampaignRequest
from pipeline_defs.domain.lectures.models import LectureRequest
from pipeline_defs.runtime import control
from pipeline_defs.runtime.ledger import Step
from pipeline_defs.runtime.lines import CAMPAIGN_LINE, LECTURE_LINE, Line
from pipeline_defs.runtime.reconciling import providers
from pipeline_defs.runtime.reconciling.world import World
from pipeline_defs.storage import campaigns, lectures
from pipeline_defs.storage.database import Database
from pipeline_defs_tests.runtime.conftest import ORG, Workers
from pipeline_defs_tests.runtime.reconciling.conftest import numbers
from pipeline_defs_tests.web.interviewing import REQUEST


@pytest.fixture
async def campaign(db: Database) -> str:
    """One that rests for an hour with four contacts."""
    request = CampaignRequest.model_validate(REQUEST)
    made = await db.transact(ORG, lambda tx: campaigns.create(tx, request, "tester"))
    await db.transact(ORG, lambda tx: control.begin(tx, CAMPAIGN_LINE, made, "queued"))
    await db.run(ORG, "units.make_due", id=made, delay=policies.REST_MOST)
    return made


def intended(admin: psycopg.Connection, *seconds: float) -> None:
    """So long ago the calls were ordered; the answers were lost."""
    for order, age in enumerate(seconds, 1):
        admin.execute(
            "update app.calls set intended_at = now() - make_interval(secs => %s) "
            "where call_order = %s",
            [age, order],
        )


async def test_a_campaign_that_sleeps_over_lost_answers_looks_for_its_calls(
    world: World, campaign: str, admin: psycopg.Connection, of_unit: Callable[..., Any]
) -> None:
    intended(admin, policies.CALL_UNANSWERED + 5, policies.CALL_UNANSWERED + 9)
    assert numbers(await providers.look(world), "calls_unheard") == {"found": 2, "repaired": 2}
    assert of_unit(campaign, "dispatch_due_at <= now()")


@pytest.mark.parametrize(
    ("state", "seconds"),
    [
        ("status = 'ringing', sid = 'CA' || repeat('0', 32), heard_at = now() - {age}", 5000),
        ("status = 'completed', ended_at = now() - {age}, heard_at = now() - {age}", 5000),
    ],
)
async def test_silent_calls_and_late_recordings_are_asked_for(
    world: World,
    campaign: str,
    admin: psycopg.Connection,
    of_unit: Callable[..., Any],
    state: str,
    seconds: int,
) -> None:
    age = f"make_interval(secs => {seconds})"
    admin.execute("set session_replication_role = replica")  # straight to that state
    admin.execute(
        f"update app.calls set {state.format(age=age)} where call_order = 1"  # noqa: S608 # pyright: ignore
    )
    assert numbers(await providers.look(world), "calls_unheard") == {"found": 1, "repaired": 1}
    assert of_unit(campaign, "dispatch_due_at <= now()")


async def test_calls_that_are_looked_for_in_time_wake_nobody(
    world: World,
    campaign: str,
    workers: Workers,
    admin: psycopg.Connection,
    of_unit: Callable[..., Any],
) -> None:
    intended(admin, 5, 60)
    assert numbers(await providers.look(world), "calls_unheard") == {}
    intended(admin, 5000)
    await workers.on(campaign)  # a worker is at it
    assert numbers(await providers.look(world), "calls_unheard") == {}
    assert of_unit(campaign, "dispatch_due_at > now()")


async def end(db: Database, line: Line, unit: str) -> None:
    await db.transact(ORG, lambda tx: control.finish(tx, line, unit, "cancelled"))


async def test_of_a_campaign_that_ended_it_is_told_and_nobody_is_called(
    world: World, db: Database, campaign: str, admin: psycopg.Connection, of_unit: Any
) -> None:
    intended(admin, 5000)
    await end(db, CAMPAIGN_LINE, campaign)
    assert numbers(await providers.look(world), "calls_unheard") == {"found": 1}
    assert of_unit(campaign, "dispatch_due_at") is None
    admin.execute("update app.units set finished_at = now() - interval '3 days'")
    assert numbers(await providers.look(world), "calls_unheard") == {}


async def test_clips_that_were_ordered_and_never_fetched_are_told(
    world: World, db: Database, workers: Workers, admin: psycopg.Connection
) -> None:
    request = LectureRequest(topic="Bees", minutes=1)
    lecture = await db.transact(ORG, lambda tx: lectures.create(tx, request, "tester"))
    work = await workers.on(lecture)
    await db.transact(ORG, lambda tx: control.begin(tx, LECTURE_LINE, lecture, "queued"))

    async def order() -> dict[str, str]:
        return {"id": "job-1"}

    for part in ("001", "002"):
        await work._start(Step(f"{lecture}/{part}", "clip", "h"))
        await work.step(f"{lecture}/{part}", "clip_job", "key", order)
    await work.step(f"{lecture}/002", "clip", "h", order)  # this one was fetched
    admin.execute("update app.ledger set finished_at = now() - interval '2 hours'")
    assert numbers(await providers.look(world), "clips_unfetched") == {}  # its worker fetches it
    await end(db, LECTURE_LINE, lecture)
    assert numbers(await providers.look(world), "clips_unfetched") == {"found": 1}
