"""Who answers the telephone: people from a file, and a stranger for every other number."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from pipeline_defs.local.providers.engine.voices import BRIGHT, DEEP, WARM, Voice

INTERVIEWER = WARM
VOICES = {
    "warm": Voice("respondent", 1.08, 21, 20),
    "deep": DEEP,
    "bright": BRIGHT,
    "low": Voice("low", 1.12, 22, 20),
    "light": Voice("light", 0.95, 20, 21),
    "calm": Voice("calm", 1.16, 23, 20),
}
STRANGER_SAYS = "I am sorry, I do not know anything about that."
CLOSE = 55.0  # points of 100 by which a question has to resemble one that somebody answers
# Numbers that always end in the same way, for tests: what the last four digits do.
ENDINGS = {
    "0190": "busy",
    "0191": "no_answer",
    "0192": "fails",
    "0193": "invalid",
    "0194": "silent",
    "0195": "voicemail",
    "0196": "leaves_at_once",
    "0197": "mono",
    "0198": "unassigned",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says to a question like `asked`."""

    asked: str
    text: str


@dataclass(frozen=True, slots=True)
class Person:
    """`behaviour`: talks, busy_once, busy, no_answer, voicemail, refuses, hangs_up, fails,
    unassigned, silent, leaves_at_once, mono (talks on a line of one channel) or invalid."""

    number: str
    name: str
    voice: Voice
    behaviour: str
    consent: str
    says: tuple[Answer, ...] = ()

    def answer(self, question: str) -> str:
        """What they say to a question."""
        from rapidfuzz import fuzz

        scored = [(fuzz.token_set_ratio(said.asked, question), said.text) for said in self.says]
        best = max(scored, default=(0.0, ""))
        return best[1] if best[0] >= CLOSE else STRANGER_SAYS


def person_of(number: str) -> Person:
    """Whoever has a number."""
    known = _people().get(number)
    if known is not None:
        return known
    behaviour = ENDINGS.get(number[-4:], "talks")
    return Person(number, "Stranger", VOICES["calm"], behaviour, "Yes, go ahead.")


@cache
def _people() -> dict[str, Person]:
    return {entry["number"]: _person(entry) for entry in respondents()["people"]}


@cache
def respondents() -> dict[str, Any]:
    """The file as it is."""
    package = "pipeline_defs.local.providers.telephone"
    text = files(package).joinpath("respondents.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _person(entry: dict[str, Any]) -> Person:
    return Person(
        entry["number"],
        entry["name"],
        VOICES[entry["voice"]],
        entry.get("behaviour", "talks"),
        entry.get("consent", ""),
        tuple(Answer(said["asked"], said["text"]) for said in entry.get("says", ())),
    )
