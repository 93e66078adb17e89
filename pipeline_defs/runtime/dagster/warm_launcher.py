"""Starts runs on Celery workers that already hold the code, and notices when one is gone.

`CeleryRunLauncher` brings the configuration; three of its gaps are closed here:
a cancelled run is reported as cancelling (stock: it ends as a failure and may be retried), a run
whose worker process died is failed within seconds (stock: never), and the Celery task carries the
run's own id, so that no tag has to be written before a run can be found.
"""

from __future__ import annotations

import time
from functools import cached_property
from typing import Any

from celery import Celery
from dagster import DagsterRun
from dagster_celery.launcher import CeleryRunLauncher

from pipeline_defs import policies
from pipeline_defs.runtime.dagster.broker import EXECUTE_RUN, make_broker
from pipeline_defs.runtime.dagster.internals import (
    CheckRunHealthResult,
    LaunchRunContext,
    WorkerStatus,
)

PRIORITY_TAG = "dagster/priority"


class WarmRunLauncher(CeleryRunLauncher):
    """Run launcher for warm prefork workers."""

    def __init__(self, inst_data: Any = None, **_config: Any) -> None:
        self._inst_data = inst_data
        self._misses: dict[str, int] = {}
        self._active: tuple[float, dict[str, frozenset[str]]] = (0.0, {})

    @cached_property
    def celery(self) -> Celery:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The broker, connected to when the first run is launched."""
        return make_broker()

    @property
    def supports_resume_run(self) -> bool:
        """A dead run is retried as a new run; its finished steps are in the ledger."""
        return False

    def launch_run(self, context: LaunchRunContext) -> None:
        """Hand the run to a worker; waits for an absent broker up to the tolerated outage."""
        run = context.dagster_run
        self.celery.send_task(
            EXECUTE_RUN,
            args=[run.run_id],
            task_id=run.run_id,
            priority=celery_priority(run),
            retry=True,
            retry_policy={
                "max_retries": int(policies.REDIS_OUTAGE_TOLERANCE),
                "interval_start": 0.2,
                "interval_step": 0.3,
                "interval_max": 1.0,
            },
        )

    def terminate(self, run_id: str) -> bool:
        """Report cancelling first, so that the worker's interrupt ends the run as cancelled."""
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            return False
        self._instance.report_run_canceling(run)
        self.celery.control.revoke(run_id, terminate=True, signal="SIGTERM")
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Alive when a worker lists the run's task as active; dead after two misses.

        A worker that does not answer at all is given longer: it, or Redis, may be restarting.
        """
        result = self.celery.AsyncResult(run.run_id)
        state = str(result.state)
        if state == "SUCCESS":  # the run's last event may be on its way, or never got written
            return self._miss(
                run.run_id, policies.WORKER_MISSED_CHECKS, "its worker ended without a last event"
            )
        if state in ("FAILURE", "REVOKED"):
            return CheckRunHealthResult(WorkerStatus.FAILED, f"Celery task ended as {state}")
        owner = result.info.get("hostname") if isinstance(result.info, dict) else None
        active = self._active_tasks()
        if any(run.run_id in tasks for tasks in active.values()):
            self._misses.pop(run.run_id, None)
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        if not active or (owner is not None and owner not in active):
            return self._miss(run.run_id, policies.WORKER_SILENT_CHECKS, "its worker is silent")
        return self._miss(run.run_id, policies.WORKER_MISSED_CHECKS, "its worker process is gone")

    def _miss(self, run_id: str, allowed: int, reason: str) -> CheckRunHealthResult:
        misses = self._misses.get(run_id, 0) + 1
        if misses >= allowed:
            self._misses.pop(run_id, None)
            return CheckRunHealthResult(WorkerStatus.FAILED, reason)
        self._misses[run_id] = misses
        return CheckRunHealthResult(WorkerStatus.RUNNING, f"{reason} (check {misses})")

    def _active_tasks(self) -> dict[str, frozenset[str]]:
        """Ids of the tasks in work, by the name of each worker that answers."""
        asked_at, known = self._active
        if time.monotonic() - asked_at > policies.WORKER_INSPECT_CACHE:
            answers = self.celery.control.inspect(timeout=policies.WORKER_INSPECT_TIMEOUT).active()
            known = {
                worker: frozenset(task["id"] for task in tasks)
                for worker, tasks in (answers or {}).items()
            }
            self._active = (time.monotonic(), known)
        return known

    def broker_answers(self) -> bool:
        """Whether a message could be sent right now, found out within a fraction of a second."""
        try:
            with self.celery.connection_for_write() as connection:
                connection.ensure_connection(max_retries=1, timeout=1)
        except (*self.celery.connection_for_write().connection_errors, OSError):
            return False
        return True

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """No configuration: the broker is the configured Redis."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> WarmRunLauncher:
        """Build it from dagster.yaml."""
        return cls(inst_data=inst_data, **config_value)


def celery_priority(run: DagsterRun) -> int:
    """Dagster's priority (higher first) as Redis' transport counts it (0 first, 9 last)."""
    try:
        wanted = int(run.tags.get(PRIORITY_TAG, "0"))
    except ValueError:
        wanted = 0
    return min(9, max(0, 5 - wanted))
