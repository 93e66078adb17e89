"""`demo --stay` with a stack of its own: started by it and stopped by Ctrl-C."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline_defs.local import leftovers
from pipeline_defs_tests.local.copies import Copy, eventually


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Copy]:
    """A copy of the stack whose units are made without Dagster."""
    copy = Copy(tmp_path / "state", GATEWAY_DISPATCH="false")
    copy.command = (sys.executable, "-m", "pipeline_defs_tests.cli.demo_stack")
    yield copy
    copy.remove()


def test_a_staying_demo_ends_with_everything_it_started(copy: Copy) -> None:
    with copy.spawn("demo", "--stay") as terminal:
        assert terminal.stdout is not None
        printed: list[str] = []
        while not printed or "Press Ctrl-C" not in printed[-1]:
            printed.append(terminal.stdout.readline())
            assert printed[-1], "".join(printed)
        again = copy.run("demo", "--json")
        began = time.monotonic()
        terminal.send_signal(signal.SIGINT)
        rest, errors = terminal.communicate(timeout=20)
    assert time.monotonic() - began < 15
    assert terminal.returncode == 0, rest + errors
    assert leftovers.find(copy.state) == []
    assert "made by an earlier demo" not in "".join(printed)
    assert again.returncode == 0, again.stdout + again.stderr
    article, lecture, batch, campaign = json.loads(again.stdout)["results"]
    for result in (article, lecture, batch, campaign):
        assert (result["status"], result["reused"]) == ("completed", True)
    assert f"pipeline show {article['id']} --markdown" in "".join(printed)
    assert f"pipeline download {lecture['id']}" in "".join(printed)
    assert (lecture["segments"], lecture["length"]) == (6, 30.0)
    assert batch["links"]["self"].endswith(f"/v1/batches/{batch['id']}")
    assert (campaign["calls"], campaign["interviews"]) == (12, 3)
    assert lecture["links"]["video"].endswith(f"/v1/lectures/{lecture['id']}/video")
    assert copy.run("list").returncode == 3


@pytest.mark.slow
def test_ctrl_c_while_the_demo_is_made_stops_what_it_started(copy: Copy) -> None:
    with copy.spawn("demo", "--stay") as terminal:
        eventually(lambda: copy.settings() and copy.services()["gateway"].pid, 30)
        terminal.send_signal(signal.SIGTERM)
        output, errors = terminal.communicate(timeout=20)
    assert terminal.returncode == 1, output + errors
    eventually(lambda: leftovers.find(copy.state) == [])
