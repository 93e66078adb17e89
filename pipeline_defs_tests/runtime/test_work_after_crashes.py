"""A worker killed at any point of a paid step: the step is made once, under one key."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline_defs_tests.runtime.provider_for_tests import Provider
from pipeline_defs_tests.servers import TestDatabase

MODULE = "pipeline_defs_tests.runtime.mortal_worker"


@pytest.mark.parametrize(
    ("point", "calls"),
    [("before_call", 1), ("after_call", 2), ("before_commit", 2), ("after_commit", 1)],
)
def test_killed_at_a_point_of_a_paid_step_the_next_run_gets_the_same_result(
    point: str,
    calls: int,
    database: TestDatabase,
    redis_url: str,
    unit: str,
    tmp_path: Path,
    count: Callable[..., int],
) -> None:
    """Fault 50. A call whose answer was lost is repeated under its key: the provider bills once."""
    provider = Provider(tmp_path / "calls")
    addresses = (database.app_url, redis_url)

    def run(run_id: str, *before: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", MODULE, *addresses, unit, str(provider.log), run_id, *before],
            env={
                **os.environ,
                "CRASH_AT": f"write.{point}",
                "CRASH_MARKER_DIR": str(tmp_path),
                "PIPELINE_STATE": str(tmp_path),
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    killed = run("run-1")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not killed.stdout
    again = run("run-2", "run-1")
    assert again.returncode == 0, again.stderr
    answer = json.loads(again.stdout)
    assert answer["reused"] == (point == "after_commit")
    assert len(provider.keys) == calls
    assert len(set(provider.keys)) == 1
    assert count("usage") == 1
    assert (
        count("ledger", "status = 'done' and result = %s::jsonb", json.dumps(answer["result"])) == 1
    )
