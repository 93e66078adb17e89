"""Which runs may be deleted: none that an asset's state rests on."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pytest

from pipeline_defs import policies
from pipeline_defs.runtime.dagster import history

PARTS = dg.DynamicPartitionsDefinition(name="parts")
AT_ONCE = 3


@dg.asset(partitions_def=PARTS)
def image() -> None:
    """Made anew by every run."""


@dg.asset
def report() -> None:
    """Of no partition."""


@dg.job
def nothing() -> None:
    """Touches no asset."""


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setattr(policies, "RUNS_LOOKED_AT_ONCE", AT_ONCE)
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("parts", ["a", "b"])
        yield instance


def make(instance: dg.DagsterInstance, partition: str | None) -> str:
    made = [image] if partition else [report]
    return dg.materialize(made, instance=instance, partition_key=partition).run_id


def test_a_run_stays_as_long_as_it_made_the_newest_of_some_partition(
    instance: dg.DagsterInstance,
) -> None:
    old, other, newer = (make(instance, part) for part in ("a", "b", "a"))
    reports = [make(instance, None) for _ in range(2)]
    idle = [nothing.execute_in_process(instance=instance).run_id for _ in range(2 * AT_ONCE)]
    assert not history.delete_old_runs(instance, days=1, most=100)
    assert history.delete_old_runs(instance, days=-1, most=100) == 2 + len(idle)
    assert set(instance.get_run_ids()) == {other, newer, reports[1]}
    assert not instance.all_logs(old)
    assert instance.get_materialized_partitions(image.key) == {"a", "b"}


def test_it_goes_once_the_events_of_its_partitions_went(instance: dg.DagsterInstance) -> None:
    kept = make(instance, "b")
    make(instance, "a")
    assert history.wipe(instance, instance.all_asset_keys(), ["a"]) == 2  # planned and made
    assert history.delete_old_runs(instance, days=-1, most=100) == 1
    assert list(instance.get_run_ids()) == [kept]


def test_no_more_runs_go_than_asked_for(instance: dg.DagsterInstance) -> None:
    for _ in range(AT_ONCE + 2):
        nothing.execute_in_process(instance=instance)
    assert history.delete_old_runs(instance, days=-1, most=AT_ONCE + 1) == AT_ONCE + 1
    assert instance.get_runs_count() == 1
