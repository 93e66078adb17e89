"""A product as the shop's own data describe it: the only source of what a page may say."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from pipeline_defs import policies
from pipeline_defs.domain.frozen import Frozen

Sku = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[\x21-\x7e]{1,64}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]  # ISO 4217
Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"']{1,1990}$")]
Availability = Literal["in_stock", "out_of_stock", "preorder", "backorder"]
Condition = Literal["new", "refurbished", "used"]


class Attribute(Frozen):
    """A named property in the shop's words: `Weight`, `1.9 kg`."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    value: Annotated[str, Field(min_length=1, max_length=300)]


class Product(Frozen):
    """One product of a feed. What the feed does not say is None or empty, never guessed.

    `category` is the path from the widest to the narrowest; prices are in `currency`,
    and `sale_price` counts from `sale_from` until `sale_until`.
    """

    sku: Sku
    name: Annotated[str, Field(min_length=1, max_length=150)]
    description: Annotated[str, Field(max_length=5000)] = ""
    brand: Annotated[str, Field(max_length=70)] = ""
    category: Annotated[tuple[Annotated[str, Field(max_length=80)], ...], Field(max_length=8)] = ()
    price: Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)] | None = None
    sale_price: Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)] | None = None
    sale_from: AwareDatetime | None = None
    sale_until: AwareDatetime | None = None
    currency: Currency | None = None
    availability: Availability | None = None
    condition: Condition = "new"
    gtin: Annotated[str, Field(pattern=r"^\d{8,14}$")] | None = None
    mpn: Annotated[str, Field(max_length=70)] | None = None
    url: Address | None = None
    images: Annotated[tuple[Address, ...], Field(max_length=policies.PRODUCT_IMAGES)] = ()
    rating: Annotated[Decimal, Field(ge=0, le=5)] | None = None
    review_count: Annotated[int, Field(ge=0)] | None = None
    highlights: Annotated[
        tuple[Annotated[str, Field(max_length=150)], ...],
        Field(max_length=policies.PRODUCT_HIGHLIGHTS),
    ] = ()
    attributes: Annotated[tuple[Attribute, ...], Field(max_length=40)] = ()

    @property
    def offer(self) -> Decimal | None:
        """What it costs today."""
        return self.sale_price if self.sale_price is not None else self.price

    def at(self, moment: datetime) -> Product:
        """The product as it is offered at a moment: without a lower price that does not count
        yet, or no longer, and without its dates."""
        early = self.sale_from is not None and moment < self.sale_from
        late = self.sale_until is not None and moment >= self.sale_until
        sale = None if early or late else self.sale_price
        return self.model_copy(update={"sale_price": sale, "sale_from": None, "sale_until": None})
