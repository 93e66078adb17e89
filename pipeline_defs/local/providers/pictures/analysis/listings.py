"""Things named one after the other, as items of a list; deeds named so become steps."""

from __future__ import annotations

import re

from pipeline_defs.local.providers.pictures.analysis.contents import Found, Listing, Process
from pipeline_defs.local.providers.pictures.analysis.grammar import has_verb, statement, tokens
from pipeline_defs.local.providers.pictures.analysis.lexicon import lexicon
from pipeline_defs.local.providers.pictures.analysis.phrases import (
    capitalized,
    condensed,
    hangs,
    length,
    name_of,
)

_SERIES = re.compile(
    r"(?P<first>[^,;:]+), (?P<middle>(?:[^,;:]+, )*?)(?P<last2>[^,;:]+?),? (?:and|or) "
    r"(?P<last>[^,;:]+)"
)
_LEADS = (
    r"such as|includ\w+|namely|called|named|between|from|into|of|by|with|for|like|contain\w*|needs?"
    r"|requires?|carried|produces?|uses?|are|were|is|was|on|as|in|to"
)
_LEAD_IN = re.compile(rf"^(?P<lead>.*?(?:\b(?:{_LEADS})|:))\s(?P<first>.+)$")
_ITEM_WORDS_MOST = 4
_ITEMS_MOST = 6
_LEAD_WORDS_MOST = 9
_STEPS_WORDS_MOST = 8


def find_listing(sentences: list[str]) -> list[Found]:
    """Every series of three and more things, and every series of deeds."""
    found: list[Found] = []
    for sentence in sentences:
        found += _things(sentence)
        found += _deeds(sentence)
    return found


def _things(sentence: str) -> list[Found]:
    text = sentence.strip(" .!?")
    for match in _SERIES.finditer(text):
        middle = [part for part in match["middle"].split(", ") if part.strip()]
        raw = [match["first"], *middle, match["last2"], match["last"]]
        lead, first = _split_lead(text[: match.start()] + raw[0])
        last, tail = _split_tail(raw[-1])
        items = [first, *raw[1:-1], last]
        named = tuple(capitalized(_bare(item)) for item in items)
        if not all(_is_thing(item) for item in named) or len(set(named)) < len(named):
            continue
        starts = [item.split(" ", 1)[0].endswith("ing") for item in named]
        if any(starts) and not all(starts):
            continue
        what = lead or re.sub(
            r"^(?:are|were|is|was)\s", "", f"{tail} {text[match.end() :]}".strip()
        )
        lead_text = _lead(what)
        score = 0.84 if lead_text else 0.7
        return [Found(score, Listing(lead_text, named[:_ITEMS_MOST], after=not lead))]
    return []


def _lead(text: str) -> str:
    lead = condensed(text, _LEAD_WORDS_MOST) if text.strip() else ""
    small = lexicon().pronouns | lexicon().prepositions | {"he", "she", "who", "which"}
    if length(lead) > _LEAD_WORDS_MOST + 2 or lead.split(" ", 1)[0].lower() in small:
        return ""
    return f"{lead} …" if hangs(lead) else lead


def _bare(item: str) -> str:
    item = re.sub(
        r"^(?:and|or|also|then|finally|even|later|the|a|an|some|its|their)\s+", "", item.strip()
    )
    return item.strip(" ,;:.")


def _split_lead(text: str) -> tuple[str, str]:
    """What leads up to the first item, and the item: at the verb or the last such word."""
    said = statement(text)
    rest = said.rest if said else text
    before = f"{said.subject} {said.verb}" if said else ""
    if said and not rest:  # the series follows nothing: it begins inside the verb's words
        return "", text
    while (match := _LEAD_IN.match(rest)) and length(match["first"]) >= 1:
        short = length(rest) <= _ITEM_WORDS_MOST and " by " not in rest
        if short and not said:
            break
        if (
            short
            and length(rest) <= _ITEM_WORDS_MOST
            and match["lead"].split()[-1] in ("of", "in", "for", "by")
        ):
            break
        before = f"{before} {match['lead']}"
        rest = match["first"]
    return re.sub(r"\s*\b(?:such as|includ\w+|namely|like)$|:$", "", before.strip()), rest


def _split_tail(text: str) -> tuple[str, str]:
    """The last item, and the verb with its words where the series was the subject."""
    said = statement(text)
    if said and said.subject:
        return said.subject, f"{said.verb} {said.rest}"
    words = tokens(text)
    known = lexicon()
    for i in range(1, len(words)):
        word = words[i].lower()
        if word in (known.prepositions - {"of"}) | known.subordinators | known.adverbs:
            return " ".join(words[:i]), ""
    return text, ""


def _is_thing(item: str) -> bool:
    known = lexicon()
    words = [word.lower() for word in tokens(item)]
    if (
        not 1 <= length(item) <= _ITEM_WORDS_MOST
        or words[0] in known.subordinators | known.pronouns
    ):
        return False
    if words[0] in known.prepositions | known.auxiliaries | known.connectives | {"not", "to"}:
        return False
    if len(words) > 1 and words[0] in known.thirds and words[1] != "of":
        return False
    if words[0] in known.pasts and words[0] not in known.bases and len(words) > 1:
        return False
    if set(words[1:]) & (known.prepositions - {"of", "in", "like"}):
        return False
    if words[-1] in known.prepositions | known.determiners | {"to"}:
        return False
    return item[0].isalnum() and not has_verb(item)


def _deeds(sentence: str) -> list[Found]:
    """`Workers burned limestone, ground it and mixed it with sand`: steps of one actor."""
    said = statement(sentence.strip(" .!?"))
    if said is None or said.says_what_it_is or not said.rest:
        return []
    known = lexicon()
    form = said.verb.split()[-1].lower()
    same = (
        known.pasts
        if form in known.pasts
        else known.thirds
        if form in known.thirds
        else known.bases
    )
    steps = [f"{said.verb} {said.rest}"]
    while True:
        cut = _next_deed(steps[-1], same, len(tokens(said.verb)) + 1 if len(steps) == 1 else 2)
        if cut is None:
            break
        steps[-1:] = cut
    shown = tuple(condensed(step, _STEPS_WORDS_MOST) for step in steps)
    if len(shown) < 2 or any(
        hangs(step) or not 2 <= length(step) <= _STEPS_WORDS_MOST + 2 for step in shown
    ):
        return []
    actor = name_of(said.subject)
    if length(actor) > 5 or actor.lower() in known.pronouns:
        actor = ""
    return [Found(0.8 if len(shown) > 2 else 0.66, Process(shown[:4], actor))]


def _next_deed(step: str, same: frozenset[str], first: int) -> list[str] | None:
    words = tokens(step)
    for i in range(first, len(words) - 1):
        joint = words[i - 1].lower() in ("and", "then") or words[i - 1] == ","
        skipped = 1 if words[i].lower() in ("then", "finally", "so", "later", "and") else 0
        word = words[i + skipped].lower() if i + skipped < len(words) else ""
        if joint and word in same and i + skipped < len(words) - 1:
            head = " ".join(words[:i]).removesuffix(" and").removesuffix(" ,").removesuffix(" and")
            return [head.strip(" ,"), " ".join(words[i + skipped :])]
    return None
