"""What the cells of a feed say: prices, periods, figures, lists, named details.

A list is split only where no value can be meant: a text that holds `/`, `;` or `:` stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from pipeline_defs.domain.pages.hypertext import pieces

PRICE = re.compile(r"^\s*(?:([A-Z]{3})\s*)?([0-9][0-9.,' ]*)\s*([A-Z]{3})?\s*$")
BAR = re.compile(r"\s*[|\n]\s*")
DETAIL = re.compile(r"(^|[|;\n])\s*([^|;\n]*)")
BETWEEN_ADDRESSES = re.compile(r"[\s,|]+(?=https?://)")
PATH = re.compile(r"\s*>\s*")
UNKNOWN = frozenset({"", "-", "–", "—", "n/a", "na", "none", "null", "unknown", "#n/a"})
GROUPED = re.compile(r"\d{1,3}(?:([.,' \u00a0\u202f])\d{3})(?:\1\d{3})*")
PLAIN = re.compile(r"\d{1,12}(?:\.\d{1,2})?")
SHORT = re.compile(r"(\d{1,6}(?:[.,]\d{1,3})?)\s?([km])", re.IGNORECASE)
TIMES = {"k": 1000, "m": 1_000_000}
NAMED = "\x1f"  # parts name and value of a detail that came apart from each other
UNSEEN = frozenset({"script", "style"})
INLINE = frozenset({"a", "abbr", "b", "em", "i", "small", "span", "strong", "sub", "sup", "u"})


def price(text: str) -> tuple[Decimal, str | None] | None:
    """The amount and its currency, where one is named; None for what is no price."""
    match = PRICE.match(text.upper())
    if match is None:
        return None
    number = re.sub("[' ]", "", match[2])
    if "," in number and "." in number:  # the later one parts the cents
        thousands = "," if number.rindex(".") > number.rindex(",") else "."
        number = number.replace(thousands, "")
    try:
        return Decimal(number.replace(",", ".")), match[3] or match[1]
    except InvalidOperation:
        return None


def period(text: str) -> tuple[datetime, datetime] | None:
    """`2026-02-01T00:00+0100/2026-03-01T00:00+0100`; without a zone in UTC. None for all else."""
    begins, slash, ends = text.partition("/")
    try:
        found = [datetime.fromisoformat(part.strip()) for part in (begins, ends)]
    except ValueError:
        return None
    first, last = (moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in found)
    return (first, last) if slash and first <= last else None


def figure(text: str) -> int | None:
    """A whole number as exports write it: `1200`, `1,200`, `1.200`, `1.2k`; None where it is not
    known. Raises ValueError."""
    said = text.strip().lower()
    if said in UNKNOWN:
        return None
    if short := SHORT.fullmatch(said):
        return int(Decimal(short[1].replace(",", ".")) * TIMES[short[2].lower()])
    if GROUPED.fullmatch(said):
        return int(re.sub(r"\D", "", said))
    if PLAIN.fullmatch(said):
        return round(Decimal(said))
    raise ValueError(f"{text[:40]!r} is no number")


def entries(said: Sequence[str]) -> list[str]:
    """A list: given one by one, or in one cell with bars or on lines of their own."""
    return list(said) if len(said) > 1 else [part for text in said for part in BAR.split(text)]


def addresses(said: Sequence[str]) -> list[str]:
    """Addresses; a comma belongs to one unless another begins behind it."""
    found = (part.strip(" ,|") for text in said for part in BETWEEN_ADDRESSES.split(text))
    return list(dict.fromkeys(part for part in found if part))


def path(text: str) -> list[str]:
    """`Camping > Tents` from the widest to the narrowest."""
    return [part for part in map(words_of, PATH.split(text)) if part]


def detail(name: str, value: str) -> str:
    """A named detail as one text, whatever its parts hold."""
    return f"{name}{NAMED}{value}"


def details(text: str) -> list[dict[str, str]]:
    """`name:value` or `section:name:value`, several with `;` or `|` between them. What has no name
    belongs to the value before it: `Material: 80 % wool; 20 % silk` is one."""
    if NAMED in text:
        name, _, value = text.partition(NAMED)
        return [{"name": name.strip() or "Detail", "value": value.strip()}]
    told: list[str] = []
    for found in DETAIL.finditer(text):
        if told and ":" not in found[2]:
            told[-1] += found[0]
        elif found[2]:
            told.append(found[2])
    return [_detail(part) for part in told]


def words_of(text: str) -> str:
    """A text without markup, on one line."""
    shown: list[str] = []
    hidden = False
    for piece in pieces(text):
        if piece.kind == "text":
            shown += [] if hidden else [piece.content]
        elif piece.content in UNSEEN:
            hidden = piece.kind == "open"
        elif piece.content not in INLINE:
            shown.append(" ")
    return " ".join("".join(shown).split())


def _detail(text: str) -> dict[str, str]:
    first, *others = (part.strip() for part in text.split(":", 2))
    if not others:
        return {"name": "Detail", "value": first}
    if len(others) == 1:
        return {"name": first or "Detail", "value": others[0]}
    name, value = others
    if not re.match(r"[^\W\d]", name) or value.startswith("//"):  # `Ratio: 16:9`
        return {"name": first, "value": text.partition(":")[2].strip()}
    return {"name": name, "value": value}
