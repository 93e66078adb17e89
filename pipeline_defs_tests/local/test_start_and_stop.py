"""Starting and stopping: copies side by side, used ports, signals, another user, bad settings."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest

from pipeline_defs.local import leftovers
from pipeline_defs.local.ports import PortReservations, is_free
from pipeline_defs.local.postgres import guard_command
from pipeline_defs.local.stack import Stack
from pipeline_defs_tests.local.copies import Copy, eventually


@pytest.fixture
def new_copy(tmp_path: Path) -> Iterator[Callable[..., Copy]]:
    """Make copies of the stack that are removed after the test."""
    made: list[Copy] = []

    def make(name: str = "state", **options: Any) -> Copy:
        made.append(Copy(tmp_path / name, **options))
        return made[-1]

    yield make
    for copy in made:
        copy.remove()


def test_data_and_addresses_are_the_same_after_a_restart(new_copy: Callable[..., Copy]) -> None:
    copy = new_copy()
    first = copy.up()
    with psycopg.connect(copy.settings()["DATABASE_ADMIN_URL"]) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 7 AS value")
    copy.run("down")
    assert copy.run("status").returncode == 3
    second = copy.up()
    for key in ("gateway", "dagster", "api_key"):
        assert second[key] == first[key]
    with psycopg.connect(copy.settings()["DATABASE_ADMIN_URL"]) as owner:
        assert owner.execute("SELECT value FROM kept").fetchone() == (7,)


def test_a_stack_on_its_way_down_is_not_running_and_no_error(
    new_copy: Callable[..., Copy],
) -> None:
    """Whoever stays with it, as `make run` does, asks while another command stops it."""
    copy = new_copy(STUBBORN="1")  # it takes a second to end
    copy.up()
    stack, stopping = Stack(copy.state), copy.spawn("down")
    answers = [stack.is_running()]
    while stopping.poll() is None:
        answers.append(stack.is_running())
    stopping.communicate()
    assert (stopping.returncode, answers[0], answers[-1]) == (0, True, False)


def test_two_copies_start_at_once_and_a_used_port_is_left_alone(
    new_copy: Callable[..., Copy],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        used = f"http://127.0.0.1:{stranger.getsockname()[1]}"
        copies = [new_copy(name, GATEWAY_URL=used) for name in ("one", "two")]
        started = [copy.spawn("up", "--detach", "--json") for copy in copies]
        outputs = [process.communicate(timeout=60)[0] for process in started]
    documents = [json.loads(output) for output in outputs]
    assert all("gateway" in document for document in documents), documents
    addresses = {document["gateway"]["url"] for document in documents}
    assert len(addresses) == 2
    assert used not in addresses


def test_the_port_of_a_killed_service_is_kept_for_it(new_copy: Callable[..., Copy]) -> None:
    copy = new_copy()
    copy.up()
    port = urlsplit(copy.settings()["DATABASE_URL"]).port
    pid = copy.services()["postgres"].pid
    assert port is not None
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: is_free(port))
    with closing(PortReservations()) as another_copy:
        assert not another_copy.take(port)
    eventually(copy.can_query)
    copy.run("down")
    with closing(PortReservations()) as another_copy:
        assert another_copy.take(port)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_ends_every_process_in_time(
    new_copy: Callable[..., Copy], number: signal.Signals
) -> None:
    copy = new_copy(STUBBORN="1")
    with copy.spawn("up") as terminal:
        eventually(lambda: copy.services()["stubborn"].pid)
        began = time.monotonic()
        terminal.send_signal(number)
        output, errors = terminal.communicate(timeout=20)
    assert time.monotonic() - began < 15
    assert terminal.returncode == 0, output + errors
    assert leftovers.find(copy.state) == []


def test_nothing_stays_when_the_terminal_is_killed(new_copy: Callable[..., Copy]) -> None:
    copy = new_copy()
    with copy.spawn("up") as terminal:
        eventually(lambda: copy.services()["gateway"].pid)
        terminal.kill()
    eventually(lambda: leftovers.find(copy.state) == [])


def test_a_long_path_of_the_state_directory_works(new_copy: Callable[..., Copy]) -> None:
    copy = new_copy("a-very-long-name-for-a-folder/" * 4 + "with a space")
    assert copy.up()["services"]


def test_a_state_directory_the_supervisor_cannot_name_is_refused(
    new_copy: Callable[..., Copy],
) -> None:
    result = new_copy("100% odd").run("up", "--detach")
    assert result.returncode == 2
    assert "%" in result.stderr


def test_database_settings_must_be_complete(new_copy: Callable[..., Copy]) -> None:
    copy = new_copy(DATABASE_URL="postgresql://somebody@127.0.0.1:1/app")
    result = copy.run("up", "--detach", "--json")
    assert result.returncode == 2
    message = json.loads(result.stdout)["error"]["message"]
    assert "DATABASE_ADMIN_URL and DAGSTER_DATABASE_URL must be set too" in message


def test_a_process_that_cannot_start_is_named_with_its_log(new_copy: Callable[..., Copy]) -> None:
    copy = new_copy()
    copy.up()
    copy.run("down")
    record = json.loads((copy.state / "stack.json").read_text())
    (Path(record["postgres_folder"]) / "PG_VERSION").write_text("12\n")
    result = copy.run("up", "--detach", "--json")
    assert result.returncode == 1
    message = json.loads(result.stdout)["error"]["message"]
    assert message.startswith("postgres:")
    assert "incompatible with server" in message
    assert leftovers.find(copy.state) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_it_runs_as_an_ordinary_user_whose_home_is_closed() -> None:
    nobody = pwd.getpwnam("nobody")
    prefix = (*guard_command("--user", "nobody"), "--")
    probe = subprocess.run((*prefix, sys.executable, "-V"), check=False, cwd="/")
    if probe.returncode != 0:
        pytest.skip("this Python lies in a folder that other users cannot enter")
    home = Path(tempfile.mkdtemp(prefix="home-"))
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    copy = Copy(home / "state", prefix=prefix, HOME=str(home))
    try:
        found = copy.up()
        owners = {psutil.Process(service["pid"]).uids().real for service in found["services"]}
        assert owners == {nobody.pw_uid}
    finally:
        copy.remove()
        shutil.rmtree(home)
