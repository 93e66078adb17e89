"""Words for materials, certificates and claims in our languages, as concepts.

A concept has a column of words per language, in the order of `COLUMNS`: `*` stands for any ending,
`_` for a space or a hyphen. Whatever a page says of a concept its products must carry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.pages.forms import formed
from pipeline_defs.domain.pages.vocabulary_promises import PROMISES
from pipeline_defs.domain.pages.vocabulary_tables import (
    CERTIFICATES,
    CLAIMS,
    MATERIALS,
    NEGATIONS,
)

COLUMNS: tuple[Language, ...] = ("en", "de", "fr", "es", "it", "nl", "pt", "pl")
SHORT = 5  # letters: a shorter word counts only in its own language (fr or: gold)
NEGATED_WITHIN = 3  # words after a negation
_CLAUSE = re.compile(r"[,;:.!?()](?!\d)")
_TOKEN = re.compile(r"[^\W_]+")
_FREE = ("free", "frei", "freie", "freien", "freies", "freier", "freiem", "vrij", "vrije")


@dataclass(frozen=True, slots=True)
class Mention:
    """A concept; `word` is how the text writes it."""

    concept: str
    word: str
    negated: bool


@dataclass(frozen=True, slots=True)
class _Pattern:
    concept: str
    parts: tuple[str, ...]

    def fits(self, tokens: list[str], start: int) -> bool:
        here = tokens[start : start + len(self.parts)]
        return len(here) == len(self.parts) and all(map(_fits, here, self.parts))


def tokens_of(text: str) -> list[str]:
    """The words and numbers of a text in lower case."""
    return _TOKEN.findall(text.casefold())


def mentions(text: str, language: Language) -> Iterator[Mention]:
    """The concepts a text speaks of, by word or form; a negation reaches to its clause's end."""
    table, negations = _patterns(language), frozenset(NEGATIONS[language].split())
    for clause in _CLAUSE.split(text):
        tokens = tokens_of(clause)
        place = 0
        while place < len(tokens):
            fitting = [p for p in table.get(tokens[place][:2], ()) if p.fits(tokens, place)]
            width = max((len(p.parts) for p in fitting), default=1)
            for pattern in fitting:
                if len(pattern.parts) == width:
                    yield _mention(pattern, tokens, place, negations)
            if not fitting and (form := formed(tokens[place:], language)):
                width = form.width
                before = tokens[max(0, place - NEGATED_WITHIN) : place]
                said = " ".join(tokens[place : place + width])
                yield Mention(form.concept, said, bool(negations.intersection(before)))
            place += width


def _mention(
    pattern: _Pattern, tokens: list[str], place: int, negations: frozenset[str]
) -> Mention:
    end = place + len(pattern.parts)
    before = tokens[max(0, place - NEGATED_WITHIN) : place]
    word = " ".join(tokens[place:end])
    says_so = pattern.parts[-1].startswith(_FREE)  # PFC-free
    free = not says_so and word.endswith(_FREE)  # an ending: lederfrei
    lacks = tokens[end] in _FREE if end < len(tokens) else False
    return Mention(pattern.concept, word, bool(negations.intersection(before)) or free or lacks)


def _fits(token: str, part: str) -> bool:
    return token.startswith(part[:-1]) if part.endswith("*") else token == part


@cache
def _patterns(language: Language) -> dict[str, tuple[_Pattern, ...]]:
    """Patterns by the first two letters. Long words of other languages count, too."""
    found: dict[str, list[_Pattern]] = {}
    for concept, columns in _concepts().items():
        for column, words in zip(COLUMNS, columns, strict=True):
            for word in words.split():
                if column == language or len(word.rstrip("*")) > SHORT:
                    pattern = _Pattern(concept, tuple(word.split("_")))
                    found.setdefault(word[:2], []).append(pattern)
    return {start: tuple(dict.fromkeys(patterns)) for start, patterns in found.items()}


@cache
def _concepts() -> dict[str, tuple[str, ...]]:
    concepts: dict[str, tuple[str, ...]] = {}
    for line in _lines(MATERIALS + CLAIMS + PROMISES):
        concept, words = line.split(":", 1)
        columns = tuple(column.casefold() for column in words.split("|"))
        if len(columns) != len(COLUMNS):
            raise ValueError(f"{concept} has {len(columns)} columns of {len(COLUMNS)}")
        concepts[concept.strip()] = columns
    for words in CERTIFICATES.split():
        concepts[words.replace("_", " ")] = (words.casefold(),) * len(COLUMNS)
    return concepts


def _lines(table: str) -> list[str]:
    """The lines of a table; an indented one continues the one before."""
    return [line for line in re.sub(r"\n[ ]+", " ", table).splitlines() if line]
