"""The supervisor process: `supervisord` with a ceiling on its back-off and a count of restarts.

Run as `python -m pipeline_defs.local.supervisord -c FILE`.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import supervisor.process
from supervisor import supervisord
from supervisor.states import ProcessStates

from pipeline_defs.local.guard import SUPERVISOR_PID

_LONGEST_BACKOFF = 20.0  # an outage of an hour must not leave a service waiting for minutes


class _Process(supervisor.process.Subprocess):
    """A supervised process that never waits long for its next try."""

    starts = 0

    def change_state(self, new_state: int, expected: bool = True) -> Any:
        changed = super().change_state(new_state, expected)
        if new_state == ProcessStates.BACKOFF:
            self.delay = min(self.delay, time.time() + _LONGEST_BACKOFF)
        return changed

    def spawn(self) -> Any:
        self.starts += 1
        return super().spawn()


class RestartCounts:
    """RPC interface `pipeline`: how often each process was started again."""

    def __init__(self, daemon: Any) -> None:
        self._daemon = daemon

    def restarts(self) -> dict[str, int]:
        """Number of starts after the first one, by process name."""
        groups = self._daemon.process_groups.values()
        processes = [process for group in groups for process in group.processes.values()]
        return {process.config.name: max(0, process.starts - 1) for process in processes}


def make_restart_counts(daemon: Any, **_config: Any) -> RestartCounts:
    """Factory named in the generated configuration."""
    return RestartCounts(daemon)


def main() -> None:
    """Run until told to stop."""
    os.environ[SUPERVISOR_PID] = str(os.getpid())
    supervisor.process.Subprocess = _Process
    supervisord.main(sys.argv[1:])


if __name__ == "__main__":
    main()
