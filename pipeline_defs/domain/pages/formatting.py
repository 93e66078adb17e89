"""Numbers, prices and dates as people of a language write them, and prices read back.

After the Unicode CLDR, simplified to what prices of shops need: the group separator sets in at the
length that is usual in the language, and a currency has its sign where readers know it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.pages.labels.catalogue import LABELS
from pipeline_defs.domain.pages.plain_text import SPACES

NO_BREAK = "\u00a0"
NARROW = "\u202f"


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """`grouped_from` is the number of digits from which groups of three are set apart."""

    decimal: str
    group: str
    grouped_from: int
    sign_first: bool


STYLES: Mapping[Language, NumberStyle] = {
    "en": NumberStyle(".", ",", 4, sign_first=True),
    "de": NumberStyle(",", ".", 4, sign_first=False),
    "fr": NumberStyle(",", NARROW, 4, sign_first=False),
    "es": NumberStyle(",", ".", 5, sign_first=False),
    "it": NumberStyle(",", ".", 5, sign_first=False),
    "nl": NumberStyle(",", ".", 4, sign_first=True),
    "pt": NumberStyle(",", ".", 4, sign_first=True),
    "pl": NumberStyle(",", NO_BREAK, 5, sign_first=False),
}
SIGNS: Mapping[str, str] = {"EUR": "€", "GBP": "£", "JPY": "¥", "BRL": "R$", "INR": "₹"}
LOCAL_SIGNS: Mapping[Language, Mapping[str, str]] = {
    "en": {"USD": "$"},
    "de": {"USD": "$"},
    "fr": {"USD": "$US"},
    "es": {"USD": "US$"},
    "it": {},
    "nl": {"USD": "US$"},
    "pt": {"USD": "US$"},
    "pl": {"PLN": "zł"},
}
# ISO 4217: no smaller unit.
WHOLE = frozenset({
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
    "XAF", "XOF", "XPF",
})  # fmt: skip


def number(value: Decimal | int, language: Language, decimals: int | None = None) -> str:
    """`value` with its own decimals, or with so many at least; it is never rounded."""
    style = STYLES[language]
    whole, _, fraction = f"{Decimal(value):f}".partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    if len(digits) >= style.grouped_from:
        digits = f"{int(digits):,}".replace(",", style.group)
    fraction = fraction.ljust(decimals or 0, "0")
    return f"{sign}{digits}{style.decimal if fraction else ''}{fraction}"


def price(amount: Decimal, currency: str, language: Language) -> str:
    """An amount with its currency: `$1,249.00`, `1.249,00 €`, `€ 1.249,00`."""
    has_fraction = currency not in WHOLE or amount != amount.to_integral_value()
    shown = number(amount if has_fraction else amount.to_integral_value(), language,
                   2 if has_fraction else 0)  # fmt: skip
    sign = LOCAL_SIGNS[language].get(currency) or SIGNS.get(currency, currency)
    if not STYLES[language].sign_first:
        return f"{shown}{NO_BREAK}{sign}"
    joined = "" if language == "en" and not sign[-1:].isalpha() else NO_BREAK
    return f"{sign}{joined}{shown}"


def amount_of(text: str, language: Language) -> Decimal | None:
    """The figure in a written number or price; None where there is none, or more than one."""
    style = STYLES[language]
    group = " " if style.group.isspace() else style.group
    found = re.findall(rf"\d(?:[\d{group}{style.decimal}]*\d)?", SPACES.sub(" ", text))
    if len(found) != 1:
        return None
    return Decimal(found[0].replace(group, "").replace(style.decimal, "."))


def day(value: date, language: Language) -> str:
    """A date in words: `12 May 2026` in the order of the language."""
    labels = LABELS[language]
    return labels.date.format(day=value.day, month=labels.months[value.month - 1], year=value.year)
