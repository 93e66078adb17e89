"""Words and deeds of named persons, and the sentence to remember where nothing else fits."""

from __future__ import annotations

import re

from pipeline_defs.local.providers.pictures.analysis.contents import Found, Quote
from pipeline_defs.local.providers.pictures.analysis.dates import dated
from pipeline_defs.local.providers.pictures.analysis.grammar import clauses, statement
from pipeline_defs.local.providers.pictures.analysis.lexicon import lexicon
from pipeline_defs.local.providers.pictures.analysis.phrases import condensed, key_word, length

_NAME = re.compile(
    r"(?:[A-Z][\w’'-]+|[A-Z]\.)(?: (?:(?:[A-Z]\.|de|di|da|von|van|der|la|al|ibn|the|of)(?= )))*"
    r"(?: (?:[A-Z][\w’'-]+|[IVX]+))+"
)
_MARKS = re.compile(r"[\"“‘]([^\"”’]{12,})[\"”’]")
_KIND_OF_PERSON = re.compile(
    r"^(?:an?|the|one)\b.*\b(?:who|\w+ian|\w+ist|king|queen|monk|priest|general|scholar|scribe|engineer|"
    r"philosopher|astronomer|printer|potter|emperor|explorer|merchant|writer|author|inventor|doctor)\b"
)
_NAME_WORDS_MOST = 6
_WORDS_MOST = 15
_STATEMENT_WORDS_MOST = 20


def find_quote(sentences: list[str], hints: str) -> list[Found]:
    """Quotations, statements and deeds of persons; always also a sentence to remember."""
    found: list[Found] = []
    for sentence in sentences:
        if match := _MARKS.search(sentence):
            name = _person(sentence.replace(match[0], ""))
            text = match[1].strip(" ,")
            if 3 <= length(text) <= 24:
                when = next((date[0] for date in dated(sentence)), "")
                key = key_word(text, hints)
                found.append(Found(0.9, Quote(text, name, when, literal=True, key=key)))
        found += _of_person(sentence, hints)
    return [*found, _to_remember(sentences, hints)]


def _person(text: str) -> str:
    for match in _NAME.finditer(text):
        if match[0].split()[0] not in lexicon().not_persons:
            return match[0]
    return ""


def _of_person(sentence: str, hints: str) -> list[Found]:
    said = statement(clauses(sentence)[0])
    if said is None:
        return []
    match = _NAME.match(said.subject)
    if match is None or not re.match(r"$|,| of\b| in\b| and\b", said.subject[match.end() :]):
        return []
    if match[0].split()[
        0
    ] in lexicon().not_persons or said.base not in lexicon().speaks | lexicon().does | {"be"}:
        return []
    when = next((date[0] for date in dated(sentence)), "")
    who = said.subject.split(",")[0]
    if length(who) > _NAME_WORDS_MOST or (
        said.says_what_it_is and not _KIND_OF_PERSON.search(said.rest)
    ):
        return []
    speaks = said.base in lexicon().speaks and re.search(r"\bthat\b", said.rest)
    text = re.split(r"\bthat\b", sentence, maxsplit=1)[1] if speaks else f"{said.verb} {said.rest}"
    if when:
        text = re.sub(
            rf"(?<!between)(?<!from),? (?:in|on|around|by|during) {re.escape(when)}\b", "", text
        )
        text = re.sub(r"^(?:was|is) ", "", text)
    text = condensed(text, _WORDS_MOST)
    if not 4 <= length(text) <= _WORDS_MOST + 3:
        return []
    return [
        Found(
            0.8 if speaks or said.says_what_it_is else 0.68,
            Quote(text, who, when, key=key_word(text, hints)),
        )
    ]


def _to_remember(sentences: list[str], hints: str) -> Found:
    """The sentence that is shortest to say, as it is or cut at its clauses."""
    shown = [condensed(sentence, _STATEMENT_WORDS_MOST) for sentence in sentences] or [""]
    whole = [text for text, sentence in zip(shown, sentences, strict=False)
             if length(text) == length(sentence) and 4 <= length(text) <= 9]  # fmt: skip
    text = whole[0] if whole else min(shown, key=lambda text: abs(length(text) - 11))
    return Found(0.63 if whole else 0.4, Quote(text, key=key_word(text, hints)))
