"""The command line itself: help at once, `--json` anywhere, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pipeline_defs.cli.main import main
from pipeline_defs.cli.output import JsonCommand, JsonGroup

LIGHT = ("dagster", "celery", "sqlalchemy", "psycopg", "redis", "rich", "pydantic", "httpx")


@pytest.fixture(autouse=True)
def empty_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No stack runs in this state directory."""
    monkeypatch.setenv("PIPELINE_STATE", str(tmp_path / "state"))


def all_commands(group: click.Group = main) -> list[click.Command]:
    found: list[click.Command] = [group]
    for command in group.commands.values():
        found += all_commands(command) if isinstance(command, click.Group) else [command]
    return found


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from pipeline_defs.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {LIGHT!r} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines()[-1] == "[]"


def test_every_command_has_help_and_takes_json() -> None:
    for command in all_commands():
        assert command.help, command.name
        assert isinstance(command, (JsonCommand, JsonGroup)), command.name


@pytest.mark.parametrize("arguments", [["--json", "status"], ["status", "--json"]])
def test_a_command_that_needs_the_stack_exits_with_3(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 3
    assert json.loads(result.stdout)["error"]["code"] == "STACK_NOT_RUNNING"


def test_wrong_usage_exits_with_2_and_names_the_mistake() -> None:
    result = CliRunner().invoke(main, ["up", "--detatch"])
    assert result.exit_code == 2
    assert "--detatch" in result.stderr
    as_json = CliRunner().invoke(main, ["--json", "up", "--detatch"])
    assert as_json.exit_code == 2
    assert json.loads(as_json.stdout)["error"]["code"] == "USAGE"


def test_down_without_a_stack_is_no_failure() -> None:
    result = CliRunner().invoke(main, ["down"])
    assert (result.exit_code, result.stdout) == (0, "Nothing was running.\n")
