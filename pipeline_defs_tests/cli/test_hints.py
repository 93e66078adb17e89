"""What the terminal suggests: the program by a name that can be typed, and the step that helps."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline_defs.cli import lecture_text
from pipeline_defs.cli.client import Api
from pipeline_defs.cli.program import program, retyped, typed
from pipeline_defs.cli.status_text import duration, status_text
from pipeline_defs.cli.unit_text import Edit, next_steps
from pipeline_defs_tests.cli import worker

OWN = "lecture-20260101-zzzzzzzz"


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a copy whose program runs and is not on the PATH."""
    script = tmp_path / "my copy" / ".venv" / "bin" / "pipeline"
    script.parent.mkdir(parents=True)
    script.touch(0o755)
    monkeypatch.setattr(sys, "argv", [str(script), "status"])
    monkeypatch.setenv("PATH", str(tmp_path / "elsewhere"))
    return tmp_path / "my copy"


def test_the_program_is_named_as_it_can_be_typed(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = copy / ".venv" / "bin" / "pipeline"
    monkeypatch.chdir(copy)
    assert typed("status") == ".venv/bin/pipeline status"
    monkeypatch.chdir(script.parent)
    assert program() == "./pipeline"
    deep = tmp_path / "/".join("abcdefghijklmnopqrstuvwxyz" * 3)
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert program() == f"'{script}'"  # its path has a space in it
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "pipeline").symlink_to(script)
    assert program() == "pipeline"


def test_another_copy_on_the_path_is_not_taken_for_this_one(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "pipeline").touch(0o755)
    monkeypatch.chdir(copy)
    assert shutil.which("pipeline") == str(tmp_path / "elsewhere" / "pipeline")
    assert program() == ".venv/bin/pipeline"


def test_hints_from_elsewhere_are_put_into_the_same_words(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(copy)
    assert retyped("Start it: pipeline up") == "Start it: .venv/bin/pipeline up"
    assert retyped("See `pipeline status` of the pipeline") == (
        "See `.venv/bin/pipeline status` of the pipeline"
    )
    assert retyped("/opt/pipeline up") == "/opt/pipeline up"


def failed(code: str, *, retryable: bool = False, status: str = "failed") -> dict[str, Any]:
    """A lecture with an error, as the API gives it."""
    error = {"code": code, "message": "no", "retryable": retryable, "advice": "Change it."}
    links = {"studio": "/studio/x"}
    return {"id": OWN, "kind": "lectures", "status": status, "links": links, "error": error}


def suggested(unit: dict[str, Any], *edits: Edit) -> list[str]:
    """The labelled commands, without the program's name."""
    api = Api("http://gateway.example", "pk_any")
    lines = [text.plain for text in next_steps(unit, api, [], stale=False, edits=edits)]
    return [line.replace(f"{program()} ", "") for line in lines[2:]]


def test_what_may_succeed_when_tried_again_goes_on() -> None:
    go_on = [f"Go on    resume {OWN} --wait"]
    assert suggested(failed("RATE_LIMITED", retryable=True)) == go_on
    assert suggested(failed("REFUSED", status="cancelled")) == go_on


def test_a_refused_request_is_made_anew_or_edited_and_not_gone_on_with() -> None:
    refused = failed("REFUSED")
    assert suggested(refused) == ['Anew     lecture new "TOPIC" --minutes 1 --wait']
    edits = ((f"{OWN}/1 --text", worker.LIMIT.as_dict()), (f"{OWN}/2 --picture", refused["error"]))
    for status in ("failed", "incomplete"):
        assert suggested(refused | {"status": status}, *edits) == [
            f"Edit     edit {OWN}/2 --picture",
            f"Then     rebuild {OWN} --wait",
        ]


def test_what_is_mended_elsewhere_is_resumed_after_that() -> None:
    assert suggested(failed("QUOTA")) == [f"Then     resume {OWN} --wait"]


def test_the_demos_report_has_no_link_that_a_browser_may_not_open() -> None:
    result = {"segments": 6, "length": 60.0, "loudness": -16.2, "video": "/v1/x", "links": {}}
    remarks, links = lecture_text.report_lines(result)
    assert (remarks, links) == (["60 s of video", "6 segments", "-16.2 LUFS"], [])


def test_the_status_is_readable() -> None:
    service = {"name": "gateway", "state": "running", "pid": 7, "restarts": 0, "log": "/log"}
    queue = {"pending": 1, "processing": 2, "total": 3, "max_concurrency": 4}
    kinds = {"lectures": {"queued": 1}, "articles": {"completed": 3, "generating": 2}}
    text = status_text(
        {
            "gateway": {"url": "http://g"},
            "dagster": {"url": "http://d"},
            "services": [service | {"uptime_seconds": 825}],
            "queue": queue | {"kinds": kinds},
        }
    )
    assert "13 min" in text
    assert text.splitlines()[-3:] == [
        "pages: 1 pending, 2 processing (at most 4 at once)",
        "articles: 3 completed, 2 generating",
        "lectures: 1 queued",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (7500, "2 h 5 min"), (273_600, "3 d 4 h")],
)
def test_durations(seconds: int, text: str) -> None:
    assert duration(seconds) == text
