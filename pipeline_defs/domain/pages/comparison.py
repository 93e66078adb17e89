"""The table that sets products side by side: what they share the name of and differ in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline_defs import policies
from pipeline_defs.domain.pages.plain_text import plain
from pipeline_defs.domain.pages.products import Product


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One attribute with its value of each product, None where the data do not tell it."""

    name: str
    values: tuple[str | None, ...]


def compared_rows(products: Sequence[Product]) -> tuple[ComparedRow, ...]:
    """Attributes that at least half of the products (and two) name and that are not all alike.

    Those that most products name come first, then in the shop's order.
    """
    told = [attributes_of(product) for product in products]
    known = Counter(key for attributes in told for key in attributes)
    least = max(2, (len(products) + 1) // 2)
    rows: list[tuple[int, ComparedRow]] = []
    for key, times in known.items():
        values = tuple(t[key][1] if key in t else None for t in told)
        if times >= least and len({v.casefold() if v else v for v in values}) > 1:
            name = next(t[key][0] for t in told if key in t)
            rows.append((times, ComparedRow(name, values)))
    rows.sort(key=lambda row: -row[0])
    return tuple(row for _, row in rows[: policies.PAGE_COMPARED_ATTRIBUTES])


def attributes_of(product: Product) -> dict[str, tuple[str, str]]:
    """`{name in lower case: (name, value)}`; of a name that comes twice the first counts."""
    found: dict[str, tuple[str, str]] = {}
    for attribute in product.attributes:
        name, value = plain(attribute.name), plain(attribute.value)
        if name and value:
            found.setdefault(name.casefold(), (name, value))
    return found
