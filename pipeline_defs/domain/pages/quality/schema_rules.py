"""The rules of schema.org and of search engines for the types our pages use."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from pipeline_defs.domain.pages.addresses import web_address
from pipeline_defs.domain.pages.json_ld import AVAILABILITIES, BEST, CONDITIONS, SCHEMA, WORST

CONTEXTS = (SCHEMA, f"{SCHEMA}/", "http://schema.org", "http://schema.org/")
CURRENCY = re.compile(r"[A-Z]{3}")
HEADLINE_CHARS = 110
# What each type must have. What search engines merely recommend is left to the data.
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "AggregateRating": ("ratingValue", "reviewCount"),
    "Answer": ("text",),
    "Article": ("headline", "author"),
    "Brand": ("name",),
    "BreadcrumbList": ("itemListElement",),
    "CollectionPage": ("name", "inLanguage"),
    "FAQPage": ("mainEntity",),
    "ImageObject": ("url",),
    "ItemList": ("itemListElement",),
    "ItemPage": ("name", "inLanguage"),
    "ListItem": ("position",),
    "Offer": ("price", "priceCurrency"),
    "Organization": ("name",),
    "Product": ("name",),
    "Question": ("name", "acceptedAnswer"),
    "WebPage": ("name", "inLanguage"),
    "WebSite": ("name", "url"),
}
ADDRESSES = ("@id", "url", "image", "item")


def schema_faults(data: Any) -> list[str]:
    """What is wrong with one block of structured data."""
    if not isinstance(data, dict) or data.get("@context") not in CONTEXTS:
        return ["the block is no object with the context of schema.org"]
    graph = data.get("@graph", [data])
    if not isinstance(graph, list) or not graph:
        return ["the graph is empty"]
    defined = {node.get("@id") for node in nodes(graph) if "@type" in node}
    faults: list[str] = []
    for node in nodes(graph):
        if set(node) == {"@id"}:
            if node["@id"] not in defined:
                faults.append(f"{node['@id']} is referred to and not described")
        else:
            faults += _faults(node)
    return faults


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in the data, at any depth."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def _faults(node: dict[str, Any]) -> Iterator[str]:
    kind = node.get("@type")
    if not isinstance(kind, str) or kind not in REQUIRED:
        yield f"type {kind!r} is not one of ours"
        return
    for name in REQUIRED[kind]:
        if node.get(name) in (None, "", []):
            yield f"{kind} has no {name}"
    for name in ADDRESSES:
        for address in _listed(node.get(name)):
            if isinstance(address, str) and web_address(address) != address:
                yield f"{name} of {kind} is no web address: {address[:80]!r}"
    yield from RULES.get(kind, _no_rule)(node)


def _no_rule(_: dict[str, Any]) -> Iterator[str]:
    yield from ()


def _product(node: dict[str, Any]) -> Iterator[str]:
    if not any(node.get(name) for name in ("offers", "aggregateRating", "review")):
        yield "Product has neither an offer nor a rating"


def _offer(node: dict[str, Any]) -> Iterator[str]:
    amount = _decimal(node.get("price"))
    if amount is None or amount < 0:
        yield f"price of Offer is no amount: {node.get('price')!r}"
    if not CURRENCY.fullmatch(str(node.get("priceCurrency"))):
        yield f"priceCurrency of Offer is no currency: {node.get('priceCurrency')!r}"
    for name, known in (("availability", AVAILABILITIES), ("itemCondition", CONDITIONS)):
        if node.get(name, next(iter(known.values()))) not in known.values():
            yield f"{name} of Offer is not one of schema.org's"


def _rating(node: dict[str, Any]) -> Iterator[str]:
    value = _decimal(node.get("ratingValue"))
    best, worst = node.get("bestRating", BEST), node.get("worstRating", WORST)
    if value is None or not worst <= value <= best:
        yield f"ratingValue is not between {worst} and {best}"
    count = node.get("reviewCount")
    if not isinstance(count, int) or count < 1:
        yield "reviewCount is no number of reviews"


def _breadcrumbs(node: dict[str, Any]) -> Iterator[str]:
    steps = node.get("itemListElement") or []
    if len(steps) < 2:
        yield "BreadcrumbList has fewer than two steps"
    for step in steps[:-1]:
        if not step.get("name") or not step.get("item"):
            yield "a step of BreadcrumbList has no name or no item"
    yield from _positions(node)


def _positions(node: dict[str, Any]) -> Iterator[str]:
    entries = node.get("itemListElement") or []
    if [entry.get("position") for entry in entries] != list(range(1, len(entries) + 1)):
        yield f"positions of {node['@type']} do not count from 1"


def _list_item(node: dict[str, Any]) -> Iterator[str]:
    if not any(node.get(name) for name in ("item", "url", "name")):
        yield "ListItem names nothing"


def _article(node: dict[str, Any]) -> Iterator[str]:
    if len(str(node.get("headline", ""))) > HEADLINE_CHARS:
        yield f"headline of Article is longer than {HEADLINE_CHARS} characters"


RULES: Mapping[str, Callable[[dict[str, Any]], Iterator[str]]] = {
    "AggregateRating": _rating,
    "Article": _article,
    "BreadcrumbList": _breadcrumbs,
    "ItemList": _positions,
    "ListItem": _list_item,
    "Offer": _offer,
    "Product": _product,
}


def _decimal(value: Any) -> Decimal | None:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
