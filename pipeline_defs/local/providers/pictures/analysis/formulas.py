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
    found = [*_written(sentences), *_known(brief, sentences)]
    return found[:2]


def _written(sentences: list[str]) -> list[Found]:
    for sentence in sentences:
        if latex := expressions(sentence):
            shown = max(latex, key=lambda one: ("=" in one, len(one)))
            return [Found(_EXPRESSION, Formula(shown, _caption([sentence])))]
    return []


def _known(brief: Brief, sentences: list[str]) -> list[Found]:
    said = " ".join(sentences)
    context = f"{said} {brief.heading} {brief.lecture}"
    for text, score in ((said, _SAID), (brief.heading, _IN_HEADING)):
        for entry in _entries():
            if entry.about is not None and not entry.about.search(context):
                continue
            if all(pattern.search(text) for pattern in entry.say):
                caption = _caption(_telling(entry, sentences))
                content = Formula(entry.latex, caption, entry.figure, entry.name)
                return [Found(_WEAK if entry.weak else score, content)]
    return []


def _telling(entry: _Entry, sentences: list[str]) -> list[str]:
    """The sentences that name it, else all."""
    naming = [s for s in sentences if any(pattern.search(s) for pattern in entry.say)]
    return naming or sentences


def _caption(sentences: list[str]) -> str:
    shown = [condensed(sentence, _CAPTION_WORDS_MOST) for sentence in sentences]
    fitting = [text for text in shown if length(text) <= _CAPTION_WORDS_MOST + 6]
    return fitting[0] if fitting else (shown[0] if shown else "")
