"""What is to be seen while a segment is spoken: a form, and the terms that belong into it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline_defs.local.providers.engine.language import STOP_WORDS, words

MOST_TERMS = 3
_FORMULA = re.compile(
    r"[\w()^/.]+(?: ?(?:[=+x/-]|mod|plus|minus|times) ?[\w()^/.]+)*[=^/][\w()^/ .+-]*\w"
)
_MATHEMATICAL = re.compile(r"[=^]|\d/\d")
_YEAR = re.compile(
    r"\b(?:1[0-9]{3}|20[0-4]\d)s?\b(?! ?(?:meters|kilo|degrees|people|percent|pounds|tons|years))"
    r"|\b\d{1,4} (?:BCE|CE|BC|AD)\b"
)
_QUANTITY = re.compile(r"\b\d[\d,]*(?: (?:million|billion|trillion))? (percent|[a-z]{3,}s)\b")
_CONTRAST = re.compile(
    r"\b(?:whereas|while|unlike|in contrast|rather than|(?:more|less|\w+er) than)\b", re.IGNORECASE
)
_ENUMERATION = re.compile(r"([\w'-]+), (?:the )?([\w'-]+(?: [\w'-]+)?),? and (?:the )?([\w'-]+)")
_QUOTED = re.compile(r"[\"\u201c]([^\"\u201d]{8,})[\"\u201d]")
_SUBJECT = re.compile(
    r"^(?:An? |The )?([\w'-]+(?: [\w'-]+){0,3}?) (?:is|are|was|were|can|has|have) "
)


def picture(text: str, heading: str, written: str, keywords: Iterable[str]) -> str:
    """One sentence: a form, and what it shows, in the document's own keywords.

    `written` is the text as it stands in the corpus, with its formulas.
    """
    terms = key_terms(text, keywords)
    named = ", ".join(terms) or heading
    subject = _subject(text) or heading
    others = ", ".join(term for term in terms if term.casefold() not in subject.casefold())
    form = _form(text, heading, written, named)
    if form is not None:
        return form
    shown = others or heading
    return f"A diagram of {subject}." if shown == subject else f"A diagram of {subject}: {shown}."


def key_terms(text: str, keywords: Iterable[str]) -> tuple[str, ...]:
    """At most three keywords of the text's document that it holds, in its order."""
    lowered = f" {' '.join(words(text))} "
    held = [k for k in keywords if f" {' '.join(words(k))} " in lowered][:MOST_TERMS]
    return tuple(sorted(held, key=lambda term: lowered.find(f" {words(term)[0]} ")))


def _listed(text: str) -> tuple[str, ...]:
    """The items of an enumeration, or nothing where it enumerates no things."""
    for match in _ENUMERATION.finditer(text):
        if not any(words(item)[0] in STOP_WORDS for item in match.groups()):
            return match.groups()
    return ()


def _subject(text: str) -> str | None:
    match = _SUBJECT.match(text)
    if match is None or words(match[1])[0] in STOP_WORDS:
        return None
    return match[1]


def _form(text: str, heading: str, written: str, named: str) -> str | None:
    """The picture in the first form that fits, or None for a diagram."""
    if _MATHEMATICAL.search(written) and (formula := _FORMULA.search(written)):
        return f"A formula showing {formula[0].strip(' .,')} for {heading}."
    if quoted := _QUOTED.search(written):
        return f"A quote showing the words {quoted[1]}."
    if years := dict.fromkeys(_YEAR.findall(text)):
        return f"A timeline showing {', '.join(list(years)[:MOST_TERMS])}: {named}."
    units = _QUANTITY.findall(text)
    if len(units) > len(set(units)):
        return f"A chart of {named}, in {units[0]}."
    if _CONTRAST.search(text):
        return f"A comparison of {named}."
    if items := _listed(text):
        return f"A list of {', '.join(items)}: {heading}."
    if quantity := _QUANTITY.search(text):
        return f"A number showing {quantity[0]}: {named}."
    return None
