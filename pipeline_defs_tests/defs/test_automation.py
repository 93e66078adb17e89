"""What Dagster asks for by itself, over a simulated day: what is wanted, once, and nothing else."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import dagster as dg
import psycopg
import pytest

from pipeline_defs import policies
from pipeline_defs.defs import automation
from pipeline_defs.defs.automation import condition_of
from pipeline_defs.domain.api_keys import ApiKey
from pipeline_defs.domain.articles import graph as articles
from pipeline_defs.domain.articles import recipe as article_recipe
from pipeline_defs.domain.calls import graph as calls
from pipeline_defs.domain.calls import recipe as campaign_recipe
from pipeline_defs.domain.lectures import graph as lectures
from pipeline_defs.domain.lectures import recipe as lecture_recipe
from pipeline_defs.domain.pages import graph as pages
from pipeline_defs.domain.pages import recipe as page_recipe
from pipeline_defs.runtime.automation import WantingOfTick
from pipeline_defs.runtime.inspection import put_wanting
from pipeline_defs.settings import get_settings
from pipeline_defs.storage.bootstrap import ensure_organization
from pipeline_defs.storage.database import Database, Transaction
from pipeline_defs_tests.servers import TestDatabase

DAY = datetime(2026, 12, 1, 0, 10, tzinfo=UTC)
HOUR, ONE_DAY = timedelta(hours=1), timedelta(days=1)
INTERVAL = timedelta(seconds=policies.AUTOMATION_INTERVAL)


class Main(NamedTuple):
    """What stands for a unit of a line, or is judged again: its line, and what it is made from."""

    kind: str
    sources: tuple[str, ...]


MAIN = {
    "article": Main("articles", article_recipe.NEEDS["article"]),
    "lecture_video": Main("lectures", lecture_recipe.NEEDS["lecture_video"]),
    "page": Main("pages", page_recipe.NEEDS["page"]),
    "campaign_report": Main("campaigns", campaign_recipe.NEEDS["campaign_report"]),
    "hypothesis_verdict": Main("campaigns", campaign_recipe.NEEDS["hypothesis_verdict"]),
}


@pytest.fixture
def switched(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], None]]:
    """Settings of a stack whose tables are this test's; switch automations on and off with it."""
    monkeypatch.setenv("DATABASE_URL", database.app_url)
    monkeypatch.setenv("DAGSTER_DATABASE_URL", "postgresql://nobody@127.0.0.1/none")
    monkeypatch.setattr(automation, "_WANTING", WantingOfTick())  # of another test's first ticks

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


async def unit(
    db: Database,
    name: str,
    standing: str | None,
    *,
    asset: str = "lecture_video",
    status: str = "completed",
) -> str:
    """A unit at rest of which an asset stands so."""

    async def store(tx: Transaction) -> None:
        await tx.run(
            "units.create",
            id=name,
            kind=MAIN[asset].kind,
            status="queued",
            title=name,
            steps_total=1,
            created_by="test",
        )
        await tx.run("units.set_status", id=name, status="generating", stage=None)
        await tx.run("units.finish", id=name, status=status, error=None)

    await db.transact("default", store)
    await stands(db, name, asset, standing)
    return name


async def stands(db: Database, name: str, asset: str, standing: str | None) -> None:
    """An inspection finds that an asset stands so; None is as it should be."""

    async def store(tx: Transaction) -> None:
        await tx.run("wanting.clear", unit_id=name)
        if standing is not None:
            row = {"asset": asset, "partition": name, "standing": standing}
            await put_wanting(tx, name, [row])

    await db.transact("default", store)


class Days:
    """Dagster's automation sensor on simulated days, looking at one asset."""

    def __init__(self, instance: dg.DagsterInstance, asset: str = "lecture_video") -> None:
        self.instance = instance
        self.partitions = dg.DynamicPartitionsDefinition(name=MAIN[asset].kind)
        self.now = DAY
        specs = [dg.AssetSpec(n, partitions_def=self.partitions) for n in MAIN[asset].sources]

        @dg.asset(
            name=asset,
            partitions_def=self.partitions,
            deps=specs,
            automation_condition=condition_of(MAIN[asset].kind, asset),
        )
        def made() -> None:
            raise RuntimeError("its worker died")

        self.asset = made
        self.specs = specs
        self.defs = dg.Definitions(assets=[*specs, made])
        self.cursor: Any = None  # Dagster's own, opaque

    async def asked(self, during: timedelta, every: timedelta = HOUR) -> Counter[str]:
        """How often each partition is asked for, off this event loop: an evaluation has its own."""
        return await asyncio.to_thread(self._asked, during, every)

    def _asked(self, during: timedelta, every: timedelta) -> Counter[str]:
        found: Counter[str] = Counter()
        end = self.now + during
        while self.now < end:
            result = dg.evaluate_automation_conditions(
                self.defs, self.instance, evaluation_time=self.now, cursor=self.cursor
            )
            self.cursor = result.cursor
            keys = result.get_requested_partitions(self.asset.key)
            found.update(key for key in keys if key is not None)
            self.now += every
        return found

    async def fail(self, partition: str) -> None:
        """A run of the asset fails."""
        result = await asyncio.to_thread(
            dg.materialize,
            [*self.specs, self.asset],
            partition_key=partition,
            instance=self.instance,
            selection=[self.asset],
            raise_on_error=False,
        )
        assert not result.success

    def succeed(self, partition: str) -> None:
        """The asset is made."""
        made = dg.AssetMaterialization(self.asset.key, partition=partition)
        self.instance.report_runless_asset_event(made)

    def sources_made(self, *partitions: str) -> None:
        """What the asset is made from is there."""
        self.instance.add_dynamic_partitions(self.partitions.name or "", list(partitions))
        for partition in partitions:
            for spec in self.specs:
                made = dg.AssetMaterialization(spec.key, partition=partition)
                self.instance.report_runless_asset_event(made)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


@pytest.mark.parametrize("asset", MAIN)
async def test_what_is_missing_is_asked_for_once_a_day_and_what_was_given_up_never(
    db: Database, instance: dg.DagsterInstance, switched: Callable[[str], None], asset: str
) -> None:
    lost = await unit(db, "lost", "missing", asset=asset)
    days = Days(instance, asset)
    days.sources_made(
        lost,
        await unit(db, "whole", None, asset=asset),
        await unit(db, "cancelled", "missing", asset=asset, status="cancelled"),
        await unit(db, "failed", "missing", asset=asset, status="failed"),
    )
    waiting = await unit(db, "without-sources", "missing", asset=asset)
    instance.add_dynamic_partitions(MAIN[asset].kind, [waiting])
    assert await days.asked(ONE_DAY) == {lost: 1}
    assert await days.asked(HOUR) == {lost: 1}  # on the next day once more


async def test_at_the_interval_of_the_sensor_nothing_is_asked_for_more_often(
    db: Database, instance: dg.DagsterInstance, switched: Callable[[str], None]
) -> None:
    lost = await unit(db, "lost", "missing")
    days = Days(instance)
    days.sources_made(lost)
    assert await days.asked(3 * HOUR, INTERVAL) == {lost: 1}
    await days.fail(lost)
    assert await days.asked(HOUR, INTERVAL) == {}


@pytest.mark.parametrize("asset", MAIN)
async def test_what_failed_is_asked_for_no_more_until_somebody_made_it(
    db: Database, instance: dg.DagsterInstance, switched: Callable[[str], None], asset: str
) -> None:
    """The tables still want it: a run that died said nothing to them."""
    lost = await unit(db, "lost", "missing", asset=asset)
    days = Days(instance, asset)
    days.sources_made(lost)
    assert await days.asked(2 * HOUR) == {lost: 1}
    await days.fail(lost)
    assert await days.asked(2 * ONE_DAY, 3 * HOUR) == {}
    days.succeed(lost)
    assert await days.asked(2 * HOUR) == {lost: 1}


async def test_a_verdict_on_old_evidence_is_asked_for_exactly_once(
    db: Database, instance: dg.DagsterInstance, switched: Callable[[str], None]
) -> None:
    asset = "hypothesis_verdict"
    days = Days(instance, asset)
    old = await unit(db, "old", "stale", asset=asset)
    days.sources_made(old, await unit(db, "current", None, asset=asset))
    assert await days.asked(HOUR, INTERVAL) == {old: 1}
    days.succeed(old)
    await stands(db, old, asset, None)
    assert await days.asked(2 * ONE_DAY, 3 * HOUR) == {}
    await stands(db, old, asset, "stale")
    assert await days.asked(HOUR, INTERVAL) == {old: 1}
    await days.fail(old)
    assert await days.asked(2 * ONE_DAY, 3 * HOUR) == {}


async def test_stale_paid_media_are_asked_for_only_where_that_is_switched_on(
    db: Database, instance: dg.DagsterInstance, switched: Callable[[str], None]
) -> None:
    stale = await unit(db, "stale", "stale")
    days = Days(instance)
    days.sources_made(stale)
    assert await days.asked(3 * HOUR) == {}
    switched("remake_stale_lectures")
    assert await Days(instance).asked(3 * HOUR) == {stale: 1}
    switched("-make_missing")
    assert condition_of("lectures", "lecture_video") is None


async def test_an_organization_that_has_spent_its_month_is_asked_for_nothing(
    db: Database,
    database: TestDatabase,
    instance: dg.DagsterInstance,
    switched: Callable[[str], None],
) -> None:
    days = Days(instance)
    days.sources_made(await unit(db, "lost", "missing"))
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute(
            "insert into app.budgets (org_id, line, hard_usd) values ('default', 'lectures', 0)"
        )
    assert await days.asked(3 * HOUR) == {}


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
    for name, rule in policies.AUTOMATIONS.items():
        assert len(rule.reason) > 40, name
        assert rule.kinds <= policies.LINES, name
