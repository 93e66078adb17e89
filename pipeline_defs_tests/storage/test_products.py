"""The products a page is about, as they are offered at the time it is made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pipeline_defs.domain.pages.requests import PageRequest
from pipeline_defs.storage import products
from pipeline_defs_tests.paging import product_page


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
    (found,) = await products.of_page(nothing_stored, PageRequest.model_validate(page))
    assert found.offer == Decimal(offer)
    assert found.sale_until is None
