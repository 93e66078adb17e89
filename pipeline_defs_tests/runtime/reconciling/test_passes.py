"""A whole pass: every area, its report, and what is away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from pipeline_defs.domain.errors import Transient, Unknown
from pipeline_defs.domain.reconciliation import LOSSES, totals
from pipeline_defs.runtime.reconciling import passes, providers
from pipeline_defs.runtime.reconciling.passes import reconcile
from pipeline_defs.runtime.reconciling.world import World
from pipeline_defs.storage.database import Database
from pipeline_defs_tests.runtime.reconciling.conftest import RUN
from pipeline_defs_tests.runtime.reconciling.test_units import forget
from pipeline_defs_tests.servers import PostgresForTests, TestDatabase, ValkeyForTests


async def newest(db: Database) -> dict[str, Any]:
    rows = await db.all(None, "reconciliation.newest", run_id=None, most=5)
    assert len(rows) == 1
    return rows[0]


async def test_a_pass_stores_every_number_and_a_second_one_finds_nothing(
    world: World, unit: str, admin: psycopg.Connection
) -> None:
    forget(admin, unit)
    report = await reconcile(world, "full")
    assert report.faults == {}
    assert {finding.loss for finding in report.findings} == LOSSES.keys()
    assert report.totals == totals(report.findings)
    assert (report.totals["found"], report.totals["repaired"]) == (1, 1)
    row = await newest(world.database)
    assert row["run_id"] == RUN
    assert [f["found"] for f in row["findings"] if f["loss"] == "units_forgotten"] == [1]
    again = await reconcile(world, "full")  # the same run, tried again: one report
    assert again.totals["found"] == 0
    assert {f["found"] for f in (await newest(world.database))["findings"]} == {0}


async def test_old_reports_are_forgotten(
    world: World, admin: psycopg.Connection, count: Callable[..., int]
) -> None:
    await reconcile(world, "quick")
    admin.execute("update app.reconciliations set ended_at = now() - interval '31 days'")
    await reconcile(replace(world, run_id="another"), "quick")
    assert count("reconciliations") == 1


async def test_without_redis_everything_else_is_looked_at(
    world: World, unit: str, admin: psycopg.Connection, valkey_server: ValkeyForTests
) -> None:
    forget(admin, unit)
    valkey_server.kill()
    try:
        report = await reconcile(world, "quick")
    finally:
        valkey_server.restart()
    assert {area: fault.code for area, fault in report.faults.items()} == {
        "permits": "PERMITS_UNAVAILABLE"
    }
    assert report.totals["repaired"] == 1
    assert (await newest(world.database))["faults"]["permits"]["retryable"]


async def test_what_nobody_foresaw_in_one_area_is_told_and_hides_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_world: World) -> Any:
        raise KeyError("a bug")

    monkeypatch.setitem(passes.LOOKS, "inbox", broken)  # pyright: ignore[reportArgumentType]
    report = await reconcile(world, "quick")
    assert isinstance(report.unknown, Unknown)
    assert await providers.look(world) == [f for f in report.findings if f.area == "providers"]


async def test_without_our_database_a_pass_is_transient(
    world: World,
    database: TestDatabase,
    postgres_server: PostgresForTests,
    count: Callable[..., int],
) -> None:
    postgres_server._run("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false", database.name)
    try:
        with psycopg.connect(postgres_server.url(), autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = %s and usename = 'pipeline_app'",
                [database.name],
            )
        async with Database.open(database.app_url, patience=0.5) as db:
            with pytest.raises(Transient, match="DATABASE_UNAVAILABLE"):
                await reconcile(replace(world, database=db), "quick")
    finally:
        postgres_server._run("ALTER DATABASE {} WITH ALLOW_CONNECTIONS true", database.name)
    assert count("reconciliations") == 0
