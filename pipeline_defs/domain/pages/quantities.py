"""Numbers of a text with their units, in the notations of our languages, made comparable.

`1.9 kg`, `1,9 kg` and `1900 g` are one quantity, `1.9 m` is another. A range or a measure such as
`20 x 30 cm` gives each of its numbers the unit. Words for numbers from two on count, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.pages.units import CURRENCIES, scale

_THIN = "\u00a0\u202f\u2009"
_NUMBER = re.compile(
    r"(?<![\w.,])(?P<sign>[-−–])?"
    rf"(?P<number>\d{{1,3}}(?:[.,'’{_THIN}]\d{{3}})+(?:[.,]\d+)?(?!\d)"
    r"|\d+/\d+(?!\d)|\d+(?:[.,]\d+)?|[½¼¾⅓⅔⅛])"
)
_UNIT = re.compile(rf"[\s{_THIN}]?-?(?P<unit>°[CF]|[%€$£″\"℃]|[^\W\d_]+(?:/[^\W\d_]+)?[²³2]?)")
_CURRENCY = re.compile(rf"(?P<unit>[€$£]|\b[A-Z]{{3}})[\s{_THIN}]?$")
_STUCK = re.compile(r"[^\W\d_]\w*")
_COUNTING = frozenset(
    ("st", "nd", "rd", "th", "er", "ers", "e", "ème", "te", "ter", "ten", "de", "º", "ª", "x")
)
_JOINED = re.compile(
    rf"[\s{_THIN}]*(?:-|–|—|/|x|×|to|and|or|bis|und|oder|à|et|ou|a|y|o|e|al|en|tot|of|do|i|lub)"
    rf"[\s{_THIN}]*"
)
_CODE = re.compile(r"(?<![\w.,])[^\W\d_]+-?\d\w*(?:-\w*\d\w*)*\+?")
_FRACTIONS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3", "⅛": "1/8"}
_COUNTED = (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 20, 100, 1000)
# Words that mean something else as often (neuf: nine, new) are left out.
_WORDS: dict[Language, str] = {
    "en": "two three four five six seven eight nine ten eleven twelve twenty hundred,hundreds "
    "thousand,thousands",
    "de": "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig "
    "hundert,hunderte,hunderten tausend,tausende,tausenden",
    "fr": "deux trois quatre cinq six sept huit - dix onze douze vingt cent,centaines "
    "mille,milliers",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce veinte cien,cientos "
    "mil,miles",
    "it": "due tre quattro cinque - sette otto nove dieci undici dodici venti cento,centinaia "
    "mille,migliaia",
    "nl": "twee drie vier vijf zes zeven acht negen tien elf twaalf twintig honderd,honderden "
    "duizend,duizenden",
    "pt": "dois,duas três quatro cinco seis sete oito nove dez onze doze vinte cem,centenas "
    "mil,milhares",
    "pl": "dwa,dwie,dwaj trzy,trzech cztery,czterech pięć sześć siedem osiem dziewięć dziesięć "
    "jedenaście dwanaście dwadzieścia sto,setki tysiąc,tysiące",
}
_TIMES = re.compile(r"(?<=\d)\s*[xX×]\s*(?=\d)")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it is written, and its value in the base of its unit ("" for none)."""

    literal: str
    value: Decimal
    unit: str
    start: int
    end: int
    factor: Decimal = Decimal(1)  # of the unit it is written in


def usual_mark(language: Language) -> str:
    """The decimal mark of a language."""
    return "." if language == "en" else ","


def decimal_mark(texts: list[str], language: Language) -> str:
    """The decimal mark by which texts are written, as their clear cases show; or the language's."""
    clear = {".": 0, ",": 0}
    for text in texts:
        for found in re.finditer(r"(?<![\d.,])\d+([.,])(\d+)(?![\d.,]*\d)", text):
            clear[found[1]] += len(found[2]) != 3
    if clear["."] == clear[","]:
        return usual_mark(language)
    return max(clear, key=lambda mark: clear[mark])


def spaced(text: str) -> str:
    """A text with spaces around the `x` of its measures: the places of quantities are in it."""
    return _TIMES.sub(" x ", text)


def quantities(text: str, language: Language, mark: str) -> list[Quantity]:
    """All quantities of a text in their order; `mark` is its decimal mark.

    Their places are those in the text with spaces around `x` in measures.
    """
    text = spaced(text)
    found = [_quantity(text, match, mark) for match in _NUMBER.finditer(text)]
    found = sorted(found + _spelled(text, language), key=lambda quantity: quantity.start)
    for place in range(len(found) - 2, -1, -1):
        one, after = found[place], found[place + 1]
        if not one.unit and after.unit and _JOINED.fullmatch(text[one.end : after.start]):
            value = one.value * after.factor
            found[place] = replace(one, value=value, unit=after.unit, factor=after.factor)
    return found


def codes(text: str) -> list[str]:
    """Names of letters and digits, such as `IPX7`, in lower case."""
    return [match[0].casefold() for match in _CODE.finditer(text)]


def _quantity(text: str, match: re.Match[str], mark: str) -> Quantity:
    value, start, end = _value(match["number"], mark), match.start("number"), match.end()
    before = text[: match.start()].rstrip()
    signed = match["sign"] and not (before and before[-1].isdigit())
    if signed or before.endswith(("minus", "Minus")):
        value = -value
    if measured := _measured(text, value, start, end):
        return measured
    currency = _CURRENCY.search(text[:start])
    known = scale(currency["unit"]) if currency else None
    if currency and known and known[0] in CURRENCIES:
        return Quantity(text[currency.start() : end], value, known[0], currency.start(), end)
    stuck = _STUCK.match(text, end)
    if stuck and stuck[0].casefold() not in _COUNTING:
        return Quantity(text[start : stuck.end()], value, stuck[0].casefold(), start, stuck.end())
    return Quantity(text[start:end], value, "", start, end)


def _measured(text: str, value: Decimal, start: int, end: int) -> Quantity | None:
    """The quantity whose number stands from `start` to `end`, where a unit follows it."""
    after = _UNIT.match(text, end)
    known = scale(after["unit"]) if after else None
    if after is None or known is None:
        return None
    unit, factor = known
    return Quantity(text[start : after.end()], value * factor, unit, start, after.end(), factor)


def _value(literal: str, mark: str) -> Decimal:
    literal = _FRACTIONS.get(literal, literal)
    if "/" in literal:
        over, under = map(Decimal, literal.split("/"))
        return over / under if under else over
    plain = re.sub(rf"['’{_THIN}]", "", literal)
    marks = [character for character in plain if character in ".,"]
    if not marks:
        return Decimal(plain)
    head, _, tail = plain.rpartition(marks[-1])
    one_kind = len(set(marks)) == 1
    whole = one_kind and (len(marks) > 1 or (len(tail) == 3 and marks[0] != mark and head != "0"))
    joined = head.replace(".", "").replace(",", "")
    return Decimal(joined + tail) if whole else Decimal(f"{joined}.{tail}")


@cache
def _numbers(language: Language) -> dict[str, int]:
    rows = zip(_COUNTED, _WORDS[language].split(), strict=True)
    return {word: number for number, words in rows for word in words.split(",") if word != "-"}


def _spelled(text: str, language: Language) -> list[Quantity]:
    numbers = _numbers(language)
    found: list[Quantity] = []
    for match in _WORD.finditer(text):
        number = numbers.get(match[0].casefold())
        if number is not None:
            value = Decimal(number)
            measured = _measured(text, value, match.start(), match.end())
            bare = Quantity(match[0], value, "", match.start(), match.end())
            found.append(measured or bare)
    return found
