"""What Dagster asks for by itself, over a simulated day: what is wanted, once, and nothing else."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import psycopg
import pytest

from pipeline_defs import policies
from pipeline_defs.defs.automation import condition_of
from pipeline_defs.domain.api_keys import ApiKey
from pipeline_defs.domain.articles import graph as articles
from pipeline_defs.domain.calls import graph as calls
from pipeline_defs.domain.lectures import graph as lectures
from pipeline_defs.domain.pages import graph as pages
from pipeline_defs.runtime.inspection import put_wanting
from pipeline_defs.settings import get_settings
from pipeline_defs.storage.bootstrap import ensure_organization
from pipeline_defs.storage.database import Database, Transaction
from pipeline_defs_tests.servers import TestDatabase

DAY = datetime(2026, 12, 1, 0, 10, tzinfo=UTC)
TICK = timedelta(hours=1)
LECTURES = dg.DynamicPartitionsDefinition(name="lectures")


@pytest.fixture
def switched(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], None]]:
    """Settings of a stack whose tables are this test's; switch automations on and off with it."""
    monkeypatch.setenv("DATABASE_URL", database.app_url)
    monkeypatch.setenv("DAGSTER_DATABASE_URL", "postgresql://nobody@127.0.0.1/none")

    def switch(automations: str) -> None:
        monkeypatch.setenv("AUTOMATIONS", automations)
        get_settings.cache_clear()

    switch("")
    yield switch
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
async def db(database: TestDatabase) -> AsyncIterator[Database]:
    ensure_organization(database.admin_url, "default", "Default", ApiKey.new().text)
    async with Database.open(database.app_url) as opened:
        yield opened


async def lecture(
    db: Database, name: str, standing: str | None, *, status: str = "completed"
) -> str:
    """A lecture at rest whose video stands so."""

    async def store(tx: Transaction) -> None:
        await tx.run(
            "units.create",
            id=name,
            kind="lectures",
            status="queued",
            title=name,
            steps_total=1,
            created_by="test",
        )
        await tx.run("units.set_status", id=name, status="generating", stage=None)
        await tx.run("units.finish", id=name, status=status, error=None)
        if standing is not None:
            row = {"asset": "lecture_video", "partition": name, "standing": standing}
            await put_wanting(tx, name, [row])

    await db.transact("default", store)
    return name


def definitions() -> dg.Definitions:
    """The video and its bridge, with the product's condition."""
    media = dg.AssetSpec("lecture_media", partitions_def=LECTURES)

    @dg.asset(
        partitions_def=LECTURES,
        deps=[media],
        automation_condition=condition_of("lectures", "lecture_video"),
    )
    def lecture_video() -> None:
        """Never run here: only asked for."""

    return dg.Definitions(assets=[media, lecture_video])


def asked(instance: dg.DagsterInstance, ticks: int) -> Counter[str]:
    """How often each partition of the video is asked for."""
    found: Counter[str] = Counter()
    cursor = None
    defs = definitions()
    for tick in range(ticks):
        result = dg.evaluate_automation_conditions(
            defs, instance, evaluation_time=DAY + tick * TICK, cursor=cursor
        )
        cursor = result.cursor
        keys = result.get_requested_partitions(dg.AssetKey("lecture_video"))
        found.update(key for key in keys if key is not None)
    return found


async def asked_of(instance: dg.DagsterInstance, ticks: int) -> Counter[str]:
    """The same, off this event loop: an evaluation has one of its own."""
    return await asyncio.to_thread(asked, instance, ticks)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def media_made(instance: dg.DagsterInstance, *lectures: str) -> None:
    instance.add_dynamic_partitions("lectures", list(lectures))
    for name in lectures:
        instance.report_runless_asset_event(
            dg.AssetMaterialization("lecture_media", partition=name)
        )


async def test_what_is_missing_is_asked_for_once_a_day_and_what_was_given_up_never(
    db: Database, instance: dg.DagsterInstance, switched: Callable[[str], None]
) -> None:
    lost = await lecture(db, "lecture-lost", "missing")
    media_made(
        instance,
        lost,
        await lecture(db, "lecture-whole", None),
        await lecture(db, "lecture-cancelled", "missing", status="cancelled"),
        await lecture(db, "lecture-failed", "missing", status="failed"),
        await lecture(db, "lecture-stale", "stale"),
    )
    waiting = await lecture(db, "lecture-without-media", "missing")
    instance.add_dynamic_partitions("lectures", [waiting])
    ticks = int(timedelta(days=1) / TICK)
    assert await asked_of(instance, ticks) == {lost: 1}
    assert await asked_of(instance, ticks + 1) == {lost: 2}  # on the next day once more


async def test_stale_paid_media_are_asked_for_only_where_that_is_switched_on(
    db: Database, instance: dg.DagsterInstance, switched: Callable[[str], None]
) -> None:
    media_made(instance, await lecture(db, "lecture-stale", "stale"))
    assert await asked_of(instance, 3) == {}
    switched("remake_stale_lectures")
    assert await asked_of(instance, 3) == {"lecture-stale": 1}
    switched("-make_missing")
    assert condition_of("lectures", "lecture_video") is None


async def test_an_organization_that_has_spent_its_month_is_asked_for_nothing(
    db: Database,
    database: TestDatabase,
    instance: dg.DagsterInstance,
    switched: Callable[[str], None],
) -> None:
    media_made(instance, await lecture(db, "lecture-lost", "missing"))
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute(
            "insert into app.budgets (org_id, line, hard_usd) values ('default', 'lectures', 0)"
        )
    assert await asked_of(instance, 3) == {}


def test_a_switch_that_is_not_there_is_named_with_those_that_are(
    switched: Callable[[str], None],
) -> None:
    switched("remake_everything")
    with pytest.raises(RuntimeError, match="no 'remake_everything'; there are make_missing"):
        condition_of("lectures", "lecture_video")


def test_no_automation_rings_publishes_or_discards_edits(
    switched: Callable[[str], None],
) -> None:
    switched(",".join(policies.AUTOMATIONS))
    kinds = {**articles.KINDS, **lectures.KINDS, **pages.KINDS, **calls.KINDS}
    by_name_only = {asset for asset, kind in kinds.items() if kind.by_name_only}
    assert by_name_only == policies.NEVER_BY_ITSELF
    for asset in by_name_only:
        assert not any(condition_of(kind, asset) for kind in policies.LINES), asset


def test_every_automation_says_why_it_is_on_or_off() -> None:
    for name, automation in policies.AUTOMATIONS.items():
        assert len(automation.reason) > 40, name
        assert automation.kinds <= policies.LINES, name
