"""From the fields of a product feed to products: Google Merchant's names and plain ones.

What a feed says beyond the fields we know becomes a named attribute, so that pages may state it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from pipeline_defs.domain.field_errors import fault_of
from pipeline_defs.domain.pages.facts import KeywordFigures
from pipeline_defs.domain.pages.feed_fields import LISTS, field_of, is_public, plain, words
from pipeline_defs.domain.pages.feed_values import (
    addresses,
    details,
    entries,
    figure,
    path,
    period,
    price,
    words_of,
)
from pipeline_defs.domain.pages.products import Product

Values = Mapping[str, list[str]]  # field -> what it says, in order
AVAILABILITIES = {
    "instock": "in_stock", "available": "in_stock", "yes": "in_stock", "limited": "in_stock",
    "outofstock": "out_of_stock", "no": "out_of_stock", "soldout": "out_of_stock",
    "preorder": "preorder", "backorder": "backorder",
}  # fmt: skip


RELATED = re.compile(r"\s*[|;\n]\s*")
FIGURES = {
    "monthly_searches": ("monthlysearches", "volume", "searchvolume"),
    "difficulty": ("difficulty", "kd"),
}


@dataclass(frozen=True, slots=True)
class FieldFault:
    """What is wrong with a field of a product."""

    field: str
    message: str
    fix: str | None = None


class FaultyEntry(ValueError):
    """A product or search term that cannot be used; every faulty field is named."""

    def __init__(self, faults: Iterable[FieldFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{f.field} {f.message}" for f in self.faults))


def product_of(values: Values) -> Product:
    """The product that headings and their values describe. Raises FaultyEntry."""
    known: dict[str, list[str]] = {}
    attributes: list[dict[str, str]] = []
    faults: list[FieldFault] = []
    for heading, said in values.items():
        told = [text.strip() for text in said if text.strip()]
        field = field_of(heading)
        if field == "detail":
            attributes += [found for text in told for found in details(text)]
        elif field is not None:
            known.setdefault(field, []).extend(told)
            if field not in LISTS and len(set(told)) > 1:
                faults.append(FieldFault(field, "is given twice", "Leave one of the two."))
        elif told and is_public(heading):
            attributes.append({"name": words(heading), "value": ", ".join(told)})
    given, more = _fields(known)
    given["attributes"] = [a for a in attributes if a["value"]]
    return _validated(Product, given, faults + more)


def figures_of(values: Values) -> KeywordFigures:
    """What a row says of a search term. Raises FaultyEntry."""
    said = {plain(heading): " ".join(told).strip() for heading, told in values.items()}
    given: dict[str, Any] = {
        "keyword": said.get("keyword") or said.get("query") or "",
        "related": tuple(t for t in RELATED.split(said.get("related", "")) if t),
    }
    faults: list[FieldFault] = []
    if not given["keyword"]:
        faults.append(FieldFault("keyword", "must not be empty", "Add the search term."))
    for field, names in FIGURES.items():
        try:
            given[field] = figure(next((said[name] for name in names if said.get(name)), ""))
        except ValueError as error:
            faults.append(FieldFault(field, str(error), "Write it like 1200, or leave it empty."))
    return _validated(KeywordFigures, given, faults)


def _fields(known: Mapping[str, list[str]]) -> tuple[dict[str, Any], list[FieldFault]]:
    faults: list[FieldFault] = []
    first = {field: said[0] for field, said in known.items() if said}
    given: dict[str, Any] = {
        name: first[name]
        for name in ("sku", "name", "url", "brand", "gtin", "mpn", "rating", "review_count")
        if name in first
    }
    given["name"] = words_of(given.get("name", ""))
    given["description"] = words_of(first.get("description", ""))
    given["images"] = addresses(known.get("images", []))
    given["highlights"] = [words_of(text) for text in entries(known.get("highlights", []))]
    category = first.get("category") or first.get("google_category", "")
    given["category"] = [] if category.isdecimal() else path(category)  # Google's own numbers
    if "availability" in first:
        said = plain(first["availability"])
        given["availability"] = AVAILABILITIES.get(said, first["availability"])
    if "condition" in first:
        given["condition"] = first["condition"].lower()
    prices, wrong = _prices(first)
    return given | prices, [*faults, *wrong]


def _prices(first: Mapping[str, str]) -> tuple[dict[str, Any], list[FieldFault]]:
    """Both prices in their one currency, and when the lower one counts."""
    given: dict[str, Any] = {}
    faults: list[FieldFault] = []
    currencies = {"currency": first["currency"].upper()} if "currency" in first else {}
    for field in ("price", "sale_price"):
        if field not in first:
            continue
        found = price(first[field])
        if found is None:
            message = f"{first[field]!r} is no price"
            faults.append(FieldFault(field, message, "Write it like 19.99 EUR."))
            continue
        given[field], currency = found
        if currency:
            currencies[field] = currency
    if len(set(currencies.values())) > 1:
        told = ", ".join(f"{field} is in {currency}" for field, currency in currencies.items())
        message = f"differs in its currency: {told}"
        faults.append(FieldFault([*currencies][-1], message, "Give all of them in one currency."))
    given["currency"] = next(iter(currencies.values()), None)
    if (given.get("price") or given.get("sale_price")) and not currencies:
        faults.append(FieldFault("price", "has no currency", "Write it like 19.99 EUR."))
    if "sale_dates" in first and "sale_price" in first:
        dates = period(first["sale_dates"])
        given["sale_from"], given["sale_until"] = dates or (None, None)
        if dates is None:
            message = f"{first['sale_dates'][:60]!r} is no period"
            fix = "Write it like 2026-02-01T00:00+0100/2026-03-01T00:00+0100."
            faults.append(FieldFault("sale_price_effective_date", message, fix))
    return given, faults


def _validated(model: type[Any], given: Mapping[str, Any], faults: list[FieldFault]) -> Any:
    try:
        made = model.model_validate({k: v for k, v in given.items() if v not in (None, "")})
    except ValidationError as error:
        for found in error.errors(include_url=False):
            name = str(found["loc"][0]) if found["loc"] else "row"
            if all(name != fault.field for fault in faults):
                faults.append(FieldFault(name, fault_of(found)))
        raise FaultyEntry(faults) from error
    if faults:
        raise FaultyEntry(faults)
    return made
