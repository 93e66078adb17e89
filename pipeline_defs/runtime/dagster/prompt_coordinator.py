"""A run queue that lets a run pass at once when there is room.

Stock: every run waits for the queue daemon's next pass (a second or more). Here a run that nobody
is ahead of, and for which a slot is free, is launched by whoever submits it: a click in the UI, the
gateway, a sensor. All others queue as usual and the daemon keeps the limits and the priorities.
Two processes that submit at the same moment may both see the last free slot; the surplus run then
waits in the broker for a moment, as workers take no more than the limit.
"""

from __future__ import annotations

import threading

from dagster import DagsterRun, DagsterRunStatus, RunsFilter

from pipeline_defs.runtime.dagster.internals import (
    IN_PROGRESS_RUN_STATUSES,
    QueuedRunCoordinator,
    SubmitRunContext,
)
from pipeline_defs.runtime.dagster.warm_launcher import WarmRunLauncher

# One launch at a time in a process, so that each counts the slot the one before has taken.
LAUNCHING = threading.Lock()


class PromptRunCoordinator(QueuedRunCoordinator):
    """`QueuedRunCoordinator` with a fast lane for an idle queue."""

    def submit_run(self, context: SubmitRunContext) -> DagsterRun:
        """Launch now when a slot is free and nothing waits, else queue."""
        run = context.dagster_run
        if run.status == DagsterRunStatus.NOT_STARTED:
            with LAUNCHING:
                if self._may_pass(run):
                    return self._instance.launch_run(run.run_id, context.workspace)
        return super().submit_run(context)

    def _may_pass(self, run: DagsterRun) -> bool:
        queue = self._instance.get_concurrency_config().run_queue_config
        if queue is None or any(
            limit["key"] in run.tags for limit in queue.tag_concurrency_limits or []
        ):
            return False
        waiting = self._instance.get_runs_count(RunsFilter(statuses=[DagsterRunStatus.QUEUED]))
        if waiting:
            return False
        running = self._instance.get_runs_count(RunsFilter(statuses=IN_PROGRESS_RUN_STATUSES))
        if 0 <= queue.max_concurrent_runs <= running:
            return False
        launcher = self._instance.run_launcher
        return isinstance(launcher, WarmRunLauncher) and launcher.broker_answers()
