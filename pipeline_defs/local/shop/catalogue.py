"""The demo shop: an outdoor outfitter with 64 products, search figures and twelve pages to make."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from pipeline_defs.domain.pages.products import Product

NAME = "Fernhill Outdoor"
PICTURES = "{images}"  # in the feed, for the address the pictures are served at


def products_csv(pictures_url: str) -> bytes:
    """The product feed, its pictures at this address."""
    return _read("products.csv").replace(PICTURES, pictures_url.rstrip("/")).encode()


def keywords_csv() -> bytes:
    """Search figures."""
    return _read("keywords.csv").encode()


def pages_csv() -> bytes:
    """Twelve pages of every type."""
    return _read("pages.csv").encode()


@cache
def products() -> dict[str, Product]:
    """The products by SKU, without pictures."""
    from pipeline_defs.runtime.shop_files import read_products

    found = read_products(products_csv("http://localhost"), "products.csv")
    return {product.sku: product for product in found.products}


def _read(name: str) -> str:
    return files(__package__ or "").joinpath(name).read_text("utf-8")
