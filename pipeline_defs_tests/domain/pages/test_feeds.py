"""From the fields of feeds to products: nothing is lost, mixed up or told that is not for all."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pipeline_defs import policies
from pipeline_defs.domain.pages.feed_values import words_of
from pipeline_defs.domain.pages.feeds import FaultyEntry, FieldFault, figures_of, product_of
from pipeline_defs.domain.pages.products import Product


def product(**said: str | list[str]) -> Product:
    values = {name: [told] if isinstance(told, str) else told for name, told in said.items()}
    return product_of({"id": ["A"], "title": ["Tent"], **values})


def faults(**said: str | list[str]) -> tuple[FieldFault, ...]:
    with pytest.raises(FaultyEntry) as caught:
        product(**said)
    return caught.value.faults


def attributes(**said: str | list[str]) -> list[tuple[str, str]]:
    return [(a.name, a.value) for a in product(**said).attributes]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("Material: 80% wool; 20% silk", [("Material", "80% wool; 20% silk")]),
        ("Size: 10/12", [("Size", "10/12")]),
        ("Ratio: 16:9", [("Ratio", "16:9")]),
        ("Manual: https://x.example/m", [("Manual", "https://x.example/m")]),
        ("General:Weight:1.9 kg", [("Weight", "1.9 kg")]),
        ("Weight:1.9 kg;Poles:aluminium", [("Weight", "1.9 kg"), ("Poles", "aluminium")]),
        ("Fabric: wool; silk;Weight: 1 kg", [("Fabric", "wool; silk"), ("Weight", "1 kg")]),
    ],
)
def test_details_are_split_only_where_another_one_begins(
    told: str, expected: list[tuple[str, str]]
) -> None:
    assert attributes(product_detail=told) == expected


def test_what_belongs_to_a_value_does_not_split_it() -> None:
    found = product(
        size="10/12",
        category="Wool / silk > Shirts",
        highlights="Warm; dry | Light: 1.2 kg",
        image_link="https://x.example/a,b.jpg,https://x.example/c.jpg",
    )
    assert found.category == ("Wool / silk", "Shirts")
    assert found.highlights == ("Warm; dry", "Light: 1.2 kg")
    assert found.images == ("https://x.example/a,b.jpg", "https://x.example/c.jpg")
    assert [(a.name, a.value) for a in found.attributes] == [("Size", "10/12")]


def test_prices_in_two_currencies_are_a_fault_that_names_both() -> None:
    (fault,) = faults(price="19 EUR", sale_price="15 USD")
    assert fault.field == "sale_price"
    assert "price is in EUR, sale_price is in USD" in fault.message
    assert fault.fix == "Give all of them in one currency."
    assert faults(price="19 EUR", currency="USD")[0].field == "price"
    assert product(price="19", sale_price="15", currency="eur").currency == "EUR"


@pytest.mark.parametrize(
    "name",
    [
        "cost_of_goods_sold", "custom_label_0", "custom_label_4", "ads_redirect", "ads_labels",
        "shipping", "shipping_weight", "shipping_label", "tax", "tax_category", "promotion_id",
        "pause", "identifier_exists", "item_group_id", "excluded_destination", "loyalty_points",
        "shopping_ads_excluded_country", "auto_pricing_min_price", "transit_time_label",
        "min_handling_time", "expiration_date", "mobile_link", "supplier", "g:custom_label_1",
        "costOfGoodsSold", "Cost of goods sold", "adwords_grouping", "display_ads_id",
    ],
)  # fmt: skip
def test_what_is_for_google_or_the_shop_alone_reaches_no_page(name: str) -> None:
    assert attributes(**{name: "secret 12.00 EUR"}) == []


@pytest.mark.parametrize(
    "name", ["color", "size", "material", "pattern", "gender", "age_group", "product_weight"]
)
def test_what_describes_the_product_becomes_an_attribute(name: str) -> None:
    assert [value for _, value in attributes(**{name: "blue"})] == ["blue"]


def test_a_sale_price_counts_within_its_dates_alone() -> None:
    period = "2026-02-01T13:00-0800/2026-02-09T15:30-0800"
    found = product(price="20 EUR", sale_price="15 EUR", sale_price_effective_date=period)
    begins = datetime(2026, 2, 1, 21, tzinfo=UTC)
    ends = datetime(2026, 2, 9, 23, 30, tzinfo=UTC)
    second = timedelta(seconds=1)
    offers = [found.at(t).offer for t in (begins - second, begins, ends - second, ends)]
    assert offers == [Decimal(20), Decimal(15), Decimal(15), Decimal(20)]
    assert found.at(begins).sale_until is None
    (fault,) = faults(price="2 EUR", sale_price="1 EUR", sale_price_effective_date="next week")
    assert fault.field == "sale_price_effective_date"


def test_more_pictures_or_highlights_than_google_takes_are_a_fault_not_a_cut() -> None:
    pictures = [f"https://x.example/{n}.jpg" for n in range(policies.PRODUCT_IMAGES + 1)]
    assert len(product(image_link=pictures[0], additional_image_link=pictures[1:-1]).images) == 11
    assert [f.field for f in faults(image_link=pictures)] == ["images"]
    many = [f"Highlight {n}" for n in range(policies.PRODUCT_HIGHLIGHTS + 1)]
    assert len(product(product_highlight=many[1:]).highlights) == policies.PRODUCT_HIGHLIGHTS
    assert [f.field for f in faults(product_highlight=many)] == ["highlights"]


def test_a_column_that_stands_twice_must_say_the_same() -> None:
    assert product(price=["9 EUR", "9 EUR"]).price == Decimal(9)
    (fault,) = faults(price=["9 EUR", "8 EUR"])
    assert (fault.field, fault.message) == ("price", "is given twice")


@pytest.mark.parametrize(
    ("told", "expected"),
    [("1200", 1200), ("1,200", 1200), ("1.200", 1200), ("1 200", 1200), ("1.234.567", 1_234_567),
     ("1.2k", 1200), ("1,5 K", 1500), ("2M", 2_000_000), ("12100.0", 12_100), ("", None),
     ("n/a", None), ("N/A", None), ("-", None), ("0", 0)],
)  # fmt: skip
def test_figures_are_read_as_exports_write_them(told: str, expected: int | None) -> None:
    assert figures_of({"keyword": ["tent"], "Volume": [told]}).monthly_searches == expected


@pytest.mark.parametrize("told", ["about 3k", "1K-10K", "many", "1,2,3", "1.2345k", "-5", "1e9"])
def test_a_figure_that_cannot_be_read_is_a_fault_with_its_column(told: str) -> None:
    with pytest.raises(FaultyEntry) as caught:
        figures_of({"keyword": ["tent"], "Volume": [told]})
    assert [fault.field for fault in caught.value.faults] == ["monthly_searches"]


def test_descriptions_lose_their_markup_in_linear_time() -> None:
    assert words_of("<p>Two <b>pe</b>ople<p>fit.<script>alert(1)</script> 5 < 6 &amp; 7") == (
        "Two people fit. 5 < 6 & 7"
    )
    begun = time.perf_counter()
    words_of("<div>" * 200_000)
    assert time.perf_counter() - begun < 5
