"""Checks that what machines read, what people read and the facts are the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pipeline_defs.domain.pages import formatting
from pipeline_defs.domain.pages.json_ld import AVAILABILITIES
from pipeline_defs.domain.pages.labels.catalogue import LABELS
from pipeline_defs.domain.pages.outline import Outline, ShownFigure
from pipeline_defs.domain.pages.plain_text import SPACES
from pipeline_defs.domain.pages.products import Product
from pipeline_defs.domain.pages.quality.findings import Finding, Subject, faultless
from pipeline_defs.domain.pages.quality.schema_rules import nodes, schema_faults


def structured_data_is_valid(subject: Subject) -> Finding:
    """JSON-LD that parses and that search engines accept."""
    try:
        blocks = subject.outline.data()
    except ValueError as error:
        faults = [f"a block is no JSON: {error}"]
    else:
        faults = [fault for block in blocks for fault in schema_faults(block)]
        faults += [] if blocks else ["there is none"]
    return faultless(
        "structured_data_is_valid", faults, "Report it: structured data are made from the facts."
    )


def figures_agree(subject: Subject) -> Finding:
    """Prices, availability and ratings shown, in JSON-LD and in meta are those of the facts."""
    products: dict[str, Product] = {}
    for product in subject.facts.products:
        products.setdefault(product.sku, product)
    faults = [
        fault
        for figure in subject.outline.figures
        for fault in _shown_faults(figure, products, subject)
    ]
    faults += _data_faults(subject.outline, products)
    faults += _meta_faults(subject.outline, subject.facts.products[:1])
    return faultless(
        "figures_agree",
        faults,
        "Report it: every figure is made from the facts.",
        figures=len(subject.outline.figures),
    )


def _shown_faults(
    figure: ShownFigure, products: Mapping[str, Product], subject: Subject
) -> Iterator[str]:
    product = products.get(figure.sku)
    if product is None:
        yield f"{figure.fact} of {figure.sku!r}, which is not in the facts"
        return
    language = subject.facts.language
    if figure.fact == "availability":
        known = product.availability
        texts = LABELS[language].availabilities
        if figure.value != known or (known and figure.text != texts[known]):
            yield f"availability of {figure.sku} is shown as {figure.text!r}"
        return
    told: Mapping[str, Decimal | int | None] = {
        "price": product.offer,
        "earlier_price": product.price,
        "rating": product.rating,
        "reviews": product.review_count,
    }
    fact = told.get(figure.fact)
    read = formatting.amount_of(figure.text, language)
    if fact is None or read != fact or _decimal(figure.value) != fact:
        yield f"{figure.fact} of {figure.sku} is shown as {figure.text!r}, it is {fact}"
    if figure.fact in ("price", "earlier_price") and product.currency and fact is not None:
        expected = formatting.price(Decimal(fact), product.currency, language)
        if figure.text != SPACES.sub(" ", expected):
            yield f"{figure.fact} of {figure.sku} is shown as {figure.text!r}, not in its currency"


def _data_faults(outline: Outline, products: Mapping[str, Product]) -> Iterator[str]:
    try:
        found = list(nodes(outline.data()))
    except ValueError:
        return  # told by the check of the data themselves
    shown = {(figure.sku, figure.fact) for figure in outline.figures}
    for node in found:
        if node.get("@type") == "Product":
            yield from _product_faults(node, products, shown)
        elif node.get("@type") == "Question":
            answer = node.get("acceptedAnswer") or {}
            for text in (node.get("name"), answer.get("text")):
                if text not in outline.text.splitlines():
                    yield f"the page does not show {str(text)[:80]!r}"


def _product_faults(
    node: dict[str, Any], products: Mapping[str, Product], shown: set[tuple[str, str]]
) -> Iterator[str]:
    product = products.get(str(node.get("sku")))
    if product is None:
        yield f"JSON-LD names {node.get('sku')!r}, which is not in the facts"
        return
    offer, rating = node.get("offers") or {}, node.get("aggregateRating") or {}
    availability = AVAILABILITIES[product.availability] if product.availability else None
    told: list[tuple[str, bool, Any, Any]] = [
        ("price", bool(offer), _decimal(offer.get("price")), product.offer),
        ("currency", bool(offer), offer.get("priceCurrency"), product.currency),
        ("availability", bool(offer), offer.get("availability"), availability),
        ("rating", bool(rating), _decimal(rating.get("ratingValue")), product.rating),
        ("reviews", bool(rating), rating.get("reviewCount"), product.review_count),
    ]
    for name, present, says, fact in told:
        if present and says != fact:
            yield f"{name} of {product.sku} is {says} in JSON-LD, it is {fact}"
        if present and says and name != "currency" and (product.sku, name) not in shown:
            yield f"{name} of {product.sku} stands in JSON-LD, the page does not show it"


def _meta_faults(outline: Outline, products: tuple[Product, ...]) -> Iterator[str]:
    for told in outline.metas.get("product:price:amount", []):
        if not products or _decimal(told) != products[0].offer:
            yield f"the price is {told!r} in meta"
    for told in outline.metas.get("product:price:currency", []):
        if not products or told != products[0].currency:
            yield f"the currency is {told!r} in meta"


def _decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return None
