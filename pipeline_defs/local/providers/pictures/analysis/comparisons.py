"""Two things set against each other."""

from __future__ import annotations

import re
from itertools import pairwise

from pipeline_defs.local.providers.pictures.analysis.contents import Comparison, Found, Side
from pipeline_defs.local.providers.pictures.analysis.grammar import Statement, statement
from pipeline_defs.local.providers.pictures.analysis.lexicon import lexicon
from pipeline_defs.local.providers.pictures.analysis.phrases import (
    capitalized,
    condensed,
    length,
    name_of,
)

OFTEN_SAID = "Often said"
IN_FACT = "In fact"
_AGAINST = re.compile(r",? (?:whereas|while|but) (?!also\b|not\b|only\b|\w+ing\b)")
_WHILE_FIRST = re.compile(r"^(?:While|Whereas) (?P<a>[^,]+), (?P<b>.+)$")
_UNLIKE = re.compile(r"^(?:Unlike|In contrast to) (?P<a>[^,]+), (?P<b>.+)$")
_TURN = re.compile(
    r"(?:^|, )(?:by contrast|in contrast|on the other hand|conversely|instead|however)(?:, |$)",
    re.IGNORECASE,
)
_THAN = re.compile(
    r"^(?P<how>[^,]*?\b(?:more|less|fewer|\w{2,}er|better|worse|rather)\b[^,]*?)"
    r" than (?P<b>[^,;]+)"
)
_CLAIMED = (
    r"\b(?:is|are|was|were|has been|have been) (?:often|sometimes|widely|commonly|long|popularly"
    r"|frequently|once|still|usually|wrongly) (?:\w+ )??(?:said|believed|thought|called|imagined"
    r"|assumed|supposed|described|pictured|mistaken|confused|credited|blamed|seen|told|regarded)\b"
)
_IS_CLAIM = re.compile(_CLAIMED)
_OFTEN_SAID = re.compile(
    rf"^(?P<a>.+?{_CLAIMED}.*?), (?:but|although|though|yet|whereas) (?P<b>.+)$"
)
_IN_FACT = re.compile(
    r"^(?P<b>.+?), (?:although|though|contrary to|despite) (?P<a>.*\b(?:myth|belief|accounts"
    r"|assumption|people|believe|assume|suppose|imagine|think|stories|legend|claim)\b.*)$"
)
_WORDS_MOST = 13
_COUNTED = (
    r"\d|half|a |one|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|forty|fifty|sixty"
    r"|hundred|double|triple|twice"
)
_THAN_FALSE = re.compile(
    rf"\b(?:more|less|fewer|rather|earlier|later|other|longer) than (?:{_COUNTED})", re.IGNORECASE
)


def find_comparison(sentences: list[str]) -> list[Found]:
    """Contrasts inside each sentence and from one sentence to the next."""
    found: list[Found] = []
    for sentence in sentences:
        found += _myth(sentence.strip(" .!?"))
        found += _within(sentence.strip(" .!?"))
    for earlier, later in pairwise(sentences):
        if is_bare_claim(earlier):
            found += _answered(earlier, later)
        elif _TURN.search(later):
            turned = _TURN.sub(" ", later).strip(" .!?,")
            found += _sides(earlier.strip(" .!?"), capitalized(" ".join(turned.split())), 0.84)
    return found


def _within(sentence: str) -> list[Found]:
    for pattern, score in ((_WHILE_FIRST, 0.86), (_UNLIKE, 0.84)):
        if match := pattern.match(sentence):
            if pattern is _UNLIKE:
                said = statement(match["b"])
                if said and length(match["a"]) <= 5:
                    return _unlike(match["a"], said, score)
                return []
            return _sides(match["a"], match["b"], score)
    for match in _AGAINST.finditer(sentence):
        word = match[0].strip(" ,")
        weak = word == "but"
        if found := _sides(
            sentence[: match.start()], sentence[match.end() :], 0.62 if weak else 0.86
        ):
            return found
    return _than(sentence)


def _myth(sentence: str) -> list[Found]:
    """What is often said beside what is so: the two belong on one picture."""
    if match := _OFTEN_SAID.match(sentence):
        first, second = condensed(match["a"], _WORDS_MOST), condensed(match["b"], _WORDS_MOST)
        sides = (Side(OFTEN_SAID, first), Side(IN_FACT, second))
    elif match := _IN_FACT.match(sentence):
        first, second = condensed(match["b"], _WORDS_MOST), condensed(match["a"], _WORDS_MOST)
        sides = (Side(IN_FACT, first), Side(OFTEN_SAID, second))
    else:
        return []
    if any(not 2 <= length(side.text) <= _WORDS_MOST + 3 for side in sides):
        return []
    return [Found(0.89, Comparison(*sides))]


def is_bare_claim(sentence: str) -> bool:
    """Whether a sentence tells what people believe, and does not take it back itself."""
    return bool(_IS_CLAIM.search(sentence)) and not _OFTEN_SAID.match(sentence)


def _answered(claim: str, answer: str) -> list[Found]:
    """A belief, and in the next sentence what is so."""
    turned = _TURN.sub(" ", answer.strip(" .!?"))
    turned = re.sub(r"^(?:Yet|But|Still) | in fact\b| however\b", "", " ".join(turned.split()))
    sides = (
        Side(OFTEN_SAID, condensed(claim.strip(" .!?"), _WORDS_MOST)),
        Side(IN_FACT, condensed(turned, _WORDS_MOST + 2)),
    )
    if any(not 2 <= length(side.text) <= _WORDS_MOST + 5 for side in sides):
        return []
    return [Found(0.93, Comparison(*sides))]


def _unlike(other: str, said: Statement, score: float) -> list[Found]:
    left = Side(name_of(said.subject), condensed(f"{said.verb} {said.rest}", _WORDS_MOST))
    return [Found(score, Comparison(left, Side(name_of(other)), "unlike"))]


def _sides(first: str, second: str, score: float) -> list[Found]:
    one, two = statement(first), statement(second)
    if one is None or two is None:
        return []
    left, right = _side(one), _side(two)
    if left is None or right is None or left.name == right.name:
        return []
    return [Found(score, Comparison(left, right))]


def _side(said: Statement) -> Side | None:
    name = name_of(said.subject)
    text = condensed(f"{'' if said.verb in ('is', 'are') else said.verb} {said.rest}", _WORDS_MOST)
    first = name.split(" ", 1)[0].lower()
    if first in lexicon().pronouns or length(name) > 5 or not 1 <= length(text) <= _WORDS_MOST + 4:
        return None
    return Side(name, text)


def _than(sentence: str) -> list[Found]:
    """`A is heavier than B`: the two and how the first stands to the second."""
    said = statement(sentence)
    if said is None or _THAN_FALSE.search(said.rest):
        return []
    match = _THAN.match(said.rest)
    if match is None:
        return []
    name, other = name_of(said.subject), name_of(match["b"])
    how = condensed(f"{said.verb} {match['how']}", 7)
    first = name.split(" ", 1)[0].lower()
    if first in lexicon().pronouns | {"compared"} or not (length(name) <= 5 and length(other) <= 5):
        return []
    if other.lower().split(" ")[0] in lexicon().prepositions | lexicon().subordinators:
        return []
    if length(how) > 8:
        return []
    return [Found(0.76, Comparison(Side(name), Side(other), f"{how} than".lower()))]
