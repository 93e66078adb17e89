"""From the fields of a product feed to products: Google Merchant's names and plain ones.

What a feed says beyond the fields we know becomes a named attribute, so that pages may state it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import nh3
from pydantic import ValidationError

from pipeline_defs.domain.field_errors import fault_of
from pipeline_defs.domain.pages.facts import KeywordFigures
from pipeline_defs.domain.pages.products import Product

Values = Mapping[str, list[str]]  # field -> what it says, in order
PRICE = re.compile(r"^\s*(?:([A-Z]{3})\s*)?([0-9][0-9.,' ]*)\s*([A-Z]{3})?\s*$")
LIST_SEPARATOR = re.compile(r"\s*[|;\n]\s*")
PATH_SEPARATOR = re.compile(r"\s*[>/]\s*")
NAMES: Mapping[str, tuple[str, ...]] = {
    "sku": ("id", "sku", "itemnumber", "articlenumber", "productid"),
    "name": ("title", "name", "productname"),
    "description": ("description", "desc"),
    "url": ("link", "url", "producturl"),
    "images": ("imagelink", "image", "imageurl", "images", "additionalimagelink"),
    "availability": ("availability", "stock"),
    "price": ("price",),
    "sale_price": ("saleprice",),
    "currency": ("currency",),
    "brand": ("brand", "manufacturer"),
    "gtin": ("gtin", "ean", "upc", "barcode"),
    "mpn": ("mpn",),
    "condition": ("condition",),
    "category": ("producttype", "category", "categories", "googleproductcategory"),
    "highlights": ("producthighlight", "highlights", "highlight"),
    "rating": ("rating", "averagerating"),
    "review_count": ("reviewcount", "reviews"),
    "detail": ("productdetail",),
}
FIELD_OF = {alias: field for field, aliases in NAMES.items() for alias in aliases}
LEFT_OUT = frozenset({"shipping", "tax", "identifierexists", "adult", "itemgroupid"})
AVAILABILITIES = {
    "instock": "in_stock", "available": "in_stock", "yes": "in_stock", "limited": "in_stock",
    "outofstock": "out_of_stock", "no": "out_of_stock", "soldout": "out_of_stock",
    "preorder": "preorder", "backorder": "backorder",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldFault:
    """What is wrong with a field of a product."""

    field: str
    message: str
    fix: str | None = None


class FaultyProduct(ValueError):
    """A product that cannot be used; every faulty field is named."""

    def __init__(self, faults: Iterable[FieldFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{f.field} {f.message}" for f in self.faults))


def field_of(heading: str) -> str | None:
    """The field a heading stands for; None for an attribute of its own."""
    return FIELD_OF.get(_plain(heading))


def product_of(values: Values) -> Product:
    """The product that headings and their values describe. Raises FaultyProduct."""
    known: dict[str, list[str]] = {}
    attributes: list[dict[str, str]] = []
    for heading, said in values.items():
        told = [text.strip() for text in said if text.strip()]
        field = field_of(heading)
        if field == "detail":
            attributes += [_detail(text) for line in told for text in LIST_SEPARATOR.split(line)]
        elif field is not None:
            known.setdefault(field, []).extend(told)
        elif told and _plain(heading) not in LEFT_OUT:
            attributes.append({"name": _words(heading), "value": ", ".join(told)})
    given, faults = _fields(known)
    given["attributes"] = [a for a in attributes if a["value"]]
    return _validated(Product, given, faults)


def figures_of(values: Values) -> KeywordFigures:
    """What a row says of a search term. Raises FaultyProduct."""
    said = {_plain(heading): " ".join(told).strip() for heading, told in values.items()}
    number = next(
        (said[name] for name in ("monthlysearches", "volume", "searchvolume") if said.get(name)),
        "",
    )
    difficulty = said.get("difficulty") or said.get("kd") or ""
    given: dict[str, Any] = {
        "keyword": said.get("keyword") or said.get("query") or "",
        "monthly_searches": _whole(number),
        "difficulty": _whole(difficulty),
        "related": tuple(t for t in LIST_SEPARATOR.split(said.get("related", "")) if t),
    }
    if not given["keyword"]:
        raise FaultyProduct([FieldFault("keyword", "must not be empty", "Add the search term.")])
    return _validated(KeywordFigures, given, [])


def _fields(known: Mapping[str, list[str]]) -> tuple[dict[str, Any], list[FieldFault]]:
    faults: list[FieldFault] = []
    first = {field: said[0] for field, said in known.items() if said}
    given: dict[str, Any] = {
        name: first[name]
        for name in ("sku", "name", "url", "brand", "gtin", "mpn", "rating", "review_count")
        if name in first
    }
    given["name"] = _words_of(given.get("name", ""))
    given["description"] = _words_of(first.get("description", ""))
    given["images"] = [u for said in known.get("images", []) for u in re.split(r"[\s,|]+", said)]
    given["highlights"] = [
        _words_of(h) for said in known.get("highlights", []) for h in LIST_SEPARATOR.split(said)
    ]
    if path := known.get("category"):
        given["category"] = [_words_of(part) for part in PATH_SEPARATOR.split(path[0]) if part]
    if "availability" in first:
        said = _plain(first["availability"])
        given["availability"] = AVAILABILITIES.get(said, first["availability"])
    if "condition" in first:
        given["condition"] = first["condition"].lower()
    currency = first.get("currency")
    for field in ("price", "sale_price"):
        if field not in first:
            continue
        amount, unit = _price(first[field])
        if amount is None:
            faults.append(
                FieldFault(field, f"{first[field]!r} is no price", "Write it like 19.99 EUR.")
            )
        given[field], currency = amount, unit or currency
    given["currency"] = currency
    if (given.get("price") or given.get("sale_price")) and not currency:
        faults.append(FieldFault("price", "has no currency", "Write it like 19.99 EUR."))
    return given, faults


def _validated(model: type[Any], given: Mapping[str, Any], faults: list[FieldFault]) -> Any:
    try:
        made = model.model_validate({k: v for k, v in given.items() if v not in (None, "")})
    except ValidationError as error:
        for found in error.errors(include_url=False):
            name = str(found["loc"][0]) if found["loc"] else "row"
            if all(name != fault.field for fault in faults):
                faults.append(FieldFault(name, fault_of(found)))
        raise FaultyProduct(faults) from error
    if faults:
        raise FaultyProduct(faults)
    return made


def _price(text: str) -> tuple[Decimal | None, str | None]:
    match = PRICE.match(text.upper())
    if match is None:
        return None, None
    number = re.sub("[' ]", "", match[2])
    if "," in number and "." in number:  # the later one parts the cents
        thousands = "," if number.rindex(".") > number.rindex(",") else "."
        number = number.replace(thousands, "")
    number = number.replace(",", ".")
    try:
        return Decimal(number), match[3] or match[1]
    except InvalidOperation:
        return None, None


def _whole(text: str) -> int | None:
    digits = re.sub(r"[.,' ](?=\d{3}\b)", "", text)
    return int(float(digits)) if re.fullmatch(r"\d{1,12}(?:\.\d+)?", digits) else None


def _detail(text: str) -> dict[str, str]:
    """`section:name:value` or `name:value`."""
    *before, value = (part.strip() for part in text.rsplit(":", 1))
    return {"name": before[0].rpartition(":")[2].strip() if before else "Detail", "value": value}


def _words_of(text: str) -> str:
    """A text without markup, on one line."""
    return " ".join(html.unescape(nh3.clean(text, tags=set())).split())


def _words(heading: str) -> str:
    """A heading for people: `packed_size` is `Packed size`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading).replace("_", " ").replace("-", " ")
    text = " ".join(spaced.split())
    return text[:1].upper() + text[1:]


def _plain(heading: str) -> str:
    return re.sub("[^a-z]", "", heading.lower().rpartition(":")[2])
