"""Claims and materials known by the form of their words, which no list of words could hold.

`fireproof`, `UV resistant` and `feuerfest` say that something is proof against something, whatever
it is; `silnylon` is a material as its end tells. A form is a concept as those of `vocabulary`: what
a sentence says, the data have to say of the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipeline_defs import policies
from pipeline_defs.domain.languages import Language


@dataclass(frozen=True, slots=True)
class Formed:
    """A concept by its form, and how many words say it."""

    concept: str
    width: int


# Each pattern is matched at the beginning of words; `of` is what the claim is of.
_CLAIMS: Mapping[Language, str] = {
    "en": r"""
(?P<of>\w{2,}?) ?(?P<kind>proof|repellen|retardan|winning)(?:t|ce|cy)?\b
(?P<of>\w{2,}?) ?(?P<kind>resist)an(?:t|ce)\b
(?P<kind>resist)an(?:t|ce) to (?P<of>\w+)\b
(?P<kind>resist|withstand)s (?P<of>\w+)\b
(?P<of>\w{2,}) ?(?P<kind>certified|tested|approved|endorsed|recommended|selling|grade|neutral)\b
(?P<kind>certified) (?P<of>\w+)\b
(?P<of>\w{2,}?) ?(?P<kind>free)\b(?! (?:to|of|from|hand|time|space)\b)
(?P<kind>free) (?:of|from) (?P<of>\w+)\b
(?P<kind>non) (?P<of>\w{3,})\b""",
    "de": r"""
(?P<of>\w{3,}?)(?P<kind>fest|sicher|dicht|beständig|abweisend|resistent|hemmend|frei)(?:e[nmrs]?)?\b
(?P<of>\w{3,}) ?(?P<kind>geprüft|getestet|zertifiziert|empfohlen)(?:e[nmrs]?)?\b""",
    "fr": r"""
(?P<kind>résistan)t(?:e|s|es)? (?:à la|à l|aux?|à) (?P<of>\w+)\b
(?P<kind>certifi)é(?:e|s|es)? (?P<of>\w+)\b
(?P<kind>anti) ?(?P<of>\w{4,})\b""",
    "es": r"""
(?P<kind>resistente)s? (?:al|a la|a los|a las|a) (?P<of>\w+)\b
(?P<kind>a prueba de|libre de) (?P<of>\w+)\b""",
    "it": r"""
(?P<kind>resistent)[ei] (?:all|alla|al|ai|agli|alle) (?P<of>\w+)\b
(?P<kind>a prova di) (?P<of>\w+)\b""",
    "nl": r"""
(?P<of>\w{3,}?)(?P<kind>bestendig|werend|proof|vrij)e?\b""",
    "pt": r"""
(?P<kind>resistente)s? (?:ao|aos|às|à|a) (?P<of>\w+)\b
(?P<kind>à prova de|livre de) (?P<of>\w+)\b""",
    "pl": r"""
(?P<of>\w{3,}?)(?P<kind>odporn|szczeln|chronn)\w*\b
(?P<kind>odporn)\w* na (?P<of>\w+)\b""",
}
_MATERIAL = re.compile(
    r"(?P<of>\w{2,}(?:nylon|ester|est[eè]re|éster|pren|prene|preno|propylen|lene|lène|leno"
    r"|tex|amid|amide|ammide|amida|urethane?|fib(?:re|er)))\b"
)
# Words before which `free`, `tested` and the like say nothing of a thing.
_NO_THING = """
a an and any are as at be been being but by feel for from get has have in is it its just keep more
most not of on once only or set so that the them these they this to was well were when which with
you your left leave stay stays move moves run runs if best non
"""
_NO_FORM = """
semester semesters tester testers polyester manchester leicester rochester winchester chester
silvester orchester fester vertex cortex scalene proof gedicht gedichte manifest unsicher
"""


def formed(words: list[str], language: Language) -> Formed | None:
    """What the first of these words, in lower case, begin to claim by their form."""
    text = " ".join(words[: policies.PAGE_CLAIM_WORDS])
    if not words or words[0] in _NO_FORM.split():
        return None
    for pattern in _patterns(language):
        found = pattern.match(text)
        if found and found["of"] not in _NO_THING.split():
            return Formed(f"{found['of']} {found['kind']}", found[0].count(" ") + 1)
    found = _MATERIAL.match(words[0])
    return Formed(found["of"], 1) if found else None


@cache
def _patterns(language: Language) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(line) for line in _CLAIMS[language].strip().splitlines())
