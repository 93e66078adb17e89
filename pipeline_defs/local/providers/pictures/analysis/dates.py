"""Events with their dates: years, decades and centuries, before and after the start of our era."""

from __future__ import annotations

import re
from itertools import pairwise

from pipeline_defs.local.providers.pictures.analysis.contents import Event, Found, Timeline
from pipeline_defs.local.providers.pictures.analysis.grammar import clauses, tokens
from pipeline_defs.local.providers.pictures.analysis.phrases import condensed, hangs, length

_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_ORDINALS: tuple[str, ...] = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
    "eighteenth", "nineteenth", "twentieth", "twenty-first",
)  # fmt: skip
_ERA = r"(?:\s?(?P<era>BCE|BC|CE|AD)\b)"
_YEAR = re.compile(
    rf"(?P<date>(?:(?:about|around|circa|c\.)\s)?(?:(?:{_MONTH})\s(?:\d{{1,2}},\s)?)?"
    rf"(?P<year>(?:1\d|20)\d\d|\d{{1,4}}(?=\s?(?:BCE|BC|CE|AD)\b))(?P<tail>s\b)?{_ERA}?)(?![\d,.]*\d|%)"
)
_CENTURY = re.compile(
    rf"(?P<date>(?:(?:early|late|mid)\s)?(?P<nth>{'|'.join(reversed(_ORDINALS))})\scentur(?:y|ies){_ERA}?)",
    re.IGNORECASE,
)
_BEFORE_YEAR = re.compile(
    r"(?:\b(?:in|of|by|since|until|till|from|to|and|or|after|before|around|about|between|during|"
    r"year|early|late|on|dated|than|through|for|only|summer|winter|spring|autumn|the)\s|[,(]\s?|^)$",
    re.IGNORECASE,
)  # fmt: skip
_NOT_YEAR = re.compile(
    r"^\s(?:percent|meters|kilometers|kilograms|tons|people|years|degrees|million|billion|men|"
    r"miles|times|grams|books|copies|words|characters|signs|liters|watts|volts|bits|cubic|square)"
)
_LEANS = ("and", "or", "to", "century", "it", "they", "this", "who", "which")
_EVENT_WORDS_MOST = 9
_EVENT_WORDS_LEAST = 2
_EVENTS_MOST = 4
_ROUGH = 50.0  # years from the start of a century to its middle


def dated(text: str) -> list[tuple[str, float, int, int]]:
    """All dates of a text: as written, in years, and where they stand."""
    found: list[tuple[str, float, int, int]] = []
    for match in _YEAR.finditer(text):
        if not match["era"] and (
            not _BEFORE_YEAR.search(text[: match.start()]) or _NOT_YEAR.match(text[match.end() :])
        ):
            continue
        at = float(match["year"].rstrip("s"))
        if match["era"] in ("BCE", "BC"):
            at = -at
        found.append((match["date"], at, match.start(), match.end()))
    for match in _CENTURY.finditer(text):
        at = (_ORDINALS.index(match["nth"].lower()) + 1) * 100 - _ROUGH
        if match["era"] in ("BCE", "BC"):
            at = -at
        found.append((match["date"], at, match.start(), match.end()))
    return sorted(found, key=lambda date: date[2])


def find_timeline(sentences: list[str]) -> list[Found]:
    """A timeline of two and more dates; of one, where it stands with what happened."""
    found = [_event(part) for sentence in sentences for part in _per_date(sentence)]
    events = [event for event in found if event is not None]
    events = list({event.at: event for event in events}.values())[:_EVENTS_MOST]
    events.sort(key=lambda event: event.at)
    if len(events) > 1:
        return [Found(0.88 if len(events) > 2 else 0.82, Timeline(tuple(events)))]
    return [Found(0.5, Timeline(tuple(events)))] if events else []


def _per_date(sentence: str) -> list[str]:
    """Pieces of a sentence with one date each, cut at clauses and at `and`."""
    pieces = [clause for clause in clauses(sentence) if dated(clause)]
    cut: list[str] = []
    for piece in pieces:
        dates = dated(piece)
        start = 0
        for earlier, later in pairwise(dates):
            between = piece[earlier[3] : later[2]]
            joint = re.search(r",? (?:and|but|then)\b(?=.* )", between)
            if joint and length(between[joint.end() :]) > _EVENT_WORDS_LEAST:
                cut.append(piece[start : earlier[3] + joint.start()])
                start = earlier[3] + joint.end()
        cut.append(piece[start:])
    return cut


def _is_span(piece: str, dates: list[tuple[str, float, int, int]]) -> bool:
    """Whether the first two dates are the ends of one time: `between 312 BCE and 226 CE`."""
    if len(dates) < 2 or not re.search(r"\b(?:between|from)\s$", piece[: dates[0][2]]):
        return False
    return piece[dates[0][3] : dates[1][2]].strip() in ("and", "to")


def _event(piece: str) -> Event | None:
    dates = dated(piece)
    if not dates:
        return None
    when, at, start, end = dates[0]
    if _is_span(piece, dates):
        when, end = f"{when} – {dates[1][0]}", dates[1][3]
    before = re.sub(
        r"(?:,\s*)?(?:\b(?:in|on|of|by|from|between|during|around|about|since|until|dated|for|only|late|early|the"
        r"|year|summer|winter|spring|autumn|and|first)\s+)+$",
        "",
        piece[:start],
        flags=re.IGNORECASE,
    )
    text = condensed(f"{before.strip()} {piece[end:].strip(' ,')}".strip(), _EVENT_WORDS_MOST)
    if not _EVENT_WORDS_LEAST <= length(text) <= _EVENT_WORDS_MOST + 3 or len(dates) > 2:
        return None
    words = [word.lower() for word in tokens(text)]
    if hangs(text) or words[0] in _LEANS or words[-1] in ("it", "them", "this", "that"):
        return None
    return Event(re.sub(r"^(?:about|around|circa)\s", "c. ", when), at, text)
