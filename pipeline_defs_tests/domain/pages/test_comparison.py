"""Which attributes are set side by side."""

from __future__ import annotations

from pipeline_defs.domain.pages.comparison import attributes_of, compared_rows
from pipeline_defs.domain.pages.products import Attribute, Product
from pipeline_defs_tests.domain.pages.samples import tent


def with_attributes(number: int, **values: str) -> Product:
    told = tuple(Attribute(name=name, value=value) for name, value in values.items())
    return tent(number, attributes=told)


def test_what_products_share_and_differ_in_is_compared() -> None:
    rows = {row.name: row.values for row in compared_rows([tent(n) for n in range(4)])}
    assert rows["Weight"] == ("1.9 kg", "2.4 kg", "7.8 kg", "12.4 kg")
    assert rows["Packed size"][3] is None
    assert "Material" not in rows  # all alike


def test_what_one_product_alone_names_is_not_compared() -> None:
    products = [with_attributes(0, Weight="1 kg", Odour="none"), with_attributes(1, Weight="2 kg")]
    assert [row.name for row in compared_rows(products)] == ["Weight"]


def test_names_are_one_whatever_their_case_and_the_fullest_come_first() -> None:
    products = [
        with_attributes(0, Colour="red", WEIGHT="1 kg"),
        with_attributes(1, weight="2 kg", colour="blue"),
        with_attributes(2, Weight="3 kg"),
    ]
    rows = compared_rows(products)
    assert [(row.name, row.values) for row in rows] == [
        ("WEIGHT", ("1 kg", "2 kg", "3 kg")),
        ("Colour", ("red", "blue", None)),
    ]


def test_of_a_name_told_twice_the_first_counts_and_hidden_ones_are_left_out() -> None:
    product = tent(
        attributes=(
            Attribute(name="Weight", value="1 kg"),
            Attribute(name="weight", value="9 kg"),
            Attribute(name="\u200b", value="x"),
        )
    )
    assert attributes_of(product) == {"weight": ("Weight", "1 kg")}


def test_nothing_to_compare() -> None:
    assert compared_rows([]) == ()
    assert compared_rows([tent()]) == ()
