"""What stands in a page's head for search engines and for those who share its link."""

from __future__ import annotations

from pipeline_defs.domain.pages.view import PageView

# Open Graph says `property`, HTML says `name`.
PREFIXES = ("og:", "article:", "product:")


def meta(view: PageView) -> tuple[tuple[str, str], ...]:
    """(name or property, content) in the order of the head; only what is known."""
    found = [
        ("description", view.description),
        ("robots", "index, follow, max-image-preview:large"),
        ("og:type", _kind(view)),
        ("og:title", view.title),
        ("og:description", view.description),
        ("og:url", view.canonical or ""),
        ("og:site_name", view.site_name),
        ("og:locale", view.labels.locale),
        *_image(view),
        *_price(view),
    ]
    if view.as_of and view.page_type == "guide":
        found.append(("article:modified_time", view.as_of.isoformat()))
    return tuple((name, content) for name, content in found if content)


def attribute(name: str) -> str:
    """The attribute of a meta element that holds this name."""
    return "property" if name.startswith(PREFIXES) else "name"


def _kind(view: PageView) -> str:
    if view.page_type == "guide":
        return "article"
    return "product" if view.product is not None and view.product.offer else "website"


def _image(view: PageView) -> list[tuple[str, str]]:
    image = next((p.images[0] for p in view.products if p.images), None)
    if image is None:
        return [("twitter:card", "summary")]
    return [
        ("og:image", image.url),
        ("og:image:alt", image.alt),
        ("twitter:card", "summary_large_image"),
    ]


def _price(view: PageView) -> list[tuple[str, str]]:
    offer = view.product.offer if view.product is not None else None
    if offer is None:
        return []
    return [
        ("product:price:amount", f"{offer.amount.value:f}"),
        ("product:price:currency", offer.currency),
    ]
