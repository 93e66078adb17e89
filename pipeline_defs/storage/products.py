"""What an organization's shop knows: products and search figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from psycopg.types.json import Jsonb

from pipeline_defs import policies
from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.pages.facts import KeywordFigures
from pipeline_defs.domain.pages.models import KIND
from pipeline_defs.domain.pages.products import Product
from pipeline_defs.domain.pages.requests import PageRequest
from pipeline_defs.domain.versions import version_of
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Transaction


async def import_products(
    tx: Transaction, feed: Sequence[Product], actor: str, *, replace: bool
) -> None:
    """Store a feed; with `replace`, what it does not name is removed."""
    await tx.run(
        "products.put",
        skus=[product.sku for product in feed],
        products=[Jsonb(product.model_dump(mode="json")) for product in feed],
        positions=list(range(len(feed))),
        versions=[version_of(product) for product in feed],
    )
    if replace:
        await tx.run("products.remove_others", skus=[product.sku for product in feed])
    await tx.run("wanting.look_at_again", kind=KIND)
    await units.audit(tx, actor, "products.imported", None, products=len(feed), replace=replace)


async def import_figures(
    tx: Transaction, figures: Sequence[KeywordFigures], language: Language, actor: str
) -> None:
    """Store what is known of search terms."""
    await tx.run(
        "products.put_figures",
        language=language,
        keywords=[entry.keyword.lower() for entry in figures],
        figures=[Jsonb(entry.model_dump(mode="json")) for entry in figures],
    )
    await tx.run("wanting.look_at_again", kind=KIND)
    await units.audit(tx, actor, "keywords.imported", None, keywords=len(figures))


async def of_page(
    tx: Transaction, request: PageRequest, asked_at: datetime
) -> tuple[tuple[Product, ...], datetime | None]:
    """The products a page is about as they are offered now, the first ones first, and when the
    shop said so: of the one that was imported longest ago, or `asked_at` of one that the request
    brought along."""
    about, now = request.metadata, datetime.now(UTC)
    if about.product is not None:
        return (about.product.at(now),), asked_at
    named = bool(about.skus or about.category or about.brand)
    rows = await tx.all(
        "products.of_page",
        skus=about.skus,
        category=about.category,
        brand=about.brand,
        url=request.target_url,
        keywords=[*request.keywords, *([about.topic] if about.topic else [])],
        open=not named,
        most=1 if request.page_type == "product" else policies.PAGE_PRODUCTS_SHOWN,
    )
    found = tuple(Product.model_validate(row["product"]).at(now) for row in rows)
    return found, min((row["imported_at"] for row in rows), default=None)


async def unknown_of(tx: Transaction, request: PageRequest) -> tuple[str, ...]:
    """SKUs a page names that the shop does not have, in their order; a product that was brought
    along needs none."""
    about = request.metadata
    if about.product is not None or not about.skus:
        return ()
    known = {row["sku"] for row in await tx.all("products.known", skus=about.skus)}
    return tuple(sku for sku in about.skus if sku not in known)


async def figures_of(tx: Transaction, request: PageRequest) -> tuple[KeywordFigures, ...]:
    """What was imported about the page's keywords."""
    rows = await tx.all(
        "products.figures",
        language=request.language,
        keywords=[keyword.lower() for keyword in request.keywords],
    )
    return tuple(KeywordFigures.model_validate(row["figures"]) for row in rows)


async def counts(tx: Transaction) -> dict[str, Any]:
    """How much is known."""
    return {
        **(await tx.one("products.count") or {}),
        **(await tx.one("products.count_figures") or {}),
    }
