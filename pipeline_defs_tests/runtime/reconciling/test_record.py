"""What Dagster was never told of units at rest, and partitions it has lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import dagster as dg
import psycopg
import pytest

from pipeline_defs.domain.errors import Transient
from pipeline_defs.runtime import control
from pipeline_defs.runtime.dagster.events import AssetEvent
from pipeline_defs.runtime.lines import ARTICLE_LINE
from pipeline_defs.runtime.reconciling import record
from pipeline_defs.runtime.reconciling.world import World
from pipeline_defs.runtime.reporting import Untold
from pipeline_defs.runtime.work import Made
from pipeline_defs.storage.database import Database
from pipeline_defs_tests.dagster_instance import Dagster
from pipeline_defs_tests.runtime.conftest import ORG, Workers
from pipeline_defs_tests.runtime.reconciling.conftest import numbers

OLD = "update app.asset_versions set made_at = now() - interval '5 minutes'"


def made(unit: str) -> list[Made]:
    """A brief and the draft made from it, as a worker stores them."""
    part = f"{unit}/01"
    return [
        Made("section_draft", part, "d1", "c1", "h", inputs={"section_brief": "b1"}),
        Made("section_brief", part, "b1", "", ""),
    ]


async def stored(workers: Workers, db: Database, unit: str, *, finished: bool = True) -> None:
    """A worker stored its results and died before it could say so."""
    work = await workers.on(unit, alive=False)
    await db.transact(ORG, lambda tx: control.begin(tx, ARTICLE_LINE, unit, "queued"))
    for one in made(unit):
        await work.store(one)
    if finished:
        await db.transact(ORG, lambda tx: control.finish(tx, ARTICLE_LINE, unit, "completed"))


def told(dagster: Dagster, asset: str) -> list[dict[str, str]]:
    """The tags of an asset's materializations."""
    wanted = dg.AssetRecordsFilter(dg.AssetKey(asset))
    records = dagster.instance.fetch_materializations(wanted, limit=100).records
    events = [r.asset_materialization for r in records]
    return [dict(event.tags or {}) for event in events if event is not None]


async def test_what_a_dead_worker_left_untold_is_told_with_its_provenance(
    world: World,
    dagster: Dagster,
    unit: str,
    workers: Workers,
    admin: psycopg.Connection,
    count: Callable[..., int],
) -> None:
    await stored(workers, world.database, unit)
    admin.execute(OLD)
    assert numbers(await record.look(world), "versions_unreported") == {"found": 2, "repaired": 2}
    (draft,) = told(dagster, "section_draft")
    assert draft["dagster/data_version"] == "d1"
    assert draft["dagster/input_data_version/section_brief"] == "b1"
    assert draft["dagster/input_event_pointer/section_brief"].isdigit()
    assert dagster.instance.has_dynamic_partition("sections", f"{unit}/01")
    assert count("asset_versions", "reported_at is null") == 0
    assert count("units", "claim_holder is not null") == 0
    assert numbers(await record.look(world), "versions_unreported") == {}
    assert len(told(dagster, "section_draft")) == 1


async def test_a_unit_in_work_or_with_a_worker_is_told_of_by_its_runs(
    world: World,
    dagster: Dagster,
    unit: str,
    workers: Workers,
    admin: psycopg.Connection,
) -> None:
    await stored(workers, world.database, unit, finished=False)
    admin.execute(OLD)
    assert numbers(await record.look(world), "versions_unreported") == {}
    admin.execute("update app.units set status = 'completed'")  # and its worker says that it lives
    assert numbers(await record.look(world), "versions_unreported") == {}
    assert told(dagster, "section_draft") == []


async def test_whoever_takes_the_unit_over_meanwhile_tells_what_is_left(
    world: World,
    unit: str,
    workers: Workers,
    admin: psycopg.Connection,
    count: Callable[..., int],
) -> None:
    """What was told stands as untold: the new worker may have made another version since."""
    await stored(workers, world.database, unit)
    admin.execute(OLD)

    def taken_over(versions: Sequence[Untold]) -> Iterable[list[AssetEvent]]:
        admin.execute("update app.units set fence = fence + 1")
        return world.events(versions)

    found = await record.look(replace(world, events=taken_over))
    assert numbers(found, "versions_unreported") == {"found": 2}
    assert count("asset_versions", "reported_at is null") == 2


async def test_nothing_is_noted_as_told_where_dagster_is_away(
    world: World,
    unit: str,
    workers: Workers,
    admin: psycopg.Connection,
    count: Callable[..., int],
) -> None:
    await stored(workers, world.database, unit)
    admin.execute(OLD)

    def away(versions: Sequence[Untold]) -> Any:
        raise Transient("DAGSTER_UNAVAILABLE", "away")

    with pytest.raises(Transient, match="DAGSTER_UNAVAILABLE"):
        await record.look(replace(world, events=away))
    assert count("asset_versions", "reported_at is null") == 2
    admin.execute("update app.units set claim_expires_at = now() - interval '1 s'")  # as it will
    assert numbers(await record.look(world), "versions_unreported") == {"found": 2, "repaired": 2}


async def test_partitions_of_units_in_work_are_registered_again_but_not_those_of_old_ones(
    world: World,
    dagster: Dagster,
    db: Database,
    unit: str,
    workers: Workers,
    admin: psycopg.Connection,
) -> None:
    await stored(workers, db, unit)
    found = numbers(await record.look(world), "partitions_missing")
    assert found == {"found": 1, "repaired": 1}
    assert dagster.instance.get_dynamic_partitions("sections") == [f"{unit}/01"]
    assert numbers(await record.look(world), "partitions_missing") == {}
    dagster.instance.delete_dynamic_partition("sections", f"{unit}/01")
    admin.execute("update app.units set finished_at = now() - interval '3 days'")
    assert numbers(await record.look(world), "partitions_missing") == {}
