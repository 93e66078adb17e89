"""Quantities of one unit that belong to different things: bars to be compared."""

from __future__ import annotations

import re
from itertools import pairwise

from pipeline_defs.local.providers.pictures.analysis.contents import Bar, Chart, Found
from pipeline_defs.local.providers.pictures.analysis.grammar import statement, tokens
from pipeline_defs.local.providers.pictures.analysis.lexicon import lexicon
from pipeline_defs.local.providers.pictures.analysis.numbers import Quantity, quantities
from pipeline_defs.local.providers.pictures.analysis.phrases import hangs, length, name_of

_BARS_MOST = 4
_RATIO_MOST = 400.0  # of the longest bar to the shortest
_LABEL_WORDS_MOST = 6
_SIGNS = ("%", "°C", "°")  # units that stand right behind the number
_JOINT = re.compile(r"(?:[.,;]\s|\s(?:and|while|whereas|but|against|compared with)\s)")
_LINK = re.compile(r"^(?:and|while|whereas|but|the|a|only)\s+")
_SMALL_END = re.compile(
    r"\s+(?:about|roughly|some|only|nearly|almost|over|just|around|of|at|to|than|more|less|up|is|are"
    r"|was|were|has|have)$"
)


def find_chart(sentences: list[str]) -> list[Found]:
    """Two and more quantities of one unit, each with the thing that has it."""
    for text in (*sentences, " ".join(sentences)):
        groups: dict[str, list[Quantity]] = {}
        for quantity in quantities(text):
            groups.setdefault(quantity.unit.lower().removesuffix("s"), []).append(quantity)
        for unit, group in groups.items():
            if unit and _can_be_compared(group) and (chart := _chart(text, unit, group)):
                return [Found(0.8, chart)]
    return []


def _can_be_compared(group: list[Quantity]) -> bool:
    values = {quantity.value for quantity in group}
    if not 2 <= len(group) <= _BARS_MOST or len(values) < 2 or min(values) <= 0:
        return False
    return max(values) / min(values) <= _RATIO_MOST


def _chart(text: str, unit: str, group: list[Quantity]) -> Chart | None:
    """What has each quantity stands right behind all of them, or before each."""
    behind = [_behind(text[quantity.end :]) for quantity in group]
    for labels in (behind, _before_each(text, group)):
        fit = all(_is_label(label, unit) for label in labels)
        if labels and fit and len(set(labels)) == len(labels):
            bars = tuple(
                Bar(label, quantity.value, _shown(quantity))
                for label, quantity in zip(labels, group, strict=True)
            )
            return Chart(bars, "" if group[0].unit in _SIGNS else group[0].unit)
    return None


def _shown(quantity: Quantity) -> str:
    return f"{quantity.shown}{quantity.unit if quantity.unit in _SIGNS else ''}"


def _behind(after: str) -> str:
    """`60 percent oxygen and 40 percent nitrogen`: one or two nouns up to the next joint."""
    words = re.split(r"[.,;]|\s(?:and|while|whereas|but|or)\s", after, maxsplit=1)[0]
    return name_of(words) if 1 <= length(words) <= 2 else ""


def _before_each(text: str, group: list[Quantity]) -> list[str]:
    starts = [text.rfind(". ", 0, group[0].start) + 1]
    for earlier, later in pairwise(group):
        joints = list(_JOINT.finditer(text, earlier.end, later.start))
        if not joints:
            return []
        starts.append(joints[-1].end() if len(joints) == 1 else joints[0].end())
    return [
        _before(text[start : quantity.start]) for start, quantity in zip(starts, group, strict=True)
    ]


def _before(words: str) -> str:
    """The subject of what is said of a quantity."""
    bare = _LINK.sub("", words.strip(" ,.;"))
    said = statement(f"{bare} it")
    name = said.subject if said else bare
    while (shorter := _SMALL_END.sub("", name)) != name:
        name = shorter
    return name_of(name, _LABEL_WORDS_MOST)


def _is_label(label: str, unit: str) -> bool:
    """Whether it names a thing: no number is left in it, and it leans on nothing."""
    words = [word.lower() for word in tokens(label)]
    if not 1 <= length(label) <= _LABEL_WORDS_MOST or hangs(label):
        return False
    known = lexicon()
    small = known.prepositions | known.pronouns | known.conjunctions | known.adverbs
    if words[0] in small | known.subordinators | known.determiners | known.connectives:
        return False
    verb = words[0] in known.thirds | known.pasts and len(words) > 1
    return not verb and unit not in label.lower() and not re.search(r"\d", label)
