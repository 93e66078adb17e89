"""Numbers, prices and dates of each language."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.domain.languages import LANGUAGES, Language
from pipeline_defs.domain.pages.formatting import amount_of, day, number, price

LANGUAGE = st.sampled_from(list(LANGUAGES))
AMOUNT = st.decimals(0, 9_999_999_999, places=2, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("language", "amount", "currency", "shown"),
    [
        ("en", "1249", "USD", "$1,249.00"),
        ("en", "1249.5", "EUR", "€1,249.50"),
        ("en", "12", "CHF", "CHF 12.00"),
        ("en", "12", "BRL", "R$12.00"),
        ("de", "1249", "EUR", "1.249,00 €"),
        ("fr", "1249.9", "EUR", "1\u202f249,90 €"),
        ("es", "1249", "EUR", "1249,00 €"),
        ("es", "12490", "EUR", "12.490,00 €"),
        ("it", "1249", "EUR", "1249,00 €"),
        ("nl", "1249", "EUR", "€ 1.249,00"),
        ("pt", "1249", "BRL", "R$ 1.249,00"),
        ("pl", "1249", "PLN", "1249,00 zł"),
        ("pl", "12490", "PLN", "12 490,00 zł"),
        ("de", "0", "EUR", "0,00 €"),
        ("en", "12800", "JPY", "¥12,800"),
        ("en", "128.5", "JPY", "¥128.50"),
    ],
)
def test_a_price_reads_as_in_its_country(
    language: Language, amount: str, currency: str, shown: str
) -> None:
    assert price(Decimal(amount), currency, language).replace("\u00a0", " ") == shown


@given(LANGUAGE, AMOUNT, st.sampled_from(["EUR", "USD", "JPY", "PLN", "SEK"]))
def test_a_price_is_read_back_as_what_it_was(
    language: Language, amount: Decimal, currency: str
) -> None:
    assert amount_of(price(amount, currency, language), language) == amount


def test_a_number_keeps_its_decimals() -> None:
    assert number(Decimal("4.6"), "de") == "4,6"
    assert number(Decimal("5"), "de") == "5"
    assert number(128, "en") == "128"
    assert number(1_284_000, "fr") == "1\u202f284\u202f000"
    assert number(Decimal("5E+3"), "en") == "5,000"


def test_two_figures_or_none_are_not_read() -> None:
    assert amount_of("4 of 5", "en") is None
    assert amount_of("free", "en") is None


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "May 4, 2026"),
        ("de", "4. Mai 2026"),
        ("fr", "4 mai 2026"),
        ("es", "4 de mayo de 2026"),
        ("it", "4 maggio 2026"),
        ("nl", "4 mei 2026"),
        ("pt", "4 de maio de 2026"),
        ("pl", "4 maja 2026"),
    ],
)
def test_a_date_reads_as_in_its_language(language: Language, shown: str) -> None:
    assert day(date(2026, 5, 4), language) == shown
