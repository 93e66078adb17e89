"""What the people of the local exchange are going to say: campaigns with it measure transcripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pipeline_defs.domain.calls.interview import twiml
from pipeline_defs.local.providers.telephone.people import person_of
from pipeline_defs.local.providers.telephone.talking import parse, turns


def scripted(campaign: Mapping[str, Any]) -> dict[str, Any]:
    """The campaign, each of its contacts who will talk with a script."""
    questions = [entry["question"] for entry in campaign["checklist"]]
    contacts = [
        {**contact, "script": said}
        if (said := script(contact["phone"], campaign["consent"], questions))
        else dict(contact)
        for contact in campaign["contacts"]
    ]
    return {**campaign, "contacts": contacts}


def script(number: str, consent: str, questions: list[str]) -> str:
    """Everything the owner of a number says in an interview; empty where there will be none."""
    person = person_of(number)
    if person.behaviour == "busy_once":
        person = replace(person, behaviour="talks")
    said = turns(parse(twiml(consent, questions)), person)
    return " ".join(text for turn in said for text in (turn.meanwhile, turn.answer) if text)
