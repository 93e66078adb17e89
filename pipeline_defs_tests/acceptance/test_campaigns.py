"""A campaign from a file to its last verdict, on the whole running product with real sound."""

from __future__ import annotations

import csv
import hashlib
import io
import wave
from importlib.resources import files
from typing import Any

import pytest
import yaml

from pipeline_defs.local.providers.telephone.scripts import scripted
from pipeline_defs_tests.journey import Journey, paid_twice
from pipeline_defs_tests.product import ProductStack

PEOPLE = ("Ada", "Bruno", "Dmitri", "Karim", "Hanna", "Jana")


@pytest.fixture(scope="module")
def campaign(user: Journey) -> dict[str, Any]:
    """Six contacts: four talk, one does not want to, one is a machine; some webhooks go astray."""
    package = files("pipeline_defs.local.providers.telephone")
    request = yaml.safe_load(package.joinpath("campaign.yaml").read_text("utf-8"))
    request["contacts"] = [c for c in request["contacts"] if c["name"] in PEOPLE]
    request = scripted(request)
    webhook = {"capability": "telephony-webhook"}
    user.faults(
        {"match": {**webhook, "body_contains": "ringing"}, "action": {"duplicate": True}},
        {"match": {**webhook, "body_contains": "in-progress"}, "action": {"delay": 1.0}},
        {"match": {**webhook, "body_contains": "initiated"}, "action": {"forged": True}},
    )
    answer = user.api.post("/v1/campaigns", json=request)
    assert answer.status_code == 202, answer.text
    finished = user.finished(answer.json()["id"], seconds=150)
    user.faults()
    return finished


def test_everybody_is_called_once_and_every_outcome_is_known(
    user: Journey, campaign: dict[str, Any]
) -> None:
    outcomes = {call["name"]: call["status"] for call in campaign["calls"]}
    assert outcomes == {**dict.fromkeys(PEOPLE, "completed"), "Jana": "voicemail"}
    placed = [c for c in user.calls() if c["path"].endswith("/Calls.json") and c["status"] == 201]
    assert len(placed) == len(PEOPLE)
    assert paid_twice(user.calls()) == []


def test_a_machine_costs_the_minute_begun_and_is_said_to_be_one(campaign: dict[str, Any]) -> None:
    (machine,) = [call for call in campaign["calls"] if call["status"] == "voicemail"]
    assert machine["seconds"] >= 1
    assert machine["cost_usd"] > 0
    assert machine["error"] is None
    assert "A machine answered" in machine["remark"]


def test_the_word_error_rate_is_known_of_those_whose_words_are(
    user: Journey, campaign: dict[str, Any]
) -> None:
    rates = {
        call["name"]: call["transcript"]["word_error_rate"]
        for call in campaign["calls"]
        if call["transcript"]
    }
    assert set(rates) == {*PEOPLE} - {"Jana"}
    assert all(0 <= rate < 0.35 for rate in rates.values()), rates


def test_verdicts_are_those_of_what_was_said(campaign: dict[str, Any]) -> None:
    flour, app, _sunday, gift = campaign["hypotheses"]
    assert flour["verdict"]["status"] == "VALIDATED", flour
    assert app["verdict"]["status"] == "INVALIDATED", app
    assert (gift["verdict"]["status"], gift["verdict"]["reason"]) == ("INCONCLUSIVE", "too_few")
    for hypothesis in campaign["hypotheses"]:
        assert hypothesis["verdict"]["final"]
        assert not hypothesis["stale"]


def test_a_claim_is_heard_at_its_second_on_the_respondents_channel(
    user: Journey, campaign: dict[str, Any]
) -> None:
    claim = campaign["hypotheses"][0]["claims"][0]
    call = user.api.get(f"/v1/campaigns/{campaign['id']}/calls/{claim['call']}").json()
    said = next(u for u in call["utterances"] if u["number"] == claim["utterance"])
    assert (said["speaker"], said["channel"]) == ("HUMAN", claim["channel"])
    assert claim["quote"] in said["text"]
    sound = user.api.get(call["recording"]["url"])
    with wave.open(io.BytesIO(sound.content)) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 8000)
        assert claim["end"] <= file.getnframes() / file.getframerate()
    part = user.api.get(call["recording"]["url"], headers={"Range": "bytes=0-99"})
    assert (part.status_code, len(part.content)) == (206, 100)


def test_the_report_tells_all_of_it(user: Journey, campaign: dict[str, Any]) -> None:
    files_of = campaign["report"]["files"]
    text = user.api.get(files_of["report.md"]).text
    for hypothesis in campaign["hypotheses"]:
        assert hypothesis["verdict"]["conclusion"] in text
    claims = list(csv.DictReader(io.StringIO(user.api.get(files_of["claims.csv"]).text)))
    assert len(claims) == sum(call["claims"] for call in campaign["calls"])


def test_dagster_knows_every_result_and_nothing_is_stale(
    user: Journey, campaign: dict[str, Any]
) -> None:
    own = campaign["id"]
    assert f"{own}/001" in user.partitions("transcript")["materializedPartitions"]
    assert f"{own}/01" in user.partitions("hypothesis_verdict")["materializedPartitions"]
    for asset, partition in (
        ("transcript", f"{own}/001"),
        ("claims", f"{own}/001"),
        ("hypothesis_verdict", f"{own}/01"),
        ("campaign_report", own),
    ):
        assert user.stale(asset, partition) == "FRESH", asset


def test_the_nightly_check_heals_recordings_and_reports_and_pays_nothing(
    user: Journey, campaign: dict[str, Any], stack: ProductStack
) -> None:
    own, before = campaign["id"], user.calls()
    call = user.api.get(f"/v1/campaigns/{own}/calls/1").json()
    recording = call["recording"]["url"].rsplit("/", 1)[1]
    report = user.sql(
        "select report #>> '{files,report.md,sha256}' from app.campaigns where id = %s", own
    )
    (stack.state / "blobs" / recording[:2] / recording[2:4] / recording).unlink()
    stored = stack.state / "blobs" / report[:2] / report[2:4] / report
    stored.write_bytes(stored.read_bytes()[:-1] + b"?")
    user.sql("update app.units set files_checked_at = now() - interval '2 days' where id = %s", own)
    assert user.run_ended(user.launch("files_check", [], partition="")) == "SUCCESS"
    after = user.finished(own, seconds=60)
    assert user.api.get(call["recording"]["url"]).status_code == 200
    text = user.api.get(after["report"]["files"]["report.md"])
    assert hashlib.sha256(text.content).hexdigest() == report
    paid = ("transcription", "extraction", "writing", "embedding")
    assert [c for c in user.calls() if c["capability"] in paid] == [
        c for c in before if c["capability"] in paid
    ]
    assert user.stale("claims", f"{own}/001") == "FRESH"


def test_reading_a_call_again_judges_again_and_calls_nobody(
    user: Journey, campaign: dict[str, Any]
) -> None:
    before = len([c for c in user.calls() if c["path"].endswith("/Calls.json")])
    body = {"parts": [1], "assets": ["claims"], "fresh": True}
    making = user.api.post(f"/v1/campaigns/{campaign['id']}/rebuild", json=body).json()["making"]
    assert making["summary"] == "1 extraction"
    again = user.finished(campaign["id"], seconds=60)
    assert len([c for c in user.calls() if c["path"].endswith("/Calls.json")]) == before
    assert [h["verdict"]["status"] for h in again["hypotheses"]] == [
        h["verdict"]["status"] for h in campaign["hypotheses"]
    ]
    assert again["calls"][1]["cost_usd"] == campaign["calls"][1]["cost_usd"]
