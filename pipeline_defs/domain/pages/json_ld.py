"""The page's structured data (schema.org) from what it shows, by the rules search engines publish.

A Product stands here only with an offer or a rating; one without is named in the list or described
by its page alone. Nothing is stated that the page does not show.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipeline_defs.domain.pages.products import Availability, Condition
from pipeline_defs.domain.pages.requests import PageType
from pipeline_defs.domain.pages.view import Offer, PageView, ProductView, Rating

SCHEMA = "https://schema.org"
AVAILABILITIES: Mapping[Availability, str] = {
    "in_stock": f"{SCHEMA}/InStock",
    "out_of_stock": f"{SCHEMA}/OutOfStock",
    "preorder": f"{SCHEMA}/PreOrder",
    "backorder": f"{SCHEMA}/BackOrder",
}
CONDITIONS: Mapping[Condition, str] = {
    "new": f"{SCHEMA}/NewCondition",
    "refurbished": f"{SCHEMA}/RefurbishedCondition",
    "used": f"{SCHEMA}/UsedCondition",
}
PAGES: Mapping[PageType, str] = {
    "product": "ItemPage",
    "category": "CollectionPage",
    "brand": "CollectionPage",
    "guide": "WebPage",
}
HEADLINE_CHARS = 110  # of an article
BEST, WORST = 5, 1
Node = dict[str, Any]
# What would end the script element or a line of JavaScript, written so that JSON reads the same.
ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def structured_data(view: PageView) -> Node:
    """One graph: the page, its way from home, products, questions, and a guide's article."""
    nodes = [_page(view)]
    if view.product is not None and can_be_product(view.product):
        nodes.append(product_node(view.product) | _id(view, "product") | _described(view))
    if len(view.crumbs) > 1:
        nodes.append(_breadcrumbs(view))
    if "faq" in view.parts:
        nodes.append(_questions(view))
    if view.page_type == "guide":
        nodes.append(_article(view))
    return {"@context": SCHEMA, "@graph": nodes}


def script_text(data: Node) -> str:
    """JSON that can stand in a script element: no text in it can end the element."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)


def can_be_product(product: ProductView) -> bool:
    """Search engines refuse a Product without an offer, a rating or a review."""
    return product.offer is not None or product.rating is not None


def product_node(product: ProductView) -> Node:
    """A Product; only for one that can be."""
    node: Node = {"@type": "Product", "name": product.name, "sku": product.sku}
    if product.images:
        node["image"] = [image.url for image in product.images]
    if product.brand:
        node["brand"] = {"@type": "Brand", "name": product.brand}
    if product.category:
        node["category"] = " > ".join(product.category)
    if product.url:
        node["url"] = product.url
    if product.gtin and is_gtin(product.gtin):
        node["gtin"] = product.gtin
    if product.mpn:
        node["mpn"] = product.mpn
    if product.offer:
        node["offers"] = _offer(product, product.offer)
    if product.rating:
        node["aggregateRating"] = _rating(product.rating)
    return node


def is_gtin(digits: str) -> bool:
    """Whether it is of a length GS1 assigns and its last digit is the check digit of the others."""
    if len(digits) not in (8, 12, 13, 14) or not digits.isdecimal():
        return False
    weighted = sum(
        int(digit) * (3 if position % 2 else 1) for position, digit in enumerate(reversed(digits))
    )
    return weighted % 10 == 0


def _offer(product: ProductView, offer: Offer) -> Node:
    node: Node = {
        "@type": "Offer",
        "price": f"{offer.amount.value:f}",
        "priceCurrency": offer.currency,
        "itemCondition": CONDITIONS[product.condition],
    }
    if product.availability:
        node["availability"] = AVAILABILITIES[product.availability]
    if product.url:
        node["url"] = product.url
    return node


def _rating(rating: Rating) -> Node:
    return {
        "@type": "AggregateRating",
        "ratingValue": f"{rating.value.value:f}",
        "reviewCount": int(rating.count.value),
        "bestRating": BEST,
        "worstRating": WORST,
    }


def _page(view: PageView) -> Node:
    node: Node = {
        "@type": PAGES[view.page_type],
        **_id(view, "page"),
        "name": view.title,
        **_described(view),
        "inLanguage": view.language,
    }
    if view.canonical and view.home:
        node["url"] = view.canonical
        node["isPartOf"] = {"@type": "WebSite", "name": view.site_name, "url": view.home}
        if len(view.crumbs) > 1:
            node["breadcrumb"] = _id(view, "breadcrumbs")
    if view.products and view.products[0].images:
        node["primaryImageOfPage"] = {
            "@type": "ImageObject",
            "url": view.products[0].images[0].url,
        }
    if view.page_type == "brand":
        node["about"] = {"@type": "Brand", "name": view.subject}
    if view.as_of:
        node["dateModified"] = view.as_of.isoformat()
    if view.product is not None:
        if can_be_product(view.product) and view.canonical:
            node["mainEntity"] = _id(view, "product")
    elif view.products:
        node["mainEntity"] = _product_list(view)
    return node


def _product_list(view: PageView) -> Node:
    return {
        "@type": "ItemList",
        "name": view.subject,
        "numberOfItems": len(view.products),
        "itemListElement": [
            _list_item(position, product) for position, product in enumerate(view.products, start=1)
        ],
    }


def _list_item(position: int, product: ProductView) -> Node:
    item: Node = {"@type": "ListItem", "position": position}
    if can_be_product(product):
        return item | {"item": product_node(product)}
    return item | {"name": product.name} | ({"url": product.url} if product.url else {})


def _breadcrumbs(view: PageView) -> Node:
    return {
        "@type": "BreadcrumbList",
        **_id(view, "breadcrumbs"),
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": crumb.name, "item": crumb.url}
            for position, crumb in enumerate(view.crumbs, start=1)
        ],
    }


def _questions(view: PageView) -> Node:
    return {
        "@type": "FAQPage",
        **_id(view, "faq"),
        "inLanguage": view.language,
        "mainEntity": [
            {
                "@type": "Question",
                "name": question,
                "acceptedAnswer": {"@type": "Answer", "text": answer},
            }
            for question, answer in view.parts["faq"].items
        ],
    }


def _article(view: PageView) -> Node:
    publisher: Node = {"@type": "Organization", "name": view.site_name}
    if view.home:
        publisher["url"] = view.home
    node: Node = {
        "@type": "Article",
        **_id(view, "article"),
        "headline": view.headline[:HEADLINE_CHARS],
        **_described(view),
        "inLanguage": view.language,
        "author": publisher,
        "publisher": publisher,
    }
    if view.canonical:
        node["mainEntityOfPage"] = _id(view, "page")
    if view.as_of:
        node["dateModified"] = view.as_of.isoformat()
    images = [product.images[0].url for product in view.products if product.images]
    if images:
        node["image"] = images[:1]
    return node


def _described(view: PageView) -> Node:
    return {"description": view.description} if view.description else {}


def _id(view: PageView, name: str) -> Node:
    return {"@id": f"{view.canonical}#{name}"} if view.canonical else {}
