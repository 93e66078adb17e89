"""The words a page needs that are not about its products: one object per language.

Every field is required, so a language in which one is missing does not even load. Sentences carry
their figures after a colon, as words that agree with a number differ from language to language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline_defs.domain.pages.products import Availability, Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """`locale` is the language with its leading region, as Open Graph wants it.

    `as_of` has a place for a date, `rated` for a rating and a count, the captions for a name.
    """

    locale: str
    # finding one's way
    skip_to_content: str
    home: str
    breadcrumbs: str
    contents: str
    # headings
    products: str
    specifications: str
    comparison: str
    related: str
    # names of facts
    feature: str
    brand: str
    brands: str
    category: str
    price: str
    prices: str
    earlier_price: str
    availability: str
    condition: str
    rating: str
    item_number: str
    gtin: str
    manufacturer_number: str
    # their values
    availabilities: Mapping[Availability, str]
    conditions: Mapping[Condition, str]
    rated: str
    not_stated: str
    # the rest
    view: str
    specifications_of: str
    comparison_of: str
    as_of: str
    months: tuple[str, ...]
    date: str
