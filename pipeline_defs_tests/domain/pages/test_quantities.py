"""Numbers with their units, as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.pages.quantities import codes, decimal_mark, quantities, usual_mark


def read(text: str, language: Language = "en") -> list[tuple[str, str]]:
    """Values and units of a text."""
    found = quantities(text, language, usual_mark(language))
    return [(f"{q.value.normalize():f}", q.unit) for q in found]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "1.9 kg", [("1900", "g")]),
        ("en", "1,900 g", [("1900", "g")]),
        ("de", "1,9 kg", [("1900", "g")]),
        ("de", "1.900 g", [("1900", "g")]),
        ("de", "1.299,00 €", [("1299", "EUR")]),
        ("en", "$1,299.50", [("1299.5", "USD")]),
        ("fr", "2\u202f000 mm", [("2000", "mm")]),
        ("en", "20 x 30 cm", [("200", "mm"), ("300", "mm")]),
        ("en", "1.5–2 kg", [("1500", "g"), ("2000", "g")]),
        ("en", "from 2 to 4 litres", [("2000", "ml"), ("4000", "ml")]),
        ("en", "a two-litre bottle", [("2000", "ml")]),
        ("de", "zwei Jahre", [("24", "month")]),
        ("pl", "cztery godziny", [("240", "min")]),
        ("en", "-5 °C to 10 °C", [("-5", "°C"), ("10", "°C")]),
        ("de", "minus 5 °C", [("-5", "°C")]),
        ("en", "70D and 12V", [("70", "den"), ("12", "V")]),
        ("en", "the 2nd of 3", [("2", ""), ("3", "")]),
        ("en", "½ inch or 3/4 inch", [("0.5", "in"), ("0.75", "in")]),
        ("en", "2 a day", [("2", "")]),
        ("en", "5.0", [("5", "")]),
        ("en", "a 4WD", [("4", "wd")]),
        ("fr", "un produit neuf", []),
    ],
)
def test_quantities_are_read_in_any_notation(
    language: Language, text: str, expected: list[tuple[str, str]]
) -> None:
    assert read(text, language) == expected


def test_names_of_letters_and_digits_are_codes() -> None:
    assert codes("IPX7, GTX-200 and UPF50+ of 2024") == ["ipx7", "gtx-200", "upf50+"]
    assert read("IPX7") == []


def test_the_decimal_mark_is_learnt_from_clear_cases() -> None:
    assert decimal_mark(["1.9 kg", "3,000 mm"], "de") == "."
    assert decimal_mark(["1,9 kg", "3.000 mm"], "en") == ","
    assert decimal_mark(["3.000 mm"], "de") == ","
    assert decimal_mark([], "en") == "."


def test_a_fraction_by_nothing_is_no_error() -> None:
    assert quantities("24/0 hours", "en", ".")[0].value == Decimal(1440)
