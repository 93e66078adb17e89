"""Our event log in a real Postgres, told of checks by a real op."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa

from pipeline_defs.runtime.dagster.event_log import EventLog
from pipeline_defs.runtime.dagster.events import log_checks
from pipeline_defs.runtime.dagster.internals import AssetCheckExecutionsTable
from pipeline_defs_tests.servers import TestDatabase

KEYS = [f"unit/{number:03d}" for number in range(1, 9)]
PARTS = dg.DynamicPartitionsDefinition(name="parts")
CHECK = dg.AssetCheckKey(dg.AssetKey("image"), "is_sharp")


@pytest.fixture
def instance(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "500")
    with dg.DagsterInstance.ephemeral() as instance:
        log = EventLog(database.superuser_url.replace("postgresql://", "postgresql+psycopg2://"))
        log.register_instance(instance)
        instance._event_storage = log
        instance.add_dynamic_partitions("parts", KEYS)
        yield instance
        log.dispose()


def judged(key: str, *, passed: bool) -> dg.AssetCheckEvaluation:
    return dg.AssetCheckEvaluation(
        asset_key=CHECK.asset_key, check_name=CHECK.name, passed=passed, partition=key
    )


def run(instance: dg.DagsterInstance, checks: list[dg.AssetCheckEvaluation]) -> None:
    """Log these in an op of which one partition's check is planned."""

    @dg.multi_asset(
        specs=[dg.AssetSpec("image", partitions_def=PARTS, skippable=True)],
        check_specs=[dg.AssetCheckSpec("is_sharp", asset="image", partitions_def=PARTS)],
        can_subset=True,
    )
    def op(context: dg.AssetExecutionContext) -> Iterator[Any]:
        log_checks(context, checks)
        yield from ()

    assert dg.materialize([op], instance=instance, partition_key=KEYS[0]).success


def rows(instance: dg.DagsterInstance) -> Counter[tuple[str, str]]:
    log = instance.event_log_storage
    assert isinstance(log, EventLog)
    table = AssetCheckExecutionsTable
    with log.index_connection() as connection:
        found = connection.execute(sa.select(table.c.partition, table.c.execution_status))
        return Counter((row[0], row[1]) for row in found)


def test_outcomes_take_the_place_of_what_was_planned_and_stand_beside_it(
    instance: dg.DagsterInstance,
) -> None:
    run(instance, [judged(key, passed=key != KEYS[1]) for key in KEYS])
    expected = {(key, "SUCCEEDED" if key != KEYS[1] else "FAILED"): 1 for key in KEYS}
    assert rows(instance) == expected


def test_of_a_check_that_is_told_twice_the_last_counts(instance: dg.DagsterInstance) -> None:
    told = [judged(key, passed=passed) for key in KEYS[:2] for passed in (False, True)]
    run(instance, told)
    assert rows(instance) == {(key, "SUCCEEDED"): 1 for key in KEYS[:2]}
    latest = instance.event_log_storage.get_latest_asset_check_execution_by_key([CHECK])
    assert latest[CHECK].status.value == "SUCCEEDED"


def test_each_run_has_an_outcome_of_its_own(instance: dg.DagsterInstance) -> None:
    run(instance, [judged(KEYS[0], passed=False), judged(KEYS[1], passed=False)])
    run(instance, [judged(KEYS[0], passed=True), judged(KEYS[1], passed=True)])
    assert rows(instance) == {(k, o): 1 for k in KEYS[:2] for o in ("FAILED", "SUCCEEDED")}


def test_many_checks_are_few_writes(instance: dg.DagsterInstance) -> None:
    log = instance.event_log_storage
    assert isinstance(log, EventLog)
    statements: list[str] = []
    sa.event.listen(
        log._engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_: statements.append(statement),
    )
    run(instance, [judged(KEYS[0], passed=True)])
    one = len(statements)
    statements.clear()
    run(instance, [judged(KEYS[0], passed=True) for _ in range(100)])
    assert len(statements) < one + 5
