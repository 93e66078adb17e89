"""Long wordings made short: what stands on a picture is a phrase, not a sentence."""

from __future__ import annotations

import re
from itertools import pairwise

from pipeline_defs.local.providers.pictures.analysis.grammar import has_verb, joined, tokens
from pipeline_defs.local.providers.pictures.analysis.lexicon import lexicon

_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[)\]]")
_ASIDE = re.compile(
    r", (?:however|therefore|too|for example|for instance|by contrast|in turn|in contrast"
    r"|on the other hand|in fact|of course|for a similar reason)(?=,|\.?$)"
)
_INTRODUCTION = re.compile(
    r"^(?:in (?:contrast|fact|addition|general|particular|practice|short|other words)|by contrast|"
    r"as a result|for (?:example|instance)|of course|on the other hand|such as|including|"
    r"at first|at last|after that),?\s+",
    re.IGNORECASE,
)
_CUT_AT = ("which", "because", "since", "when", "where", "so", "whose", "who")
_TAKES_BACK = frozenset({
    "but", "although", "though", "yet", "unless", "if", "until", "while", "whereas", "not",
    "except", "without",
})  # fmt: skip
_RELATIVE = ("which", "who", "whose", "where", "so")  # without a comma they say which one is meant
_CUT_BEFORE = frozenset({
    "in", "on", "at", "with", "for", "during", "through", "after", "before", "across", "around",
    "among", "along", "near", "inside", "beside", "throughout", "despite",
})  # fmt: skip
_LOOSE_ENDS = (
    "and",
    "or",
    "but",
    "the",
    "a",
    "an",
    "together",
    "even",
    "typically",
    "especially",
    "just",
    "only",
    "usually",
    "shortly",
    "right",
)
_NAME_WORDS_MOST = 5
_LEAST_KEPT = 3  # words that a cut must leave


def condensed(text: str, most: int = 10) -> str:
    """The core of a clause in at most `most` words where it can be cut without harm.

    A wording that cannot be cut stays longer than asked: the caller looks at `length`.
    """
    words = tokens(_without_opening(_BRACKETS.sub("", text)))
    for cut in (_without_appositions, _before_commas, _before_subordination, _before_prepositions):
        if length_of(words) <= most:
            break
        words = cut(words, most)
    return capitalized(_trimmed(joined(words)))


def name_of(text: str, most: int = _NAME_WORDS_MOST) -> str:
    """A thing's name: without its article, and short."""
    words = tokens(condensed(text, most))
    while len(words) > 1 and words[0].lower() in ("the", "a", "an"):
        words = words[1:]
    while len(words) > 1 and (words[-1].lower() in lexicon().adverbs - {"much"}):
        words = words[:-1]
    return capitalized(_trimmed(joined(words)))


def length(text: str) -> int:
    """How many words a phrase has."""
    return length_of(tokens(text))


def length_of(words: list[str]) -> int:
    """How many of the tokens are words."""
    return sum(word[0].isalnum() for word in words)


def capitalized(text: str) -> str:
    """With a capital first letter, unless it is a name such as pH or a lone variable."""
    if len(text) < 2 or text[1].isupper() or (not text[1].isalnum() and text[0] not in "aA"):
        return text
    return text[0].upper() + text[1:]


def lowered(text: str) -> str:
    """For use inside a sentence: a common first word loses its capital."""
    first = text.split(" ", 1)[0]
    known = lexicon()
    common = known.determiners | known.prepositions | known.pronouns | known.subordinators
    return text[:1].lower() + text[1:] if first.lower() in common else text


def hangs(text: str) -> bool:
    """Whether a phrase ends in a word that leads on to something: `corresponds to`."""
    return _hangs(tokens(text))


def key_word(text: str, hints: str) -> str:
    """The word of `text` that says most: one of the hints if it occurs, else the longest."""
    known = lexicon()
    small = known.determiners | known.prepositions | known.pronouns | known.adverbs
    small |= known.subordinators | known.conjunctions | known.connectives
    words = tokens(text[:1].lower() + text[1:])
    words = [word for word in words if word[0].islower() and word not in small]
    wanted = {word.lower()[:5] for word in tokens(hints) if len(word) > 3}
    words = [word for word in words if word not in known.base_of and word[-2:] != "ly"]
    named = [word for word in words if len(word) > 3 and word.lower()[:5] in wanted]
    return max(named or words, key=len, default="")


def _without_opening(text: str) -> str:
    known = lexicon()
    text = _INTRODUCTION.sub("", _ASIDE.sub("", text.strip(" ,;:.")))
    words = text.split(" ")
    while len(words) > (1 if words[0].endswith(",") else _LEAST_KEPT) and (
        words[0].lower().strip(",") in known.connectives
    ):
        if words[0].lower() == "one":
            break
        words = words[1:]
    return " ".join(words)


def _without_appositions(words: list[str], most: int) -> list[str]:
    """`Silk, a fine thread, was ...` loses what stands between the commas."""
    commas = [i for i, word in enumerate(words) if word == ","]
    for start, end in pairwise(commas):
        inside = words[start + 1 : end]
        listed = {"and", "or"} & {word.lower() for word in words[start:]}
        if not listed and start >= 1 and end < len(words) - 2 and inside:
            return _without_appositions(words[:start] + words[end + 1 :], most)
    return words


def _before_commas(words: list[str], most: int) -> list[str]:
    for i in reversed([i for i, word in enumerate(words) if word in (",", ";", ":")]):
        if i >= _LEAST_KEPT and _ends_a_thought(words, i):
            words = words[:i]
            if length_of(words) <= most:
                break
    return words


def _ends_a_thought(words: list[str], i: int) -> bool:
    """Whether what follows a comma can go: it starts a clause or an aside, not one more item."""
    after = words[i + 1].lower() if i + 1 < len(words) else ""
    known = lexicon()
    starts = (known.subordinators | known.prepositions | {"so"}) - _TAKES_BACK
    if after in ("a", "an", "the", "and"):
        rest = [word.lower() for word in words[i + 1 : i + 7]]
        return not ({"and", "or", ","} & set(rest[1:])) and not (
            after == "and" and "," in words[:i]
        )
    return after in starts or after.endswith("ing")


def _before_subordination(words: list[str], most: int) -> list[str]:
    for i in range(len(words) - 1, _LEAST_KEPT - 1, -1):
        if length_of(words) <= most:
            break
        if words[i].lower() in _RELATIVE and words[i - 1] != ",":
            continue
        if words[i].lower() in _CUT_AT and not _hangs(words[:i]):
            words = words[:i]
    return words


def _before_prepositions(words: list[str], most: int) -> list[str]:
    for i in range(len(words) - 1, _LEAST_KEPT - 1, -1):
        if length_of(words) <= most:
            break
        if words[i + 1 : i + 2] and words[i + 1].lower() in ("which", "whom", "whose"):
            continue
        if has_verb(joined(words[i:])):
            break
        if words[i].lower() in _CUT_BEFORE and not _hangs(words[:i]):
            words = words[:i]
    return words


def _hangs(words: list[str]) -> bool:
    """Whether a phrase cannot end so: its last word leads on to something."""
    known = lexicon()
    last = words[-1].lower() if words else ""
    passive = len(words) > 1 and words[-2].lower() in known.be
    if last in known.participles and (passive or last not in known.bases):
        return True
    leading = known.prepositions | known.conjunctions | known.determiners | known.auxiliaries
    return last in leading | known.subordinators | {"to", ",", "ranging", "more", "less"}


def _trimmed(text: str) -> str:
    words = text.strip(" ,;:.–-").split(" ")
    while len(words) > 1 and words[-1].lower().strip(",") in _LOOSE_ENDS:
        words = words[:-1]
    return " ".join(words).strip(" ,;:.–")
