"""Where a sentence can be cut at a comma so that what is left is a whole, true sentence.

Nothing is reworded. Clauses that limit what was said (`but`, `unless`, `although`...) are never
dropped: the sentence would claim more than its writer did.
"""

from __future__ import annotations

import re

from pipeline_defs.local.providers.engine.language import count_words

LEAST_WORDS = 6  # of what is left: less says too little on its own

_ADDED = re.compile(
    r"^(?P<head>.*\S), (?P<first>which|who|whose|where|when|while|whereas|because|since|so|as|with"
    r"|including|such as|and) [^,;:]+\.$"
)
_ADDED_PHRASE = re.compile(
    r"^(?P<head>.*\S), (?:in|at|by|from|on|after|before|during|through|to|among|often|usually"
    r"|mostly|perhaps|about|roughly|especially|almost|partly) [^,;:]+\.$"
)
_ADDED_AFTER_ANY = re.compile(r"^(?P<head>[^;]*[^;\s]);\s[^;]+\.$")
_EXPLAINED = re.compile(
    r"^(?P<head>[^,;:]+), (?:an?|the|one|not|\w+ing"
    r"|(?:(?:then|once|now|also|later) )?(?:called|named|known|nicknamed)) (?P<tail>[^,;:]+)\.$"
)
_NAMED = re.compile(
    r"^([A-Z][\w.'-]*(?: (?:of |van |von |de )?[A-Z][\w.'-]*){1,3}), (?:an?|the) [^,;:]+, "
    r"(?!and\b)([^;:]+\.)$"
)
_INSERTED = re.compile(
    r"^([^,;:]+), (?:which|who|whose|where) [^,;:]+, "
    r"(?!(?:and|or|but|yet|so|as|which|who|whose|where|when|while|because|since)\b)([^,;:]+\.)$"
)
_CONNECTIVE = re.compile(
    r", (?:for example|for instance|of course|in turn|in contrast|by contrast|however|therefore"
    r"|on the other hand|in fact|as a result),"
)
_TWO_STATEMENTS = re.compile(
    r"^(?P<one>[^,;:]+), (?P<joint>and|while|whereas|but|so|yet) (?P<two>(?:(?:the|an?|it|they|he"
    r"|she|we|its|their|his|her|our|most|some|many|each|every|all|no|one|two|three|four|even|only"
    r"|there) |[A-Z])[^;:]+\.)$"
)
_KEPT_JOINTS = frozenset({"but", "so", "yet"})  # they say how the statements hang together
_OPENS_A_FRAME = re.compile(
    r"^(?:If|When|Whenever|While|Although|Though|Because|Since|Unless|Until|Once|Whether|Even"
    r"|Suppose|Imagine|Let|Either|Both|Neither|Not only|Without|Unlike)\b"
)
_OPENS_WITH_A_PHRASE = re.compile(
    r"^(?:In|At|By|From|On|After|Before|During|Through|To|Among|With|For|Of|Under|Over|Near|Within"
    r"|Along|Across|Inside|Outside|Behind|Beyond|Below|Above|Despite|Instead|Like|\w+ing|\w+ed)\b"
)
_CORRECTS = re.compile(
    r"\b(?:wrong|mistak|misread|mislead|false|too broad|contrary|overlook|doubt|myth|despite)"
)
_NAMES_A_PAIR = re.compile(r"\b(?:between|both|either|neither)\b", re.IGNORECASE)


def shorter(sentence: str) -> list[str]:
    """What the sentence can be cut down to, longest first; empty where it has no safe cut."""
    found: dict[str, None] = {}
    for cut in (_without_connective, _without_inserted, _without_added):
        for text in [sentence, *found]:
            left = cut(text)
            if left is not None and _stands(left, text):
                found[left] = None
    return sorted(found, key=lambda text: -len(text))


def _stands(left: str, whole: str) -> bool:
    """Whether what is left says enough, and nothing that the rest corrects."""
    lost = len(_CORRECTS.findall(whole)) > len(_CORRECTS.findall(left))
    return count_words(left) >= LEAST_WORDS and not lost


def halves(sentence: str) -> tuple[str, str] | None:
    """The two statements of a sentence that joins them by `and`, `but` or `so`, as sentences."""
    match = _TWO_STATEMENTS.match(sentence)
    if match is None or _OPENS_A_FRAME.match(sentence):
        return None
    one, two = match["one"], match["two"]
    if min(count_words(one), count_words(two)) < LEAST_WORDS - 1 or " a number " in one:
        return None
    joint = match["joint"]
    two = f"{joint} {two}" if joint in _KEPT_JOINTS else two
    return f"{one}.", two[:1].upper() + two[1:]


def _without_added(sentence: str) -> str | None:
    """Without a last clause that only adds something."""
    match = _ADDED.match(sentence) or _ADDED_AFTER_ANY.match(sentence)
    if match is None:
        return _without_phrase(sentence)
    head = match["head"]
    joined_by_and = match.groupdict().get("first") == "and"
    if joined_by_and and ("," in head or _NAMES_A_PAIR.search(head)):
        return None  # it may be the last item of a list
    if _OPENS_A_FRAME.match(head) and "," not in head:
        return None
    return f"{head}."


def _without_phrase(sentence: str) -> str | None:
    """Without a last phrase on where, when or how much, if a whole statement stands before it."""
    explained = _EXPLAINED.match(sentence)
    match = explained or _ADDED_PHRASE.match(sentence)
    if match is None or (
        explained and re.search(r"\b(?:and|or|is|are|was|were)\b", explained["tail"])
    ):
        return None
    head = match["head"]
    if "," in head or _OPENS_A_FRAME.match(head) or _OPENS_WITH_A_PHRASE.match(head):
        return None  # the statement itself may stand after the comma
    return f"{head}."


def _without_inserted(sentence: str) -> str | None:
    """Without a relative clause between two commas, or what a person is."""
    match = _NAMED.match(sentence) or _INSERTED.match(sentence)
    if match is None or _OPENS_A_FRAME.match(sentence):
        return None
    return f"{match[1]} {match[2]}"


def _without_connective(sentence: str) -> str | None:
    """Without `for example` and the like between two commas."""
    left = _CONNECTIVE.sub("", sentence, count=1)
    return left if left != sentence else None
