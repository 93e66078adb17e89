"""Campaigns as files: read as they are written, or refused with the line or the field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline_defs.domain.calls.files import CampaignFileError, parse_campaign
from pipeline_defs.domain.calls.requests import CampaignRequest

DOCS = Path(__file__).resolve().parents[3] / "docs/campaigns.md"
TEXT = """
goal: Find out what people like.
consent: Hello, this is an interview, and it is recorded. May I?
hypotheses:
  - text: People like bread.
checklist:
  - question: Do you like bread?
    hypothesis: 1
contacts:
  - {phone: +12025550130, name: No}
"""


def refused(text: str) -> str:
    with pytest.raises(CampaignFileError) as caught:
        parse_campaign(text)
    return str(caught.value)


def test_the_file_in_the_docs_is_a_campaign_and_passes_through_json_unchanged() -> None:
    example = DOCS.read_text().partition("```yaml\n")[2].partition("```")[0]
    campaign = parse_campaign(example)
    sent = campaign.model_dump(mode="json", exclude_unset=True)
    assert sent["quiet_hours"] == {"start": "20:00", "end": "09:00"}
    assert CampaignRequest.model_validate(json.loads(json.dumps(sent))) == campaign


def test_plain_words_need_no_quotation_marks() -> None:
    more = "quiet_hours: {start: 20:00, end: 08:30}\ntitle: 2026-01-01\nbudget_usd: 12.5\n"
    campaign = parse_campaign(TEXT + more)
    quiet = campaign.quiet_hours
    assert quiet is not None
    assert (f"{quiet.start:%H:%M}", f"{quiet.end:%H:%M}") == ("20:00", "08:30")
    assert (campaign.title, str(campaign.budget_usd)) == ("2026-01-01", "12.5")
    assert (campaign.contacts[0].phone, campaign.contacts[0].name) == ("+12025550130", "No")
    assert parse_campaign(f"{TEXT}quiet_hours: null").quiet_hours is None


@pytest.mark.parametrize(
    "twice",
    [
        TEXT + "do_not_call: ['+12025550131']\ndo_not_call: []\n",
        '{"goal": "a", "do_not_call": ["+12025550131"], "do_not_call": []}',
    ],
)
def test_a_list_of_whom_not_to_call_is_never_lost_to_another(twice: str) -> None:
    assert "'do_not_call' occurs twice" in refused(twice)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("goal: [", "line 1, column 8"),
        ("goal: a\ntitle: b: c", "line 2, column 9"),
        ("goal: &a x\ntitle: *a", "line 1, column 7: references"),
        ("a: {<<: *b}", "references"),
        ("goal: !!bool x", "line 1, column 7: tags"),
        ("goal: !!python/object:os.system x", "tags"),
        ("? [a]\n: b", "a name must be a plain word"),
        ("goal: " + "[" * 100_000, "nested more than 20 levels"),
        ('{"a":' * 100_000, "recursion depth"),
        (f"goal: {'1' * 5000}", "more than 32 characters"),
        ("goal: a\n---\ngoal: b", "a single document"),
        ('goal: "a\\0b"', "NUL character"),
        ('{"goal": "a\\u0000b"}', "NUL character"),
        ("{goal: a}", "not readable JSON"),
        ("- goal", "it is no campaign"),
        ("", "it is no campaign"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, says: str) -> None:
    assert says in refused(text)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("calls_per_minute: fast", "calls_per_minute: must be a whole number"),
        ("budget_usd: .inf", "budget_usd: must be a number"),
        ("language: de", "language: must be one of 'en'"),
        ("do_not_call:", "do_not_call: must be a list"),
        ("do_not_call: ['911']", "do_not_call, number 1: is not a phone number"),
        ("quiet_hours: {start: 8pm}", "quiet_hours, start: is not a time of day: write it like"),
        ("donotcall: []", "donotcall: is not a known field. Remove it, or check its spelling."),
    ],
)
def test_a_faulty_field_is_named_with_what_to_do(more: str, says: str) -> None:
    assert refused(f"{TEXT}{more}\n").startswith(says)


def test_only_so_many_faults_are_told() -> None:
    contacts: list[Any] = [{"phone": "1"}] * 30
    lines = refused(json.dumps({"goal": "a", "contacts": contacts})).splitlines()
    assert (len(lines), lines[-1]) == (21, "and 13 more")
