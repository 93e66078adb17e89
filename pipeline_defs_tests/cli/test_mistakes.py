"""Mistakes of users: exit codes, and messages that name the option and say what to do."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline_defs_tests.cli.conftest import GatewayThread, Pipeline

UNKNOWN = "article-20260101-zzzzzzzz"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("article", "new", ""), "TOPIC"),
        (("article", "new", " "), "TOPIC"),
        (("article", "new", "x" * 301), "TOPIC: may have at most 300 characters"),
        (("article", "new", "Tides", "--sections", "10000"), "--sections"),
        (("article", "new", "Tides", "--sections", "many"), "--sections"),
        (("article", "new", "Tides", "--language", "xx"), "--language"),
        (("article", "new", "Tides", "--outline", "/does/not/exist"), "--outline"),
        (("article", "new", "Tides", "--idempotency-key", "two words"), "Idempotency-Key"),
        (("show", "../../etc"), "is not the id of a unit"),
        (("show", f"{UNKNOWN}/2"), "names a part"),
        (("rebuild", f"{UNKNOWN}/two"), "is not a number of a section"),
        (("rebuild", UNKNOWN, "--asset", "audio"), "--asset"),
        (("edit", UNKNOWN, "--title", "x"), "names no section"),
        (("edit", f"{UNKNOWN}/1"), "--title or --notes"),
        (("cost", "--days", "0"), "--days"),
        (("cost", UNKNOWN, "--days", "3"), "--days"),
    ],
)
def test_wrong_usage_ends_with_2_and_names_the_option(
    pipeline: Pipeline, arguments: tuple[str, ...], message: str
) -> None:
    result = pipeline(*arguments)
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    as_json = pipeline(*arguments, "--json")
    assert as_json.exit_code == 2
    assert message in json.loads(as_json.stdout)["error"]["message"]


def test_too_long_an_entry_of_an_outline_is_named_with_its_place(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    outline = tmp_path / "outline.txt"
    outline.write_text(f"Light\n{'x' * 201}\n")
    result = pipeline("article", "new", "Tides", "--outline", str(outline))
    assert result.exit_code == 2
    assert "--outline (sections[1].title): may have at most 200 characters" in result.stderr


def test_sections_and_outline_exclude_each_other(pipeline: Pipeline) -> None:
    arguments = ("article", "new", "Tides", "--sections", "2", "--outline", "-")
    assert pipeline(*arguments, input="Light\n").exit_code == 2


@pytest.mark.parametrize("action", ["show", "cancel", "resume", "rebuild", "approve", "cost"])
def test_an_unknown_unit_ends_with_1(pipeline: Pipeline, action: str) -> None:
    result = pipeline(action, UNKNOWN, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["code"] == "NOT_FOUND"


def test_an_article_without_text_says_how_far_it_is(
    pipeline: Pipeline, served: GatewayThread
) -> None:
    article_id = served.do(served.world.article())
    result = pipeline("show", article_id, "--markdown")
    assert result.exit_code == 1
    assert "has no text yet: it is queued, 0 %" in result.stderr
    pipeline("cancel", article_id)


def test_another_organizations_unit_does_not_exist(
    pipeline: Pipeline, served: GatewayThread
) -> None:
    theirs = served.do(served.world.article("other"))
    assert pipeline("show", theirs).exit_code == 1
    assert pipeline("cancel", theirs).exit_code == 1


def test_a_wrong_key_is_said_without_repeating_it(
    pipeline: Pipeline, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("DEVELOPMENT_API_KEY", "pk_wrong")
    result = pipeline("list")
    assert result.exit_code == 1
    assert "does not accept the API key" in result.stderr
    assert "pk_wrong" not in result.output


def test_without_a_stack_commands_end_with_3_and_a_hint(
    bare_pipeline: Pipeline, environment: pytest.MonkeyPatch
) -> None:
    result = bare_pipeline("list")
    assert result.exit_code == 3
    assert "pipeline up" in result.stderr
    with socket.socket() as closed:  # bound, so nobody else can listen there
        closed.bind(("127.0.0.1", 0))
        environment.setenv("GATEWAY_URL", f"http://127.0.0.1:{closed.getsockname()[1]}")
        environment.setenv("DEVELOPMENT_API_KEY", "pk_any")
        result = bare_pipeline("article", "new", "Tides", "--json")
    assert result.exit_code == 3
    assert json.loads(result.stdout)["error"]["code"] == "STACK_NOT_RUNNING"


def test_help_needs_nothing_heavy() -> None:
    program = "import sys, pipeline_defs.cli.main; print(*sys.modules)"
    loaded = subprocess.run(
        (sys.executable, "-c", program), capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"pydantic", "httpx", "rich", "dagster", "psycopg", "yaml", "fastapi"}
    assert not heavy & set(loaded)
