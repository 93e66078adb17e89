"""The demo shop holds together: products, figures, pages, pictures."""

from __future__ import annotations

import io
from collections import Counter

from PIL import Image

from pipeline_defs.local.shop import catalogue
from pipeline_defs.local.shop.pictures import SIDE, picture
from pipeline_defs.runtime.batch_files import read_batch
from pipeline_defs.runtime.shop_files import read_keywords


def test_there_are_at_least_sixty_products_with_plenty_of_facts() -> None:
    found = catalogue.products().values()
    assert len(found) >= 60
    assert min(Counter(product.category[-1] for product in found).values()) >= 8
    assert all(len(product.attributes) >= 7 and product.price for product in found)
    assert len({product.description for product in found}) == len(found)
    rated = [product for product in found if product.rating is not None]
    assert 0 < len(rated) < len(found)
    assert all(product.review_count for product in rated)


def test_every_gtin_has_the_right_check_digit() -> None:
    for product in catalogue.products().values():
        digits = [int(digit) for digit in product.gtin or ""]
        weighted = sum(digit * (3 if n % 2 else 1) for n, digit in enumerate(digits[:-1]))
        assert (weighted + digits[-1]) % 10 == 0, product.sku


def test_the_twelve_pages_name_products_the_shop_has() -> None:
    reading = read_batch(catalogue.pages_csv(), "pages.csv")
    assert reading.errors == ()
    assert len(reading.requests) == 12
    assert {request.page_type for request in reading.requests} == {
        "category", "product", "brand", "guide",
    }  # fmt: skip
    products = catalogue.products()
    categories = {part for product in products.values() for part in product.category}
    brands = {product.brand for product in products.values()}
    for request in reading.requests:
        about = request.metadata
        assert set(about.skus) <= set(products)
        assert about.category is None or about.category in categories
        assert about.brand is None or about.brand in brands


def test_search_figures_are_known_for_the_pages_keywords() -> None:
    figures = read_keywords(catalogue.keywords_csv(), "keywords.csv")
    assert figures.errors == ()
    assert len(figures.figures) >= 60
    assert all(entry.monthly_searches for entry in figures.figures)


def test_each_product_has_a_picture_of_its_own() -> None:
    pictures = {sku: picture(sku) for sku in list(catalogue.products())[::7]}
    for data in pictures.values():
        with Image.open(io.BytesIO(data or b"")) as image:
            assert image.size == (SIDE, SIDE)
    assert len(set(pictures.values())) == len(pictures)
    assert picture("../secret") is None
