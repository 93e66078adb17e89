"""The products a page is about: as they are offered when it is made, and how old that is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pipeline_defs.domain.pages import recipe
from pipeline_defs.domain.pages.models import PAGE_CONTEXT, Page
from pipeline_defs.domain.pages.products import Product
from pipeline_defs.domain.pages.requests import PageRequest
from pipeline_defs.storage import pages, products
from pipeline_defs.storage.database import Database
from pipeline_defs_tests.paging import product, product_page

AN_HOUR = timedelta(hours=1)


async def imported(db: Database, *numbers: int) -> None:
    """A feed with these products comes from the shop."""
    feed = [Product.model_validate({**product(n), "category": ["Tents"]}) for n in numbers]
    await db.transact("acme", lambda tx: products.import_products(tx, feed, "test", replace=False))


async def page_of(db: Database, **about: Any) -> Page:
    request = PageRequest.model_validate(
        {"page_type": "category", "target_url": "https://shop.example/tents", "metadata": about}
    )
    page_id = await db.transact("acme", lambda tx: pages.create(tx, request, "test"))
    return await db.transact("acme", lambda tx: pages.required(tx, page_id))


async def test_the_product_imported_longest_ago_says_how_old_prices_are(db: Database) -> None:
    await imported(db, 1)
    first = (await page_of(db, category="Tents")).as_of
    assert first is not None
    await imported(db, 2)
    both = await page_of(db, category="Tents")
    assert (len(both.products), both.as_of) == (2, first)
    await imported(db, 1, 2)
    later = (await page_of(db, category="Tents")).as_of
    assert later is not None
    assert later > first


async def test_a_feed_that_says_the_same_again_turns_nothing_stale(db: Database) -> None:
    await imported(db, 1, 2)
    before = await page_of(db, category="Tents")
    await imported(db, 1, 2)
    after = await db.transact("acme", lambda tx: pages.required(tx, before.id))
    assert after.as_of != before.as_of
    assert recipe.inputs_of(after, PAGE_CONTEXT) == recipe.inputs_of(before, PAGE_CONTEXT)


async def test_a_product_that_was_brought_along_is_of_the_moment_it_was_sent(db: Database) -> None:
    page = await page_of(db, product=product(3))
    assert page.as_of is not None
    assert abs(datetime.now(UTC) - page.as_of) < AN_HOUR


async def test_a_page_without_products_has_prices_of_no_moment(db: Database) -> None:
    assert (await page_of(db, category="Boats")).as_of is None


@pytest.mark.parametrize(("begins", "ends", "offer"), [(-2, -1, "20"), (-1, 1, "15"), (1, 2, "20")])
async def test_a_lower_price_is_told_only_while_it_counts(
    begins: int, ends: int, offer: str
) -> None:
    page, now = product_page(1), datetime.now(UTC)
    page["metadata"]["product"] |= {
        "price": "20",
        "sale_price": "15",
        "sale_from": (now + timedelta(days=begins)).isoformat(),
        "sale_until": (now + timedelta(days=ends)).isoformat(),
    }
    nothing_stored: Any = None  # the request brings its product along
    request = PageRequest.model_validate(page)
    (found,), _ = await products.of_page(nothing_stored, request, now)
    assert found.offer == Decimal(offer)
    assert found.sale_until is None
