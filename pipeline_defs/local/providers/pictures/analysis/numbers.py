"""Striking figures and quantities that can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from pipeline_defs.local.providers.pictures.analysis.contents import Bar, Chart, Figure, Found
from pipeline_defs.local.providers.pictures.analysis.dates import dated
from pipeline_defs.local.providers.pictures.analysis.grammar import clauses, has_verb
from pipeline_defs.local.providers.pictures.analysis.lexicon import lexicon
from pipeline_defs.local.providers.pictures.analysis.phrases import (
    condensed,
    hangs,
    length,
    name_of,
)

_SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_UNIT_WORDS = (
    r"percent|per cent|%|degrees(?: Celsius| Fahrenheit)?|(?:square |cubic )?(?:kilo|centi|milli)?meters?"
    r"(?: per second| an hour| a second| per hour| a year)?|"
    r"kilograms?|grams?|tons?|liters?|seconds?|minutes?|hours?|days?|weeks?|months?|years?|centuries|"
    r"solar masses|light-years?|miles?|feet|watts?|kilowatts?|megawatts?|volts?|amperes?|"
    r"watt-hours?|kilowatt-hours?|bits?|bytes?|times|people|words|books|copies|workers|bees|bags|"
    r"species|stars|milligrams?|micrometers?|nanometers?|joules?|calories|vertices|edges|digits|"
    r"characters|signs|letters|letter|tonnes|hectares|passengers|soldiers|men|women|"
    r"children|crew|cups|eggs|stages|addresses|computers|users|websites|ships|camels|cocoons"
)  # fmt: skip
_QUANTITY = re.compile(
    rf"(?P<about>(?:about|roughly|nearly|almost|over|more than|at least|up to|around|only|some|less than"
    rf"|fewer than)\s)?(?P<from>\d[\d,.]*(?: to | or |-))?(?P<number>\d[\d,]*(?:\.\d+)?)(?:\s(?P<scale>{'|'.join(_SCALES)}))?"
    rf"(?:[\s-](?P<unit>(?:{_UNIT_WORDS})\b|%))?",
    re.IGNORECASE,
)
_FRACTIONS = {
    "half": 0.5, "a third": 1 / 3, "one third": 1 / 3, "two-thirds": 2 / 3, "two thirds": 2 / 3,
    "a quarter": 0.25, "one quarter": 0.25, "three-quarters": 0.75, "three quarters": 0.75,
    "a fifth": 0.2, "one fifth": 0.2, "a tenth": 0.1, "one tenth": 0.1, "four-fifths": 0.8,
}  # fmt: skip
_FRACTION = re.compile(rf"\b({'|'.join(_FRACTIONS)})\b(?: of)?", re.IGNORECASE)
_BOUND_BEFORE = re.compile(r"\b(more than|over|less than|fewer than) $", re.IGNORECASE)
_SHORT_UNITS = {"percent": "%", "per cent": "%", "degrees Celsius": "°C", "degrees": "°"}
_CAPTION_WORDS_MOST = 13
_CLAUSE_WORDS_LEAST = 5
_LABEL_WORDS_MOST = 6
_YEARS = (1000, 2100)  # a bare number between them is likely to be one
_BARS_MOST = 4
_RATIO_MOST = 400.0  # of the longest bar to the shortest


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
            if not has_verb(meaning) or hangs(meaning):
                meaning = condensed(sentence, _CAPTION_WORDS_MOST)
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
    """The sign of `more than` and `less than`: a bare number would say something else."""
    words = (about if isinstance(about, str) else about[1] if about else "").lower()
    if words in ("more than", "over"):
        return "> "
    return "< " if words in ("less than", "fewer than") else ""


def _as_fraction(words: str) -> str:
    signs = {0.5: "½", 1 / 3: "⅓", 2 / 3: "⅔", 0.25: "¼", 0.75: "¾", 0.2: "⅕", 0.1: "⅒", 0.8: "⅘"}
    return signs[_FRACTIONS[words.lower()]]


def _around(sentence: str, quantity: Quantity) -> str:
    """The clause a quantity stands in, if it says enough alone; else the sentence."""
    number = sentence[quantity.start : quantity.end]
    part = next((clause for clause in clauses(sentence) if number in clause), sentence)
    return part if length(part) >= _CLAUSE_WORDS_LEAST else sentence


def find_chart(sentences: list[str]) -> list[Found]:
    """Two and more quantities of one unit, each with what has it."""
    found: list[Found] = []
    for sentence in [" ".join(sentences), *sentences]:
        groups: dict[str, list[Quantity]] = {}
        for quantity in quantities(sentence):
            groups.setdefault(_singular(quantity.unit), []).append(quantity)
        for unit, group in groups.items():
            if unit and 2 <= len(group) <= _BARS_MOST:
                found += _chart(sentence, unit, group)
        if found:
            return found
    return found


def _singular(unit: str) -> str:
    return unit.lower().removesuffix("s") if unit else ""


def _chart(sentence: str, unit: str, group: list[Quantity]) -> list[Found]:
    if min(q.value for q in group) <= 0 or len({q.value for q in group}) < 2:
        return []
    if max(q.value for q in group) / min(q.value for q in group) > _RATIO_MOST:
        return []
    cuts = [0]
    for earlier, later in pairwise(group):
        between = sentence[earlier.end : later.start]
        joints = list(
            re.finditer(
                r"(?:[.,;]\s|\s(?:and|while|whereas|but|against|compared with|than|to)\s)", between
            )
        )
        if not joints or length(between) < 3:
            return []
        cuts.append(
            earlier.end + joints[-1].end() if len(joints) == 1 else earlier.end + joints[0].end()
        )
    bars: list[Bar] = []
    for quantity, start, end in zip(group, cuts, [*cuts[1:], len(sentence)], strict=True):
        label = _label(sentence[start : quantity.start], sentence[quantity.end : end])
        if not 1 <= length(label) <= _LABEL_WORDS_MOST + 1 or _repeats(label, unit):
            return []
        mark = quantity.unit if quantity.unit in ("%", "°C", "°") else ""
        bars.append(Bar(label, quantity.value, f"{quantity.shown}{mark}"))
    if len({bar.label for bar in bars}) < len(bars):
        return []
    name = "" if unit in ("%", "°c", "°") else group[0].unit
    return [Found(0.8, Chart(tuple(bars), name))]


def _repeats(label: str, unit: str) -> bool:
    """Whether a label still holds a quantity: then the words around it were cut wrongly."""
    lean = label.split(" ", 1)[0].lower() in lexicon().pronouns
    return lean or unit in label.lower() or bool(re.search(r"\d", label))


def _label(before: str, after: str) -> str:
    """What has the quantity: the words before it, else those after."""
    text = re.sub(r"^(?:and|while|whereas|but|about|the)\s+", "", before.strip(" ,.;"))
    text = re.sub(
        r"\s+(?:is|are|was|were|has|have|had|of|about|at|to|than|by|for|a|holds?|contains?|lasts?|reach(?:es)?|"
        r"roughly|only|from|makes? up|takes?|needs?|weighs?|gives?|lives?)(?:\s+(?:about|to|at|of|only|for))?$",
        "",
        text,
    )
    label = name_of(text, _LABEL_WORDS_MOST) if length(text) else ""
    if not label or length(label) > _LABEL_WORDS_MOST:
        label = name_of(
            re.sub(r"^(?:of|in|for|by|a)\s+", "", after.strip(" ,.;")), _LABEL_WORDS_MOST
        )
    return label
