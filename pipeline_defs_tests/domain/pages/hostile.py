"""Any facts and parts the models accept, with texts from the worst feeds: for hypothesis."""

from __future__ import annotations

from decimal import Decimal
from string import ascii_letters, digits

from hypothesis import strategies as st

from pipeline_defs.domain.languages import LANGUAGES
from pipeline_defs.domain.pages.components import PageComponents
from pipeline_defs.domain.pages.drafts import ComponentDraft, HeroDraft, Item
from pipeline_defs.domain.pages.facts import Link, PageFacts
from pipeline_defs.domain.pages.products import Attribute, Product
from pipeline_defs_tests.domain.pages.samples import XSS

URLS = (
    "https://shop.example/a?b=1&copy=2#<x>",
    "https://shop.example/zelt%zz|{}^`",
    "http://[::1/x",
    "https://user:secret@shop.example/",
    "https://größe.example/é?q=ü",
    "https://shop.example:99999/",
    "https://shop.example/" + "a" * 900,
    "http://a..b/",
)
BAD_LINKS = (*URLS, "javascript:alert(1)", " JaVaScRiPt:alert(1)", "data:text/html,x", "//x", "")


def text(most: int, least: int = 1) -> st.SearchStrategy[str]:
    """Any characters, and known attacks cut to length."""
    attacks = [attack[:most] for attack in XSS if len(attack[:most]) >= least]
    return st.one_of(st.sampled_from(attacks), st.text(min_size=least, max_size=min(most, 40)))


urls = st.sampled_from([url for url in URLS if not set(url) & set("<>\"' ")])
money = st.decimals(0, 9_999_999, places=2, allow_nan=False, allow_infinity=False)
products = st.builds(
    Product,
    sku=st.text(ascii_letters + digits + "<>\"'&/{}", min_size=1, max_size=12),
    name=text(150),
    description=text(200, 0),
    brand=text(70, 0),
    category=st.lists(text(80), max_size=3).map(tuple),
    price=st.none() | money,
    sale_price=st.none() | money,
    currency=st.sampled_from([None, "EUR", "USD", "JPY", "PLN", "CHF", "XXX"]),
    availability=st.sampled_from([None, "in_stock", "out_of_stock", "preorder", "backorder"]),
    condition=st.sampled_from(["new", "refurbished", "used"]),
    gtin=st.none() | st.text("0123456789", min_size=8, max_size=14),
    mpn=st.none() | text(70, 0),
    url=st.none() | urls,
    images=st.lists(urls, max_size=3).map(tuple),
    rating=st.none() | st.decimals(0, 5, places=2).map(Decimal),
    review_count=st.none() | st.integers(0, 5_000_000),
    highlights=st.lists(text(150, 0), max_size=3).map(tuple),
    attributes=st.lists(st.builds(Attribute, name=text(80), value=text(300)), max_size=5).map(
        tuple
    ),
)
facts = st.builds(
    PageFacts,
    page_type=st.sampled_from(["product", "category", "brand", "guide"]),
    target_url=st.sampled_from(
        ["https://shop.example/", "https://shop.example/tents?a=1&b=2", *URLS, "javascript:x"]
    ),
    language=st.sampled_from(list(LANGUAGES)),
    site_name=text(80, 0),
    subject=text(150),
    keywords=st.lists(text(80), max_size=2).map(tuple),
    products=st.lists(products, max_size=4).map(tuple),
    links=st.lists(
        st.builds(Link, url=st.sampled_from(BAD_LINKS), title=text(80, 0)), max_size=4
    ).map(tuple),
)
items = st.builds(Item, title=text(160), text=text(900))
drafts = st.builds(
    ComponentDraft,
    heading=text(120),
    opening=text(900, 0),
    items=st.lists(items, min_size=1, max_size=3).map(tuple),
)
heroes = st.builds(
    HeroDraft,
    title=text(120),
    description=text(300),
    headline=text(120),
    paragraphs=st.lists(text(900), min_size=1, max_size=2).map(tuple),
)
components = st.builds(
    PageComponents,
    hero=heroes,
    parts=st.lists(
        st.tuples(st.sampled_from(["benefits", "comparison", "faq", "buying_guide"]), drafts),
        max_size=4,
        unique_by=lambda part: part[0],
    ).map(tuple),
)
