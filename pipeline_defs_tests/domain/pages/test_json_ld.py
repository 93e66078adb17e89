"""Structured data by the rules of search engines."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pipeline_defs.domain.pages.json_ld import is_gtin, script_text, structured_data
from pipeline_defs.domain.pages.meta import meta
from pipeline_defs.domain.pages.quality.schema_rules import nodes, schema_faults
from pipeline_defs.domain.pages.requests import PageType
from pipeline_defs.domain.pages.view import page_view
from pipeline_defs_tests.domain.pages.samples import SHOP, XSS, components, facts, tent


def graph(page_type: PageType = "category", **changes: Any) -> dict[str, dict[str, Any]]:
    """The nodes of the graph by their type."""
    view = page_view(facts(page_type, **changes), components(page_type), date(2026, 5, 12))
    data = structured_data(view)
    assert schema_faults(json.loads(script_text(data))) == []
    return {node["@type"]: node for node in data["@graph"]}


def product_of(**changes: Any) -> dict[str, Any] | None:
    return graph("product", products=(tent(**changes),)).get("Product")


def test_a_product_is_told_with_its_offer_and_rating() -> None:
    product = product_of()
    assert product is not None
    assert product["offers"] == {
        "@type": "Offer",
        "price": "289.00",
        "priceCurrency": "EUR",
        "itemCondition": "https://schema.org/NewCondition",
        "availability": "https://schema.org/InStock",
        "url": f"{SHOP}/tents/th-200",
    }
    assert product["aggregateRating"]["ratingValue"] == "4.6"
    assert product["aggregateRating"]["reviewCount"] == 128
    assert product["brand"] == {"@type": "Brand", "name": "Trailhouse"}
    assert product["category"] == "Outdoor > Tents"
    assert product["gtin"] == "4006381333931"


def test_a_product_without_offer_and_rating_is_no_product() -> None:
    nothing = {"price": None, "rating": None}
    assert product_of(**nothing) is None
    found = graph("product", products=(tent(**nothing),))
    assert set(found) == {"ItemPage", "BreadcrumbList", "FAQPage"}
    assert "mainEntity" not in found["ItemPage"]


@pytest.mark.parametrize(
    "changes",
    [
        {"rating": None},
        {"review_count": None},
        {"review_count": 0},
        {"rating": Decimal("0.5")},
        {"rating": Decimal("0")},
    ],
)
def test_a_rating_is_never_invented(changes: dict[str, Any]) -> None:
    product = product_of(**changes)
    assert product is not None
    assert "aggregateRating" not in product


@pytest.mark.parametrize("changes", [{"price": None}, {"currency": None}])
def test_an_offer_needs_price_and_currency(changes: dict[str, Any]) -> None:
    product = product_of(**changes)
    assert product is not None
    assert "offers" not in product


def test_the_offer_is_what_it_costs_today() -> None:
    product = product_of(price=Decimal(300), sale_price=Decimal("249.50"))
    assert product is not None
    assert product["offers"]["price"] == "249.50"
    view = page_view(facts("product", products=(tent(1),)), components("product"), None)
    assert dict(meta(view))["product:price:amount"] == "299.00"


def test_products_of_a_category_stand_in_a_list() -> None:
    found = graph()["CollectionPage"]
    entries = found["mainEntity"]["itemListElement"]
    assert [entry["position"] for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry["item"]["sku"] for entry in entries][:2] == ["TH-200", "TH-300"]
    bare = tent(4, rating=None)
    (entry,) = graph(products=(bare,))["CollectionPage"]["mainEntity"]["itemListElement"]
    assert entry == {"@type": "ListItem", "position": 1, "name": bare.name, "url": bare.url}


def test_a_brand_and_a_guide_say_what_they_are() -> None:
    assert graph("brand")["CollectionPage"]["about"] == {"@type": "Brand", "name": "Trailhouse"}
    article = graph("guide")["Article"]
    assert article["author"]["name"] == "Trailhouse"
    assert article["dateModified"] == "2026-05-12"
    assert "Article" not in graph("category")


def test_a_page_without_products_is_a_page() -> None:
    assert set(graph("guide", products=())) == {"WebPage", "Article", "BreadcrumbList", "FAQPage"}
    assert "mainEntity" not in graph("category", products=())["CollectionPage"]


def test_the_way_home_has_at_least_two_steps_or_is_not_told() -> None:
    steps = graph("product")["BreadcrumbList"]["itemListElement"]
    assert [step["name"] for step in steps] == ["Home", "Tents", "Larch 2 trekking tent"]
    assert [step["item"] for step in steps][:2] == [f"{SHOP}/", f"{SHOP}/tents"]
    assert "BreadcrumbList" not in graph(target_url=f"{SHOP}/")


def test_an_address_that_is_none_is_left_out() -> None:
    found = graph("product", target_url="javascript:alert(1)")
    assert not any("@id" in node or "javascript" in json.dumps(node) for node in found.values())


@pytest.mark.parametrize(
    ("digits", "valid"),
    [
        ("4006381333931", True),
        ("4006381333932", False),
        ("96385074", True),
        ("036000291452", True),
        ("10614141000415", True),
        ("123456789", False),
    ],
)
def test_a_number_with_a_wrong_check_digit_is_no_gtin(digits: str, valid: bool) -> None:
    assert is_gtin(digits) is valid
    product = product_of(gtin=digits)
    assert product is not None
    assert ("gtin" in product) is valid


@pytest.mark.parametrize("attack", XSS)
def test_no_text_ends_the_script(attack: str) -> None:
    written = script_text({"name": attack})
    assert not set(written) & set("<>&\u2028\u2029")
    assert json.loads(written) == {"name": attack}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"offers": None, "aggregateRating": None}, "neither an offer nor a rating"),
        ({"name": ""}, "Product has no name"),
        ({"url": "javascript:x"}, "url of Product is no web address"),
        ({"offers": {"@type": "Offer", "price": "12"}}, "Offer has no priceCurrency"),
        ({"offers": {"@type": "Offer", "price": "x", "priceCurrency": "EUR"}}, "is no amount"),
        ({"offers": {"@type": "Offer", "price": "1", "priceCurrency": "€"}}, "is no currency"),
        (
            {"offers": {"@type": "Offer", "price": 1, "priceCurrency": "EUR", "availability": "x"}},
            "availability of Offer",
        ),
        (
            {"aggregateRating": {"@type": "AggregateRating", "ratingValue": 6, "reviewCount": 1}},
            "not between 1 and 5",
        ),
        (
            {"aggregateRating": {"@type": "AggregateRating", "ratingValue": 4, "reviewCount": 0}},
            "no number of reviews",
        ),
        ({"brand": {"@type": "Brand"}}, "Brand has no name"),
        ({"brand": {"@type": "Thing", "name": "x"}}, "'Thing' is not one of ours"),
        ({"brand": {"@id": "https://x.example/#nowhere"}}, "is referred to and not described"),
    ],
)
def test_a_broken_rule_is_named(change: dict[str, Any], fault: str) -> None:
    product = {**(product_of() or {}), **change}
    data = {"@context": "https://schema.org", "@graph": [product]}
    assert any(fault in told for told in schema_faults(data)), schema_faults(data)


@pytest.mark.parametrize("data", [[], "x", {}, {"@context": "https://schema.org", "@graph": []}])
def test_what_is_no_graph_is_refused(data: Any) -> None:
    assert len(schema_faults(data)) == 1


def test_a_list_that_does_not_count_is_refused() -> None:
    data = structured_data(page_view(facts(), components(), None))
    for node in nodes(data):
        if node.get("@type") == "ListItem":
            node["position"] = 1
    assert set(schema_faults(data)) == {
        "positions of ItemList do not count from 1",
        "positions of BreadcrumbList do not count from 1",
    }
