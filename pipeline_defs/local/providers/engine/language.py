"""English as the local engines see it: sentences, words, stems and the words that say nothing."""

from __future__ import annotations

import re
from functools import cache

import Stemmer

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_END = re.compile(r"[.!?][\"'\u2019\u201d)\]]*(?=\s+[\"'\u2018\u201c(\[]?[A-Z0-9])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'])(?:Dr|Mr|Mrs|Ms|St|Mt|Prof|Jr|Sr|vs|etc|e\.g|i\.e|cf|ca|c|ed|pp|approx"
    r"|Fig|fig|No|Nos|Vol|U\.S|U\.K)\.$"
)
_AFTER_NAME = re.compile(r"\s+[\"'(]?(?:The|A|An|In|It|This|These|At|On|By|For|With|When|Its|As)\b")
_SHINGLE = 5

_STOP_WORDS = """
a about above after again against all almost also although always am among an and another any
are around as at away back be became because become becomes been before began being below
between beyond both but by came can cannot could did do does doing done down during each either
else enough even ever every few first for from further gave get give given go goes had has have
having he her here hers him his how however i if in into is it its itself just kind last least
less let like made make makes making many may me might more most much must my near nearly need
never no nor not now of off often on once one only onto or other our out over own part per
perhaps rather same say second see several shall she should since so some still such take than
that the their them then there therefore these they thing things this those though three through
thus to together too toward two under until up upon us use used uses using usually very was way
we well went were what when where whether which while who whom whose why will with within
without would yet you your cover covers explain explains section article
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

_SAME = {
    "predict": "forecast",
    "danger": "hazard",
    "deadliest": "death",
    "deadli": "death",
    "dead": "death",
    "kill": "death",
    "die": "death",
    "farm": "agricultur",
    "sick": "diseas",
    "ill": "diseas",
    "bike": "bicycl",
    "car": "vehicl",
    "children": "child",
    "kid": "child",
    "prevent": "protect",
    "econom": "trade",
    "commerc": "trade",
    "begin": "origin",
    "beginn": "origin",
    "emerg": "origin",
    "fabric": "cloth",
    "textil": "cloth",
    "myth": "legend",
    "misconcept": "legend",
}


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")


@cache
def stem(word: str) -> str:
    """The stem of one lower-case word; words of nearly one meaning share a stem."""
    found = str(_stemmer().stemWord(word))
    return _SAME.get(found, found)


def words(text: str) -> list[str]:
    """The words of a text in lower case, as written."""
    return [word.lower().replace("\u2019", "'") for word in _WORD.findall(text)]


def stems(text: str) -> list[str]:
    """Stems of the words that carry meaning, in order, repeats kept."""
    bare = (word.removesuffix("'s") for word in words(text))
    return [stem(word) for word in bare if word not in STOP_WORDS]


def count_words(text: str) -> int:
    """How many words a text has."""
    return len(_WORD.findall(text))


def sentences(paragraph: str) -> list[str]:
    """The whole sentences of a paragraph, as written; a cut-off last one is left out."""
    text = " ".join(paragraph.split())
    found: list[str] = []
    start = 0
    for match in _END.finditer(text):
        if _goes_on(text[start : match.start() + 1], text[match.end() :]):
            continue
        found.append(text[start : match.end()].strip())
        start = match.end()
    rest = text[start:].strip()
    if re.search(r"[.!?][\"'\u2019\u201d)\]]*$", rest):
        found.append(rest)
    return found


def _goes_on(before: str, after: str) -> bool:
    """Whether the mark that ends `before` belongs to an abbreviation or an initial of a name."""
    if not before.endswith("."):
        return False
    if _ABBREVIATION.search(before):
        return True
    return bool(_is_initial(before) and not _AFTER_NAME.match(after))


def _is_initial(before: str) -> bool:
    """`John F.` and `J. J.` go on with a name; `as fast as A.` is the end of a sentence."""
    last = before.split()[-2:]
    if not re.fullmatch(r"(?:[A-Z]\.)+", last[-1]):
        return False
    return len(last) == 1 or last[0][:1].isupper()


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """All runs of five words; a shorter text is one run of what it has."""
    found = words(text)
    if len(found) < _SHINGLE:
        return frozenset({tuple(found)} if found else ())
    return frozenset(tuple(found[i : i + _SHINGLE]) for i in range(len(found) - _SHINGLE + 1))
