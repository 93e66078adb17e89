"""What is said on the telephone, and what is written down afterwards."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from pipeline_defs import policies
from pipeline_defs.domain.calls.interview import twiml
from pipeline_defs.domain.calls.report import write_report
from pipeline_defs.domain.errors import Permanent
from pipeline_defs_tests.domain.calls.samples import call, campaign, claim


def test_markup_in_questions_is_only_ever_said() -> None:
    said = ET.fromstring(twiml("Hello <Dial>+1</Dial> & welcome", ["A < B?\x00"]))  # noqa: S314
    assert [verb.tag for verb in said] == ["Pause", "Say", "Pause", "Say", "Pause", "Say", "Hangup"]
    assert said[1].text == "Hello <Dial>+1</Dial> & welcome"


def test_an_interview_that_does_not_fit_says_by_how_much() -> None:
    with pytest.raises(Permanent, match="characters too long") as refused:
        twiml("Hello", ["Why?" * 100] * 20)
    assert refused.value.code == "INTERVIEW_TOO_LONG"
    assert len(twiml("Hello", ["Why?"] * 30)) < policies.TWIML_MAX_CHARS


def test_what_people_say_is_no_formula_and_no_markup_in_the_report() -> None:
    evil = claim(1, "supports", quote="=HYPERLINK(1) | <script>")
    report = write_report(campaign(replace(call(), name="@cmd"), claims={1: (evil,)}))
    rows = list(csv.DictReader(io.StringIO(report.files["claims.csv"])))
    assert rows[0]["quote"].startswith("'=HYPERLINK")
    assert rows[0]["respondent"].startswith("'@")
    text = report.files["report.md"]
    assert "<script>" not in text.replace("\\<script\\>", "")
    assert "\\| \\<script\\>" in text


def test_a_report_of_nothing_is_still_a_report() -> None:
    report = write_report(campaign())
    assert set(report.files) == {"report.md", "hypotheses.csv", "claims.csv", "calls.csv"}
    assert "Nobody said anything about it." in report.files["report.md"]
