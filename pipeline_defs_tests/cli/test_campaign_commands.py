"""`pipeline campaign ...` against a real gateway."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from pipeline_defs_tests.cli.conftest import GatewayThread, Pipeline
from pipeline_defs_tests.web.interviewing import REQUEST, Interviews


@pytest.fixture
def finished(served: GatewayThread) -> str:
    """A campaign that came to its verdicts."""
    interviews = Interviews(served.world)
    campaign_id = served.do(interviews.queued())
    served.do(interviews.finished(campaign_id))
    return campaign_id


def test_a_file_becomes_a_campaign(pipeline: Pipeline, tmp_path: Path) -> None:
    file = tmp_path / "campaign.yaml"
    quiet = {"start": "20:00", "end": "09:00"}
    file.write_text(yaml.safe_dump({**REQUEST, "quiet_hours": quiet, "budget_usd": "20"}))
    created = pipeline("campaign", "new", str(file), "--json")
    assert created.exit_code == 0, created.output
    own = json.loads(created.stdout)["id"]
    shown = json.loads(pipeline("show", own, "--json").stdout)
    assert (shown["quiet_hours"], shown["budget_usd"]) == (quiet, 20.0)
    assert own in pipeline("list", "--kind", "campaigns").stdout
    assert pipeline("campaign", "pause", own).exit_code == 0
    assert "Paused" in pipeline("show", own).stdout
    assert pipeline("campaign", "unpause", own).exit_code == 0
    assert pipeline("cancel", own, "--wait").exit_code == 0


def test_every_fault_of_a_file_is_named(pipeline: Pipeline, tmp_path: Path) -> None:
    file = tmp_path / "campaign.yaml"
    contacts = [{"phone": "+12025550130"}, {"phone": "911"}]
    file.write_text(yaml.safe_dump({**REQUEST, "contacts": contacts, "goal": ""}))
    refused = pipeline("campaign", "new", str(file))
    assert refused.exit_code == 2
    assert "contacts, number 2, phone: is not a phone number" in refused.stderr
    assert "goal:" in refused.stderr
    file.write_text("{")
    assert pipeline("campaign", "new", str(file)).exit_code == 2


def test_a_finished_campaign_is_shown_with_its_verdicts(pipeline: Pipeline, finished: str) -> None:
    shown = pipeline("show", finished)
    assert shown.exit_code == 0, shown.output
    for text in ("VALIDATED", "INVALIDATED", "3 interviews", "6 statements", "no answer"):
        assert text in shown.stdout
    said = pipeline("campaign", "transcript", f"{finished}/1").stdout
    assert "HUMAN Yes, very much." in said
    assert "opposes" in said
    assert pipeline("campaign", "transcript", f"{finished}/9").exit_code == 2


def test_one_call_is_shown_with_what_was_taken_from_it(pipeline: Pipeline, finished: str) -> None:
    shown = pipeline("show", f"{finished}/001")
    assert shown.exit_code == 0, shown.output
    for text in (
        "Call 1: Ada · Bread and cake",
        f"{finished}/001 · completed · +12…0130",
        "Recording: 0:20.0 min, 2 channels",
        "Transcript: 11 words in 4 utterances",
        "2 statements",
        "Yes, very much.",
        f"campaign transcript {finished}/001",
        f"/studio/campaigns/{finished}/calls/1",
    ):
        assert text in shown.stdout
    assert "+12025550130" not in shown.stdout
    document = json.loads(pipeline("show", f"{finished}/1", "--json").stdout)
    assert (document["key"], document["recording_state"]) == (f"{finished}/001", "ready")


def test_a_contact_nobody_reached_is_shown_with_the_attempts(
    pipeline: Pipeline, finished: str
) -> None:
    shown = pipeline("show", f"{finished}/4").stdout
    assert "no answer" in shown
    assert "1/3" in shown
    assert "Recording" not in shown  # there was nobody to record


def test_only_calls_of_campaigns_are_shown_by_themselves(pipeline: Pipeline, finished: str) -> None:
    assert pipeline("show", f"{finished}/9").exit_code == 2
    waited = pipeline("show", f"{finished}/1", "--wait")
    assert waited.exit_code == 2
    assert f"--wait is for the whole campaign: {finished}" in waited.stderr
    other = pipeline("show", "article-20261123-k7m2qx9c/2")
    assert "give the whole unit: article-20261123-k7m2qx9c" in other.stderr


def test_the_report_is_saved(pipeline: Pipeline, finished: str, tmp_path: Path) -> None:
    saved = pipeline("campaign", "report", finished, "--to", str(tmp_path), "--json")
    assert saved.exit_code == 0, saved.output
    files = json.loads(saved.stdout)["files"]
    assert set(files) == {"report.md", "hypotheses.csv", "claims.csv", "calls.csv"}
    assert "People like bread" in Path(files["report.md"]).read_text()


def test_a_call_is_read_again(pipeline: Pipeline, finished: str) -> None:
    again = pipeline("rebuild", f"{finished}/1", "--asset", "claims", "--fresh", "--json")
    assert json.loads(again.stdout)["making"]["summary"] == "1 extraction"
    pipeline("cancel", finished)


def test_a_broken_recording_says_what_is_wrong(bare_pipeline: Pipeline, tmp_path: Path) -> None:
    file = tmp_path / "call.wav"
    file.write_bytes(b"")
    refused = bare_pipeline("calls", "transcribe", str(file), "--json")
    assert refused.exit_code == 2
    assert json.loads(refused.stdout)["error"]["code"] == "RECORDING_EMPTY"
