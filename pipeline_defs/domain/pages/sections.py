"""Which sections a page has, in their order, and what each is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pipeline_defs.domain.pages.labels.model import Labels
from pipeline_defs.domain.pages.requests import PageType
from pipeline_defs.domain.pages.view import PageView, ProductView, Row

SectionName = Literal[
    "products", "benefits", "specifications", "comparison", "buying_guide", "faq", "related"
]
ORDER: Mapping[PageType, tuple[SectionName, ...]] = {
    "product": ("benefits", "specifications", "comparison", "buying_guide", "faq", "related"),
    "category": ("products", "benefits", "comparison", "buying_guide", "faq", "related"),
    "brand": ("benefits", "products", "comparison", "buying_guide", "faq", "related"),
    "guide": ("buying_guide", "benefits", "comparison", "products", "faq", "related"),
}


@dataclass(frozen=True, slots=True)
class Section:
    """`anchor` is its id in the document."""

    name: SectionName
    heading: str

    @property
    def anchor(self) -> str:
        return self.name.replace("_", "-")


def sections(view: PageView) -> tuple[Section, ...]:
    """The sections that have something to show."""
    headings = _headings(view)
    return tuple(
        Section(name, heading) for name in ORDER[view.page_type] if (heading := headings.get(name))
    )


def _headings(view: PageView) -> dict[SectionName, str]:
    found: dict[SectionName, str] = {name: part.heading for name, part in view.parts.items()}
    labels = view.labels
    if view.product is not None:
        found["specifications"] = labels.specifications
    elif view.products:
        found["products"] = labels.products
    if view.rows:
        found.setdefault("comparison", labels.comparison)
    if view.links:
        found["related"] = labels.related
    return found


def specifications(product: ProductView, labels: Labels) -> tuple[Row, ...]:
    """The table of a product's facts: what its data name, then by what it is told apart."""
    named = {row.name.casefold() for row in product.attributes}
    ours = (
        Row(labels.brand, product.brand),
        Row(labels.category, " › ".join(product.category)),
        Row(labels.condition, labels.conditions[product.condition]),
        Row(labels.manufacturer_number, product.mpn or ""),
        Row(labels.gtin, product.gtin or ""),
        Row(labels.item_number, product.sku),
    )
    return (
        *product.attributes,
        *(row for row in ours if row.value and row.name.casefold() not in named),
    )
