"""What a sentence needs around it: the one before it, or the one after it."""

from __future__ import annotations

import re

from pipeline_defs.local.providers.writer.passages import dangles

_LEANING = re.compile(
    r"\b(?:this|these|such(?! as)|the same|also|therefore|thus|hence|however|instead|likewise"
    r"|meanwhile|moreover|nevertheless|the former|the latter|as well(?! as)|at the time"
    r"|that (?:way|manner|reason|case|point|moment|form|kind|limit|rule|view|name|year|number))\b"
    r"|\btoo[.,]|^First,",  # first of what? the sentence before says so
    re.IGNORECASE,
)
_LEANING_EARLY = re.compile(
    r"^(?:\S+ ){0,3}(?:it|its|they|their|them|another|others?|then|both|next)\b",
    re.IGNORECASE,
)
_BELIEF = re.compile(
    r"\b(?:often|commonly|widely|popularly|sometimes|frequently|usually|generally|wrongly|long)\b"
    r".{0,14}\b(?:said|believed|thought|imagined|pictured|assumed|described|supposed|credited|blamed"
    r"|claimed|taken|called|treated|remembered|confused|mistaken|accused|understood|seen|feared)\b"
    r"|\b(?:often|commonly|sometimes|frequently|usually|generally|widely) (?:assume|believe|think"
    r"|imagine|suppose|say|picture|suggest|claim)\b|\b[Pp]opular (?:belief|account|stor|legend)"
    r"|\b(?:legend|folklore|myth|misconception|misunderstanding|widespread error|doubters)\b"
    r"|\b(?:[Mm]any|[Mm]ost|[Ss]ome) (?:people|drinkers|readers) (?:believe|think|assume|picture"
    r"|imagine)\b|^(?:Critics|Opponents|Skeptics|Doubters|Early thinkers)\b",
    re.IGNORECASE,
)
_PROMISE = re.compile(
    r"\b(?:follow(?:s|ed)?|pass(?:es|ed)?|proceeds?|runs?|ran|occurs?|takes?|took|happens|moved"
    r"|forms|needs?|unfolded|shows the|tells)\b.{0,50}\b(?:steps|stages|sequence|phases|order"
    r"|events|cycle|relay|rhythm|way|ways)\b[^,]{0,24}\.$"
    r"|^First,|\bat work\b|\billustrates? the\b|\bin (?:two|three|four|several|opposite) ways\b"
    r"|^(?:Two|Three|Four|Five|Several|A few) (?:other )?(?:inventions|steps|causes|reasons|factors"
    r"|forces|puzzles|plans|effects|ideas|discoveries|families|methods)\b|\bexample involves\b"
)
_ANSWERED = re.compile(
    r"\b(?:but|yet|although|though|however|instead|actually|not|never|despite)\b"
)
_PERSON = re.compile(r"\b(?:he|him|his|she|her|hers)\b")
_NAME = re.compile(r"\b[A-Z]\w+")
_CAPITAL_AT_THE_START = """
The A An In On At By For From To With When While After Before As If Since Although Most Some Many
Each Every All One Two Three No Only Even
"""
_NO_NAMES = frozenset(_CAPITAL_AT_THE_START.split())


def is_open_ended(sentence: str) -> bool:
    """Whether a sentence promises more, or reports what people believe and does not answer it."""
    believed = _BELIEF.search(sentence) and not _ANSWERED.search(sentence)
    return bool(believed or (_PROMISE.search(sentence) and ":" not in sentence))


def leans(sentence: str) -> bool:
    """Whether a sentence points back, so that it needs the one before it."""
    if dangles(sentence) or _LEANING.search(sentence) or _LEANING_EARLY.match(sentence):
        return True
    person = _PERSON.search(sentence)
    if person is None:
        return False
    names = set(_NAME.findall(sentence[: person.start()])) - _NO_NAMES
    return not names
