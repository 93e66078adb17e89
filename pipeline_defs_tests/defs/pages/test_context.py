"""The first stages of a page: what its request names is there, and what is shown of it."""

from __future__ import annotations

import pytest

from pipeline_defs import policies
from pipeline_defs.defs.pages.context import gather_context, validate_request
from pipeline_defs.defs.pages.making import Making
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.pages import recipe
from pipeline_defs_tests.defs.pages.conftest import Shop
from pipeline_defs_tests.paging import product

SHOWN = policies.PAGE_PRODUCTS_SHOWN


def skus(*numbers: int) -> dict[str, list[str]]:
    return {"skus": [product(n)["sku"] for n in numbers]}


async def remarks(making: Making) -> tuple[str, ...]:
    await validate_request(making)
    await gather_context(making)
    context = making.page.context
    assert context is not None
    return context.remarks


async def test_a_page_may_name_more_products_than_it_shows_and_says_so(shop: Shop) -> None:
    most = policies.PAGE_MAX_PRODUCTS
    await shop.imports(range(most))
    for named in (SHOWN + 1, most):
        making = await shop.page(metadata=skus(*range(named)))
        assert await remarks(making) == (
            f"The request names {named} products: the page shows the first {SHOWN}.",
        )
        assert len(making.page.products) == SHOWN


async def test_a_product_page_that_names_two_products_shows_the_first(shop: Shop) -> None:
    await shop.imports([1, 2])
    making = await shop.page("product", metadata=skus(2, 1))
    assert await remarks(making) == ("The request names 2 products: the page shows the first one.",)
    assert [shown.sku for shown in making.page.products] == skus(2)["skus"]


async def test_a_page_that_shows_all_it_names_has_no_remark(shop: Shop) -> None:
    await shop.imports([1, 2])
    assert await remarks(await shop.page(metadata=skus(1, 2, 1))) == ()
    brought = {**skus(1, 2), "product": product(3)}
    assert await remarks(await shop.page("product", metadata=brought)) == ()


async def test_a_product_that_is_not_in_the_feed_is_named_wherever_it_stands(shop: Shop) -> None:
    await shop.imports(range(SHOWN + 1))
    making = await shop.page(metadata=skus(*range(SHOWN + 1), 99))
    with pytest.raises(Permanent) as caught:
        await validate_request(making)
    assert caught.value.code == "UNKNOWN_PRODUCT"
    assert "SKU-00099" in caught.value.message
    assert "SKU-00012" not in caught.value.message


async def test_a_page_that_is_about_a_keyword_keeps_its_capitals(shop: Shop) -> None:
    making = await shop.page("guide", keywords=["light GPS watches"])
    assert recipe.subject_of(making.page) == "Light GPS watches"
