"""Who answers the telephone, what they say to whom, and the markup that is followed."""

from __future__ import annotations

import tomllib
from collections import Counter
from importlib.resources import files

import pytest
import yaml

from pipeline_defs.domain.calls.interview import twiml
from pipeline_defs.domain.calls.requests import CampaignRequest
from pipeline_defs.local.providers.engine.speaking import RATE
from pipeline_defs.local.providers.engines import Engines
from pipeline_defs.local.providers.telephone.people import (
    INTERVIEWER,
    STRANGER_SAYS,
    person_of,
    respondents,
)
from pipeline_defs.local.providers.telephone.scripts import scripted
from pipeline_defs.local.providers.telephone.talking import HM, BadTwiml, parse
from pipeline_defs_tests.local.providers.media import pitch_of

PACKAGE = files("pipeline_defs.local.providers.telephone")


def campaign() -> CampaignRequest:
    """That of the demo."""
    return CampaignRequest.model_validate(yaml.safe_load((PACKAGE / "campaign.yaml").read_text()))


def test_the_demo_calls_twelve_people_of_every_kind() -> None:
    people = [person_of(contact.phone) for contact in campaign().contacts]
    assert len(people) == 12
    kinds = Counter(person.behaviour for person in people)
    assert all(
        kinds[kind] for kind in ("busy_once", "hangs_up", "refuses", "no_answer", "voicemail")
    )
    assert [contact.name for contact in campaign().contacts] == [p.name for p in people]


def test_it_is_known_beforehand_what_everybody_will_say() -> None:
    asked = campaign().model_dump(mode="json", exclude_none=True)
    contacts = scripted(asked)["contacts"]
    scripts = {contact["name"]: contact.get("script") for contact in contacts}
    CampaignRequest.model_validate({**asked, "contacts": contacts})
    assert scripts["Jana"] is None  # a machine
    assert scripts["Ada"].startswith("Yes, that's fine, go ahead. Oh, I'd happily put")
    assert scripts["Ada"].count(HM) == 2  # in the third and the sixth of what is said
    assert scripts["Hanna"] == person_of("+12025550118").consent  # does not want to


def test_everybody_answers_the_question_they_were_asked() -> None:
    hypotheses = {entry.text: number for number, entry in enumerate(campaign().hypotheses, 1)}
    topics = respondents()["topics"]
    for entry in respondents()["people"]:
        for said in entry.get("says", ()):
            number = hypotheses[topics[said["topic"]]]
            asked = [q.question for q in campaign().checklist if q.hypothesis == number]
            assert [person_of(entry["number"]).answer(q) for q in asked] == [said["text"]]


def test_every_labelled_utterance_says_what_it_is_about() -> None:
    text = (PACKAGE / "utterances.toml").read_text("utf-8")
    utterances = tomllib.loads(text)["utterances"]
    assert len(utterances) >= 40
    assert len({entry["text"] for entry in utterances}) == len(utterances)
    assert {entry["topic"] for entry in utterances} == set(respondents()["topics"])
    stances = Counter(entry.get("stance") for entry in utterances)
    assert set(stances) == {"supports", "opposes", "neutral", None}
    assert min(stances.values()) >= 5


def test_a_question_nobody_expects_is_not_made_up() -> None:
    assert person_of("+12025550111").answer("Who won the football game?") == STRANGER_SAYS
    assert person_of("+442079460123").answer("Do you like bread?") == STRANGER_SAYS


def test_the_interview_of_the_product_is_understood() -> None:
    said = parse(twiml("Hello & welcome, may I?", ["Why <bread>?"]))
    assert [say.text for say in said[:2]] == ["Hello & welcome, may I?", "Why <bread>?"]
    assert said[0].pause > 0
    assert said[-1].pause == 0


@pytest.mark.parametrize(
    "document",
    [
        "",
        "<Response><Say>Hello</Response>",
        "<Say>Hello</Say>",
        "<Response><Dial>+12025550111</Dial></Response>",
        '<!DOCTYPE x [<!ENTITY a "b">]><Response><Say>&a;</Say></Response>',
        '<Response><Say>Hello</Say><Pause length="long"/></Response>',
        '<Response><Say>Hello</Say><Pause length="-3"/></Response>',
        f"<Response><Say>{'hello ' * 700}</Say></Response>",
    ],
)
def test_markup_that_cannot_be_followed_is_refused(document: str) -> None:
    with pytest.raises(BadTwiml):
        parse(document)


def test_people_can_be_told_apart_by_their_voices(engines: Engines) -> None:
    voices = {person_of(entry["number"]).voice for entry in respondents()["people"]}
    assert INTERVIEWER not in voices
    speaker = engines.media.speaker
    text = " ".join(said["text"] for said in respondents()["people"][0]["says"])
    sounds = (speaker.speak(text, voice, 1.0) for voice in voices)
    heard = sorted(pitch_of(sound, RATE) for sound in sounds)
    apart = heard[:1]
    for pitch in heard:
        if pitch > 1.06 * apart[-1]:  # a semitone
            apart.append(pitch)
    assert len(apart) >= 4, heard
