"""A running stack: killed parts come back, it is reused, it is closed to the outside."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator

import psutil
import pytest

from pipeline_defs.local import leftovers
from pipeline_defs.settings import PROJECT_ROOT
from pipeline_defs_tests.local.copies import Copy, eventually


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """One stack for all tests here; each leaves it running."""
    made = Copy(tmp_path_factory.mktemp("copy") / "state")
    try:
        made.up()
        yield made
    finally:
        made.remove()


def test_status_has_exactly_the_documented_shape(copy: Copy) -> None:
    found = json.loads(copy.run("--json", "status").stdout)
    assert found == json.loads(copy.run("status", "--json").stdout) | {
        "services": found["services"]
    }
    assert set(found) == {"gateway", "dagster", "api_key", "services", "queue"}
    assert found["gateway"]["url"].startswith("http://127.0.0.1:")
    for service in found["services"]:
        assert set(service) == {"name", "state", "pid", "uptime_seconds", "restarts", "log"}


def test_a_running_stack_is_reused(copy: Copy) -> None:
    pids = {service.pid for service in copy.services().values()}
    again = copy.run("up", "--detach")
    assert again.returncode == 0
    assert "running already" in again.stdout
    assert {service.pid for service in copy.services().values()} == pids


@pytest.mark.parametrize("name", ["postgres", "valkey", "gateway"])
def test_a_killed_service_comes_back_and_is_counted(copy: Copy, name: str) -> None:
    eventually(copy.all_running)
    before = copy.services()[name]
    assert before.pid is not None
    os.kill(before.pid, signal.SIGKILL)
    eventually(lambda: copy.services()[name].pid not in (None, before.pid))
    assert copy.services()[name].restarts > before.restarts
    eventually(copy.can_query)
    eventually(copy.all_running)


def test_a_killed_supervisor_takes_its_processes_along_and_comes_back(copy: Copy) -> None:
    before = {service.pid for service in copy.services().values()}
    os.kill(int((copy.state / "run" / "supervisord.pid").read_text()), signal.SIGKILL)
    if sys.platform == "linux":
        eventually(lambda: not any(map(_is_alive, before)), within=3)
    eventually(copy.all_running)
    assert before.isdisjoint({service.pid for service in copy.services().values()})
    eventually(copy.can_query)


def test_it_listens_on_loopback_only(copy: Copy) -> None:
    sockets = (
        connection
        for process in leftovers.find(copy.state)
        for connection in process.net_connections("inet")
    )
    assert {s.laddr.ip for s in sockets if s.status == psutil.CONN_LISTEN} == {"127.0.0.1"}


def test_no_secret_is_in_a_command_line_a_log_or_a_file_others_can_read(copy: Copy) -> None:
    record = json.loads((copy.state / "stack.json").read_text())
    secrets = [record[key] for key in record if "password" in key or "secret" in key]
    flat = [
        s for value in secrets for s in (value.values() if isinstance(value, dict) else [value])
    ]
    commands = (part for process in leftovers.find(copy.state) for part in process.cmdline())
    seen = " ".join(commands) + "".join(log.read_text() for log in (copy.state / "logs").iterdir())
    assert not [secret for secret in flat if secret in seen]
    for name in ("stack.env", "stack.json", "run/supervisord.conf", "valkey/valkey.conf"):
        assert (copy.state / name).stat().st_mode & 0o077 == 0


def test_nothing_is_written_next_to_the_code(copy: Copy) -> None:
    assert copy.state.exists()
    assert not list(PROJECT_ROOT.glob("supervisord.*"))


def _is_alive(pid: int | None) -> bool:
    try:
        return pid is not None and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
