"""Quantities of a text, and the one figure that is striking."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline_defs.local.providers.pictures.analysis.contents import Figure, Found
from pipeline_defs.local.providers.pictures.analysis.dates import dated
from pipeline_defs.local.providers.pictures.analysis.grammar import clauses, has_verb
from pipeline_defs.local.providers.pictures.analysis.phrases import (
    condensed,
    hangs,
    length,
)

_SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_UNIT_WORDS = (
    r"percent|per cent|%|degrees(?: Celsius| Fahrenheit)?"
    r"|(?:square |cubic )?(?:kilo|centi|milli)?meters?(?: per second| an hour| a second| per hour"
    r"| a year)?|kilograms?|grams?|tons?|liters?|seconds?|minutes?|hours?|days?|weeks?|months?"
    r"|years?|centuries|solar masses|light-years?|miles?|feet|watts?|kilowatts?|megawatts?|volts?"
    r"|amperes?|watt-hours?|kilowatt-hours?|bits?|bytes?|times|people|words|books|copies|workers"
    r"|bees|bags|species|stars|milligrams?|micrometers?|nanometers?|joules?|calories|vertices"
    r"|edges|digits|characters|signs|letters?|tonnes|hectares|passengers|soldiers|men|women"
    r"|children|crew|cups|eggs|stages|addresses|computers|users|websites|ships|camels|cocoons"
)
_ABOUT = (
    r"about|roughly|nearly|almost|over|(?:no |not )?more than|at least|at most|up to|around|only"
    r"|some|(?:no )?less than|fewer than"
)
_QUANTITY = re.compile(
    rf"(?P<about>(?:{_ABOUT})\s)?(?P<from>\d[\d,.]*(?: to | or |-))?"
    rf"(?P<number>\d[\d,]*(?:\.\d+)?)(?:\s(?P<scale>{'|'.join(_SCALES)}))?"
    rf"(?:[\s-](?P<unit>(?:{_UNIT_WORDS})\b|%))?",
    re.IGNORECASE,
)
_FRACTIONS = {
    "half": 0.5, "a third": 1 / 3, "one third": 1 / 3, "two-thirds": 2 / 3, "two thirds": 2 / 3,
    "a quarter": 0.25, "one quarter": 0.25, "three-quarters": 0.75, "three quarters": 0.75,
    "a fifth": 0.2, "one fifth": 0.2, "a tenth": 0.1, "one tenth": 0.1, "four-fifths": 0.8,
}  # fmt: skip
_FRACTION = re.compile(rf"\b({'|'.join(_FRACTIONS)})\b(?: of)?", re.IGNORECASE)
_BOUNDS = {
    "more than": "> ", "over": "> ", "less than": "< ", "fewer than": "< ", "no more than": "≤ ",
    "not more than": "≤ ", "at most": "≤ ", "up to": "≤ ", "at least": "≥ ", "no less than": "≥ ",
}  # fmt: skip
_BOUND_BEFORE = re.compile(
    r"\b((?:no |not )?more than|over|(?:no )?less than|fewer than) $", re.IGNORECASE
)
_SHORT_UNITS = {"percent": "%", "per cent": "%", "degrees Celsius": "°C", "degrees": "°"}
_CAPTION_WORDS_MOST = 13
_CLAUSE_WORDS_LEAST = 5
_YEARS = (1000, 2100)  # a bare number between them is likely to be one


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a text with its unit, and where it stands."""

    value: float
    shown: str
    unit: str
    start: int
    end: int
    about: str


def quantities(text: str) -> list[Quantity]:
    """Numbers that count or measure something; dates are none."""
    dates = [(start, end) for _, _, start, end in dated(text)]
    found: list[Quantity] = []
    for match in _QUANTITY.finditer(text):
        if any(start <= match.start("number") < end for start, end in dates):
            continue
        if text[match.end() : match.end() + 1].isalnum() or _is_part(
            text, match.start("from") if match["from"] else match.start("number")
        ):
            continue
        if _may_be_year(match):
            continue
        scale = (match["scale"] or "").lower()
        value = float(match["number"].replace(",", "")) * _SCALES.get(scale, 1)
        unit = match["unit"] or ""
        unit = _SHORT_UNITS.get(unit, unit)
        low = re.sub(r" to |-", "–", match["from"] or "")
        shown = f"{low}{match['number']} {scale}".strip()
        found.append(
            Quantity(value, shown, unit, match.start(), match.end(), (match["about"] or "").strip())
        )
    return found


def _may_be_year(match: re.Match[str]) -> bool:
    bare = not match["unit"] and not match["scale"] and match["number"].isdigit()
    return bare and _YEARS[0] <= int(match["number"]) <= _YEARS[1]


def _is_part(text: str, start: int) -> bool:
    """Whether the digits belong to a name, a formula or a date: C4, x^2, 3/4, = 5."""
    before = text[max(0, start - 2) : start]
    return bool(re.search(r"[A-Za-z\d^/=+*_.-]$|[=+*/^<>]\s$|[A-Z]\s$", before)) and not re.search(
        r"[a-z]\s$", before
    )


def find_figure(sentences: list[str]) -> list[Found]:
    """The one figure that says most, with the sentence it stands in."""
    best: list[Found] = []
    for sentence in sentences:
        for quantity in quantities(sentence):
            if not quantity.unit and quantity.value < 100:
                continue
            whole = quantity.unit == "%" and quantity.value <= 100 and "–" not in quantity.shown
            share = quantity.value / 100 if whole else None
            meaning = condensed(_around(sentence, quantity), _CAPTION_WORDS_MOST)
            number = quantity.shown.split(" ")[0].rpartition("–")[2]
            if number not in meaning or not has_verb(meaning) or hangs(meaning):
                meaning = condensed(sentence, _CAPTION_WORDS_MOST)
            if number not in meaning:
                continue
            if not 2 <= length(meaning) <= _CAPTION_WORDS_MOST + 3:
                continue
            score = 0.76 if share is not None else 0.7 if quantity.unit else 0.58
            unit = quantity.unit if quantity.unit not in ("%", "°", "°C") else ""
            mark = quantity.unit if not unit else ""
            shown = f"{_bound(quantity.about)}{quantity.shown}{mark}"
            best.append(Found(score, Figure(shown, unit, meaning, share)))
        if (match := _FRACTION.search(sentence)) and match[0].endswith("of"):
            share = _FRACTIONS[match[1].lower()]
            meaning = condensed(sentence, _CAPTION_WORDS_MOST)
            if length(meaning) <= _CAPTION_WORDS_MOST + 2 and match[1].lower() in meaning.lower():
                bound = _bound(_BOUND_BEFORE.search(sentence[: match.start()]))
                shown = f"{bound}{_as_fraction(match[1])}"
                best.append(Found(0.66, Figure(shown, "", meaning, share)))
    return sorted(best, key=lambda found: -found.score)[:1]


def _bound(about: str | re.Match[str] | None) -> str:
    """The sign of `more than` and the like: a bare number would say something else."""
    words = (about if isinstance(about, str) else about[1] if about else "").lower()
    return _BOUNDS.get(words, "")


def _as_fraction(words: str) -> str:
    signs = {0.5: "½", 1 / 3: "⅓", 2 / 3: "⅔", 0.25: "¼", 0.75: "¾", 0.2: "⅕", 0.1: "⅒", 0.8: "⅘"}
    return signs[_FRACTIONS[words.lower()]]


def _around(sentence: str, quantity: Quantity) -> str:
    """The clause a quantity stands in, if it says enough alone; else the sentence."""
    number = sentence[quantity.start : quantity.end]
    part = next((clause for clause in clauses(sentence) if number in clause), sentence)
    return part if length(part) >= _CLAUSE_WORDS_LEAST else sentence
