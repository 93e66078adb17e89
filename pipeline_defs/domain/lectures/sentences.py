"""Where a spoken text may be cut: after a sentence, after a clause; and how long it is to the ear.

Nothing is lost: the pieces joined by single spaces are the text with its white space made single.
A cut too many or too few changes where a voice breathes, never what it says.
"""

from __future__ import annotations

import re

from pipeline_defs import policies
from pipeline_defs.domain.articles.markup import INVISIBLE, SPACES

_CLOSING = "\"'\u2019\u201d\u00bb)\\]"
_OPENING = "\"'\u2018\u201c\u201e\u00ab(\\[\u00bf\u00a1"
_PARAGRAPH = re.compile(r"\n\s*\n")
_END = re.compile(rf"[.!?\u2026]+[{_CLOSING}]*(?=\s)")
_CLAUSE = re.compile(rf"(?:[,;:][{_CLOSING}]*|[)\]]|(?<=\s)[\u2013\u2014-])(?=\s)")
_GOES_ON = re.compile(rf"\s*[{_OPENING}]*[a-z\u00df-\u00ff]")
_NUMBER = re.compile(r"\s*\d")
_DAY = re.compile(r"(?:^|\s)\d{1,2}\.$")
_QUANTITY = re.compile(r"(?:^|\s)(?!(?:1\d|20)\d\d\s)[\d.,]*\d\s$")  # a number that is no year
_INITIALS = re.compile(rf"(?:^|[\s{_OPENING}])(?:[A-Z\u00c0-\u00dd]\.)+$")
_BEGINS = re.compile(
    r"\s+(?:The|A|An|In|It|This|These|That|At|On|By|For|With|When|As|But|And|He|She|They|We|Its"
    r"|Der|Die|Das|Ein|Eine|Es|Sie|Er|Im|Am|Le|La|Les|Il|Elle|Un|Une|El|Los|Las|Una|En|Het|De|Een"
    r"|O|Os|Uma|To|W|Na)\b"
)
_TITLES = """
Dr Mr Mrs Ms St Mt Prof Jr Sr vs e.g i.e cf ca approx ed eds Gen Col Capt Lt Rev Hon Gov Sen Rep
z.B d.h u.a v.a z.T bzw ggf vgl Hr Fr Bd Mme Mlle Mgr env Sra Srta Sres Ud Uds pág aprox sig dott
dr p.es bijv d.w.z o.a dhr mevr Exmo Exma np tj tzw m.in prof ul \u015bw
"""
_BEFORE_NUMBERS = (
    "No no Nos Nr nr n n\u00fam p pp Fig fig Abb Vol vol art Art cap ch Jan Feb Mar Apr Oct Nov Dec"
)
_ENDS_TOO = "Inc Ltd Co al etc usw ecc Jh v.Chr n.Chr"
_ALWAYS = frozenset(_TITLES.split())
_NUMBERED = frozenset(_BEFORE_NUMBERS.split())
_MAYBE = frozenset(_ENDS_TOO.split())
_NUMBERS_ITS_DAYS = frozenset({"de", "pl"})  # am 3. Mai


def sentences(text: str, language: str = "en") -> list[str]:
    """The sentences of a text; an empty line ends one too. Abbreviations and decimals do not."""
    found: list[str] = []
    for paragraph in _PARAGRAPH.split(INVISIBLE.sub("", text)):
        line = SPACES.sub(" ", paragraph).strip()
        ends = [match.end() for match in _END.finditer(line)]
        found += _cut(line, [end for end in ends if not _continues(line, end, language)])
    return found


def clauses(sentence: str) -> list[str]:
    """The parts of a sentence between commas, semicolons, colons, brackets and dashes."""
    return _cut(sentence, [match.end() for match in _CLAUSE.finditer(sentence)])


def spoken_chars(text: str) -> int:
    """How many characters a voice says: a digit counts as the word that it becomes."""
    digits = sum(character.isdigit() for character in text)
    return len(text) + digits * (policies.SPEECH_CHARS_PER_DIGIT - 1)


def _continues(line: str, end: int, language: str) -> bool:
    """Whether the mark that ends at `end` belongs to an abbreviation, an initial or a day."""
    if _GOES_ON.match(line, end):
        return True
    start = line.rfind(" ", 0, end) + 1
    last = line[start:end].lstrip("\"'(\u2018\u201c\u201e\u00ab[")
    if not last.endswith("."):
        return False
    word = last.removesuffix(".")
    if word in _ALWAYS or (word in _NUMBERED and _NUMBER.match(line, end)):
        return True
    if language in _NUMBERS_ITS_DAYS and _DAY.search(last):
        return True
    is_name = _INITIALS.search(last) and not _QUANTITY.search(line[:start])  # 2,600 W. is none
    return bool((word in _MAYBE or is_name) and not _BEGINS.match(line, end))


def _cut(text: str, ends: list[int]) -> list[str]:
    pieces = [text[a:b].strip() for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]
    return [piece for piece in pieces if piece]
