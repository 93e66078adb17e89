"""Copies of the small stack for tests, driven through the command line as a user would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from pipeline_defs.local import leftovers
from pipeline_defs.local.stack import Stack, StackNotRunningError, read_env_file
from pipeline_defs.local.supervision import ServiceState
from pipeline_defs.settings import PROJECT_ROOT, copy_id


class Copy:
    """One copy of the small stack."""

    def __init__(
        self,
        state: Path,
        *,
        prefix: tuple[str, ...] = (),
        **environment: str,
    ) -> None:
        self.state = state
        self.command = (*prefix, sys.executable, "-m", "pipeline_defs_tests.local.small_stack")
        self.environment = {
            "PATH": os.environ["PATH"],
            "PIPELINE_STATE": str(state),
            "PYTHONPATH": str(PROJECT_ROOT),
            **environment,
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            (*self.command, *arguments),
            env=self.environment,
            cwd="/",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def spawn(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command that stays."""
        return subprocess.Popen(
            (*self.command, *arguments),
            env=self.environment,
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def up(self) -> dict[str, Any]:
        """Start detached; the printed document."""
        result = self.run("up", "--detach", "--json")
        assert result.returncode == 0, result.stdout + result.stderr
        return json.loads(result.stdout)

    def services(self) -> dict[str, ServiceState]:
        """All processes by name."""
        return {service.name: service for service in Stack(self.state).services()}

    def all_running(self) -> bool:
        """Whether everything runs."""
        return {service.state for service in self.services().values()} == {"running"}

    def settings(self) -> dict[str, str]:
        """Addresses and secrets of the run."""
        return read_env_file(self.state / "stack.env")

    def can_query(self) -> bool:
        """Whether the application reaches its database."""
        with psycopg.connect(self.settings()["DATABASE_URL"]) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)

    def remove(self) -> None:
        """Stop everything and delete what lies outside of the state directory."""
        Stack(self.state).stop()
        assert leftovers.find(self.state) == []
        shutil.rmtree(f"/var/lib/pipeline-{copy_id(self.state)}", ignore_errors=True)


def eventually(condition: Callable[[], object], within: float = 15.0) -> None:
    """Wait until a condition holds; errors of services coming back count as "not yet"."""
    deadline = time.monotonic() + within
    while True:
        try:
            if condition():
                return
        except (psycopg.Error, StackNotRunningError, KeyError):
            pass
        assert time.monotonic() < deadline, "the condition did not become true in time"
        time.sleep(0.1)
