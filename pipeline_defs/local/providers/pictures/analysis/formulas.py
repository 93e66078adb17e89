"""Formulas and drawings of mathematics that belong to what is said."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pipeline_defs.local.providers.pictures.analysis.contents import Formula, Found
from pipeline_defs.local.providers.pictures.analysis.phrases import condensed, length
from pipeline_defs.local.providers.pictures.brief import Brief
from pipeline_defs.local.providers.pictures.mathematics.plain import expressions

_SAID, _IN_HEADING, _WEAK, _EXPRESSION = 0.92, 0.79, 0.645, 0.91
_CAPTION_WORDS_MOST = 18
_TABLE = "pipeline_defs.local.providers.pictures.mathematics"


@dataclass(frozen=True, slots=True)
class _Entry:
    say: tuple[re.Pattern[str], ...]
    about: re.Pattern[str] | None
    latex: str
    figure: str
    name: str
    weak: bool


@cache
def _entries() -> tuple[_Entry, ...]:
    text = files(_TABLE).joinpath("formulas.toml").read_text(encoding="utf-8")
    return tuple(
        _Entry(
            tuple(re.compile(pattern, re.IGNORECASE) for pattern in entry["say"]),
            re.compile(entry["about"], re.IGNORECASE) if "about" in entry else None,
            entry.get("latex", ""),
            entry.get("figure", ""),
            entry.get("name", ""),
            entry.get("weak", False),
        )
        for entry in tomllib.loads(text)["formula"]
    )


def find_formula(brief: Brief, sentences: list[str]) -> list[Found]:
    """What the text writes out itself; what the table knows for its words, or for its heading."""
    found = [*_written(brief, sentences), *_known(brief, sentences)]
    return found[:2]


def _written(brief: Brief, sentences: list[str]) -> list[Found]:
    """The longest equation of the text, else of what the brief wants to be seen."""
    for text in (*sentences, brief.show):
        if latex := expressions(text):
            shown = max(latex, key=lambda one: ("=" in one, len(one)))
            captioned = sentences if text is brief.show else [text]
            return [Found(_EXPRESSION, Formula(shown, _caption(captioned)))]
    return []


def _known(brief: Brief, sentences: list[str]) -> list[Found]:
    said = " ".join(sentences)
    context = f"{said} {brief.heading} {brief.lecture}"
    for text, score in ((said, _SAID), (brief.heading, _IN_HEADING)):
        if entry := _first_named(text, context):
            caption = _caption(_telling(entry, sentences))
            content = Formula(entry.latex, caption, entry.figure, entry.name)
            return [Found(_WEAK if entry.weak else score, content)]
    return []


def _first_named(text: str, context: str) -> _Entry | None:
    """The entry whose words come first in a text: what it speaks of, not what it mentions."""
    best: _Entry | None = None
    earliest = (True, len(text))
    for entry in _entries():
        found = [pattern.search(text) for pattern in entry.say]
        places = [match.start() for match in found if match]
        if len(places) < len(found) or (entry.about and not entry.about.search(context)):
            continue
        if (entry.weak, min(places)) < earliest:
            best, earliest = entry, (entry.weak, min(places))
    return best


def _telling(entry: _Entry, sentences: list[str]) -> list[str]:
    """The sentences that name it, else all."""
    naming = [s for s in sentences if any(pattern.search(s) for pattern in entry.say)]
    return naming or sentences


def _caption(sentences: list[str]) -> str:
    shown = [condensed(sentence, _CAPTION_WORDS_MOST) for sentence in sentences]
    fitting = [text for text in shown if length(text) <= _CAPTION_WORDS_MOST + 6]
    return fitting[0] if fitting else (shown[0] if shown else "")
