"""The reconciler's asset, run as Dagster runs it, on a real Postgres, Valkey and blob folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import psycopg
import pytest

from pipeline_defs import policies
from pipeline_defs.domain.reconciliation import LOSSES
from pipeline_defs.gateways.blobs import BlobRef
from pipeline_defs.runtime.dagster.internals import (
    ReconstructableRepository,
)
from pipeline_defs.settings import get_settings
from pipeline_defs_tests.dagster_instance import Dagster
from pipeline_defs_tests.servers import TestDatabase


@pytest.fixture
def state(
    database: TestDatabase, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """The environment of a worker; where it keeps its files."""
    monkeypatch.setenv("PIPELINE_STATE", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", database.app_url)
    monkeypatch.setenv("REDIS_URL", redis_url)
    get_settings.cache_clear()
    yield tmp_path
    get_settings.cache_clear()


def run(dagster: Dagster, *, blobs: bool) -> dict[str, dg.MetadataValue]:
    """One pass by the job; the metadata of what it materialized."""
    location = ReconstructableRepository.for_module("pipeline_defs.definitions", "defs")
    job = location.get_reconstructable_job("reconcile")
    config = {"ops": {"reconciliation": {"config": {"blobs": blobs}}}}
    with dg.execute_job(job, dagster.instance, run_config=config) as result:
        assert result.success
        (event,) = result.get_asset_materialization_events()
    return dict(event.materialization.metadata)


def test_a_run_repairs_and_tells_in_numbers_that_can_be_plotted(
    state: Path, dagster: Dagster, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "BLOB_GRACE", -60.0)
    path = state / "blobs" / BlobRef.of(b"orphan", "").path
    path.parent.mkdir(parents=True)
    path.write_bytes(b"orphan")
    ended = dagster.run(dg.DagsterRunStatus.QUEUED, age=3600, tags={"pipeline/dispatch": "old"})
    told = run(dagster, blobs=True)
    numbers = {name: told[name].value for name in LOSSES}
    assert {name: count for name, count in numbers.items() if count} == {
        "runs_unwanted": 1,
        "blobs_orphaned": 1,
    }
    assert (told["found"].value, told["failed"].value, told["removed"].value) == (2, 1, 1)
    assert (told["removed_bytes"].value, told["not_looked_at"].value) == (6, 0)
    assert isinstance(told["findings"], dg.TableMetadataValue)
    assert dagster.status(ended) == dg.DagsterRunStatus.CANCELED
    assert not path.exists()
    again = run(dagster, blobs=False)
    assert again["found"].value == 0
    assert "blobs_orphaned" not in again
    with psycopg.connect(database.superuser_url) as connection:
        scopes = connection.execute("select scope from app.reconciliations order by id").fetchall()
    assert scopes == [("full",), ("quick",)]


def test_it_knows_the_partitions_and_bridges_of_every_line(
    state: Path, dagster: Dagster, database: TestDatabase
) -> None:
    """A finished article whose bridge and draft were never told of, and whose keys are gone."""
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(
            "insert into app.units (org_id, id, kind, status, created_by, dispatch_due_at, "
            "finished_at) values ('o', 'a', 'articles', 'completed', 'x', null, now())"
        )
        for asset, partition in (("section_brief", "a/01"), ("section_draft", "a/01")):
            connection.execute(
                "insert into app.asset_versions (org_id, unit_id, asset, partition, data_version, "
                "code_version, input_hash, input_versions, made_at) "
                "values ('o', 'a', %s, %s, 'v', '', '', '{}', now() - interval '5 minutes')",
                [asset, partition],
            )
    told = run(dagster, blobs=False)
    assert (told["versions_unreported"].value, told["partitions_missing"].value) == (2, 1)
    assert told["repaired"].value == 3
    assert dagster.instance.get_dynamic_partitions("sections") == ["a/01"]
    wanted = dg.AssetRecordsFilter(dg.AssetKey("section_brief"))
    assert len(dagster.instance.fetch_observations(wanted, limit=5).records) == 1
