"""Word lists for the analysis of sentences: the small words, and the forms of common verbs."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_HERE = "pipeline_defs.local.providers.pictures.analysis"
_VOWELS = "aeiou"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Sets of lower-case words by what they do in a sentence."""

    auxiliaries: frozenset[str]  # be, have, do and the modals
    be: frozenset[str]
    have: frozenset[str]
    modals: frozenset[str]
    determiners: frozenset[str]
    prepositions: frozenset[str]
    conjunctions: frozenset[str]
    subordinators: frozenset[str]
    pronouns: frozenset[str]
    connectives: frozenset[str]
    adverbs: frozenset[str]
    plurals: frozenset[str]  # that do not end in s
    not_plurals: frozenset[str]  # that do
    bases: frozenset[str]
    thirds: frozenset[str]  # makes, turns
    pasts: frozenset[str]  # made, turned
    participles: frozenset[str]
    speaks: frozenset[str]  # bases of what persons say and do
    does: frozenset[str]
    not_persons: frozenset[str]  # capitalized first words of other names
    base_of: dict[str, str]  # any form of a verb to its base


@cache
def lexicon() -> Lexicon:
    """The word lists, read once."""
    read = tomllib.loads((files(_HERE) / "words.toml").read_text(encoding="utf-8"))
    forms = [_regular(base) for base in read["regular"].split()]
    forms += [(base, *kinds.split()) for base, kinds in read["irregular"].items()]
    base_of = {form: entry[0] for entry in forms for form in entry}
    be, have, modals = (_words(read, name) for name in ("be", "have", "modal"))
    return Lexicon(
        auxiliaries=be | have | modals | _words(read, "do"),
        be=be,
        have=have,
        modals=modals,
        determiners=_words(read, "determiner"),
        prepositions=_words(read, "preposition"),
        conjunctions=_words(read, "conjunction"),
        subordinators=_words(read, "subordinator"),
        pronouns=_words(read, "pronoun"),
        connectives=_words(read, "connective"),
        adverbs=_words(read, "adverb"),
        plurals=_words(read, "plural"),
        not_plurals=_words(read, "adjective_s"),
        bases=frozenset(entry[0] for entry in forms),
        thirds=frozenset(entry[1] for entry in forms),
        pasts=frozenset(entry[2] for entry in forms),
        participles=frozenset(entry[3] for entry in forms),
        speaks=_words(read, "speaks"),
        does=_words(read, "does"),
        not_persons=_words(read, "not_persons"),
        base_of=base_of,
    )


def _words(read: dict[str, Any], name: str) -> frozenset[str]:
    return frozenset(read[name].split())


def _regular(base: str) -> tuple[str, str, str, str]:
    past = _past(base)
    return base, _third(base), past, past


def _third(base: str) -> str:
    if base.endswith("y") and base[-2] not in _VOWELS:
        return f"{base[:-1]}ies"
    return f"{base}es" if base.endswith(("s", "sh", "ch", "x", "z", "o")) else f"{base}s"


def _past(base: str) -> str:
    if base.endswith("e"):
        return f"{base}d"
    if base.endswith("y") and base[-2] not in _VOWELS:
        return f"{base[:-1]}ied"
    return f"{base}{base[-1]}ed" if _doubles(base) else f"{base}ed"


_DOUBLING = frozenset({"admit", "commit", "compel", "control", "expel", "inter", "occur", "permit",
                       "prefer", "propel", "refer", "repel", "transfer", "transmit", "transplant",
                       "infer", "confer", "rebel", "submit", "regret", "patrol"})  # fmt: skip


def _doubles(base: str) -> bool:
    """Whether the last consonant is doubled: stop, stopped; but open, opened."""
    if base in _DOUBLING:
        return not base.endswith("nt")
    short = sum(letter in _VOWELS for letter in base) == 1
    return (
        short
        and len(base) > 2
        and base[-1] not in f"{_VOWELS}wxy"
        and base[-2] in _VOWELS
        and base[-3] not in _VOWELS
    )
