"""A Dagster instance on Postgres for tests that need no other process of Dagster."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import psycopg

from pipeline_defs.runtime.dagster.internals import (
    RegisteredCodeLocationOrigin,
    RemoteRepositoryOrigin,
)

ORIGIN = RemoteRepositoryOrigin(
    RegisteredCodeLocationOrigin("pipeline"), "__repository__"
).get_job_origin("nothing")


class Dagster:
    """An instance on Postgres, and the means to make what is in it look old."""

    def __init__(self, instance: dg.DagsterInstance, url: str) -> None:
        self.instance = instance
        self._url = url

    def run(
        self, status: dg.DagsterRunStatus, *, age: float = 0, tags: dict[str, str] | None = None
    ) -> str:
        """A run in that state since `age` seconds; its id."""
        run = self.instance.create_run_for_job(
            _nothing, status=status, tags=tags or {}, remote_job_origin=ORIGIN
        )
        self.age(run.run_id, age)
        return run.run_id

    def age(self, run_id: str, seconds: float) -> None:
        """As if all that happened to the run had happened so much earlier."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(
                "update runs set"
                " create_timestamp = create_timestamp - make_interval(secs => %(s)s),"
                " update_timestamp = now() at time zone 'utc' - make_interval(secs => %(s)s),"
                " start_time = extract(epoch from now()) - %(s)s,"
                " end_time = extract(epoch from now()) - %(s)s where run_id = %(run)s",
                {"s": seconds, "run": run_id},
            )

    def status(self, run_id: str) -> dg.DagsterRunStatus:
        """How a run stands."""
        run = self.instance.get_run_by_id(run_id)
        assert run is not None
        return run.status

    def said(self, run_id: str) -> str:
        """What the events of a run say."""
        return "\n".join(entry.message for entry in self.instance.all_logs(run_id))


@dg.job
def _nothing() -> None:
    """A job whose runs only exist."""


@contextmanager
def dagster_on(url: str, folder: Path) -> Generator[Dagster]:
    """An instance on an empty database of its own."""
    driver = url.replace("postgresql:", "postgresql+psycopg2:", 1)
    overrides = {
        "storage": {"postgres": {"postgres_url": driver}},
        "telemetry": {"enabled": False},
    }
    with dg.instance_for_test(overrides, set_dagster_home=False, temp_dir=str(folder)) as instance:
        yield Dagster(instance, url)
