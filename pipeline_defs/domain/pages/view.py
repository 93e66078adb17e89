"""What a page shows, ready to be written: HTML, JSON-LD and meta are made from this alone.

Every word is plain, every address is safe, every figure stands here both as it is and as it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pipeline_defs import policies
from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.pages import formatting
from pipeline_defs.domain.pages.addresses import host_of, page_of, root_of, web_address
from pipeline_defs.domain.pages.comparison import ComparedRow, attributes_of, compared_rows
from pipeline_defs.domain.pages.components import PageComponents
from pipeline_defs.domain.pages.drafts import ComponentDraft, ComponentName
from pipeline_defs.domain.pages.facts import Link, PageFacts
from pipeline_defs.domain.pages.labels.catalogue import LABELS
from pipeline_defs.domain.pages.labels.model import Labels
from pipeline_defs.domain.pages.plain_text import plain
from pipeline_defs.domain.pages.products import Availability, Condition, Product
from pipeline_defs.domain.pages.requests import PageType


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with the text it is shown by."""

    value: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What a product costs today; `earlier` is a higher price it had before."""

    amount: Figure
    currency: str
    earlier: Figure | None


@dataclass(frozen=True, slots=True)
class Rating:
    """The mean of `count` reviews, from 1 to 5."""

    value: Figure
    count: Figure
    text: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture and what it shows, for those who do not see it."""

    url: str
    alt: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table of facts."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product as it is shown; what its data do not say is None or empty."""

    anchor: str
    sku: str
    name: str
    brand: str
    category: tuple[str, ...]
    offer: Offer | None
    availability: Availability | None
    condition: Condition
    rating: Rating | None
    url: str | None
    images: tuple[Image, ...]
    highlights: tuple[str, ...]
    attributes: tuple[Row, ...]
    gtin: str | None
    mpn: str | None

    @property
    def can_be_bought(self) -> bool:
        """Whether there is something to say to those who want it."""
        return any((self.offer, self.availability, self.rating, self.url))


@dataclass(frozen=True, slots=True)
class Part:
    """A written part; the items are (title, text)."""

    heading: str
    opening: str
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step of the way from the first page of the site to this one."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class PageView:
    """Everything a page shows."""

    page_type: PageType
    language: Language
    labels: Labels
    site_name: str
    canonical: str | None
    home: str | None
    subject: str
    title: str
    description: str
    headline: str
    paragraphs: tuple[str, ...]
    crumbs: tuple[Crumb, ...]
    products: tuple[ProductView, ...]
    compared: tuple[ProductView, ...]
    rows: tuple[ComparedRow, ...]
    parts: dict[ComponentName, Part]
    links: tuple[Crumb, ...]
    as_of: date | None

    @property
    def product(self) -> ProductView | None:
        """The subject of a product's page."""
        return self.products[0] if self.page_type == "product" and self.products else None

    @property
    def cheapest_and_dearest(self) -> tuple[ProductView, ProductView] | None:
        """Of several products with a price, where all prices are in one currency."""
        priced = [(p.offer.amount.value, p) for p in self.products if p.offer is not None]
        currencies = {p.offer.currency for _, p in priced if p.offer is not None}
        if len(priced) < 2 or len(currencies) > 1:
            return None
        priced.sort(key=lambda entry: entry[0])
        return priced[0][1], priced[-1][1]

    @property
    def brands(self) -> tuple[str, ...]:
        """The brands of the products, each once."""
        return tuple(dict.fromkeys(p.brand for p in self.products if p.brand))


def page_view(facts: PageFacts, components: PageComponents, as_of: date | None) -> PageView:
    """What the page of these facts and parts shows; `as_of`: the day the product data are from."""
    canonical = web_address(facts.target_url)
    products = _each_once(facts.products)
    if facts.page_type == "product":
        products = products[:1]
    compared = products[: policies.PAGE_COMPARED_PRODUCTS] if len(products) > 1 else ()
    hero = components.hero
    views = tuple(
        product_view(product, number, facts.language)
        for number, product in enumerate(products, start=1)
    )
    links = _links(facts.links, canonical)
    headline = plain(hero.headline) or plain(facts.subject) or facts.page_type
    return PageView(
        page_type=facts.page_type,
        language=facts.language,
        labels=LABELS[facts.language],
        site_name=plain(facts.site_name) or (host_of(canonical) if canonical else headline),
        canonical=page_of(canonical) if canonical else None,
        home=root_of(canonical) if canonical else None,
        subject=plain(facts.subject) or headline,
        title=plain(hero.title) or headline,
        description=plain(hero.description),
        headline=headline,
        paragraphs=tuple(filter(None, map(plain, hero.paragraphs))),
        crumbs=_crumbs(facts, canonical, links, headline),
        products=views,
        compared=views[: len(compared)],
        rows=compared_rows(compared),
        parts={name: part for name, draft in components.parts if (part := _part(draft))},
        links=links,
        as_of=as_of,
    )


def product_view(product: Product, number: int, language: Language) -> ProductView:
    """A product as it is shown; `number` counts the products of the page from 1."""
    name = plain(product.name) or product.sku
    category = tuple(filter(None, map(plain, product.category)))
    return ProductView(
        anchor=f"product-{number}",
        sku=product.sku,
        name=name,
        brand=plain(product.brand),
        category=category,
        offer=_offer(product, language),
        availability=product.availability,
        condition=product.condition,
        rating=_rating(product, language),
        url=web_address(product.url),
        images=_images(product, name, category),
        highlights=tuple(filter(None, map(plain, product.highlights))),
        attributes=tuple(Row(*told) for told in attributes_of(product).values()),
        gtin=product.gtin,
        mpn=plain(product.mpn or "") or None,
    )


def _offer(product: Product, language: Language) -> Offer | None:
    amount, currency = product.offer, product.currency
    if amount is None or currency is None:
        return None
    earlier = product.price if product.price is not None and product.price > amount else None
    return Offer(
        Figure(amount, formatting.price(amount, currency, language)),
        currency,
        Figure(earlier, formatting.price(earlier, currency, language)) if earlier else None,
    )


def _rating(product: Product, language: Language) -> Rating | None:
    """Nothing where nobody rated it: a mean of no reviews does not exist."""
    if product.rating is None or not product.review_count or product.rating < 1:
        return None
    value, count = product.rating.normalize(), product.review_count
    mean, reviews = formatting.number(value, language), formatting.number(count, language)
    text = LABELS[language].rated.format(rating=mean, count=reviews)
    return Rating(Figure(value, mean), Figure(Decimal(count), reviews), text)


def _images(product: Product, name: str, category: tuple[str, ...]) -> tuple[Image, ...]:
    urls = dict.fromkeys(filter(None, map(web_address, product.images)))
    shown = f"{name} ({category[-1]})" if category and category[-1] not in name else name
    return tuple(
        Image(url, shown if number == 1 else f"{shown}, {number}")
        for number, url in enumerate(list(urls)[: policies.PAGE_PRODUCT_IMAGES], start=1)
    )


def _each_once(products: Iterable[Product]) -> tuple[Product, ...]:
    found: dict[str, Product] = {}
    for product in products:
        found.setdefault(product.sku, product)
    return tuple(found.values())[: policies.PAGE_MAX_PRODUCTS]


def _part(draft: ComponentDraft) -> Part | None:
    items = tuple((plain(item.title), plain(item.text)) for item in draft.items)
    heading = plain(draft.heading)
    kept = tuple((title, text) for title, text in items if title and text)
    return Part(heading, plain(draft.opening), kept) if heading and kept else None


def _links(links: Sequence[Link], canonical: str | None) -> tuple[Crumb, ...]:
    found: dict[str, Crumb] = {}
    for link in links:
        url, title = web_address(link.url), plain(link.title)
        if url is not None and title and (not canonical or page_of(url) != page_of(canonical)):
            found.setdefault(url, Crumb(title, url))
    return tuple(found.values())[: policies.PAGE_LINKS_MOST]


def _crumbs(
    facts: PageFacts, canonical: str | None, links: Sequence[Crumb], headline: str
) -> tuple[Crumb, ...]:
    """Home, the categories that have a page to link to, and this page."""
    if canonical is None or root_of(canonical) == page_of(canonical):
        return ()
    home = root_of(canonical)
    pages = {link.name.casefold(): link for link in links if link.url != home}
    path = facts.products[0].category if facts.products else ()
    between = [pages[key] for name in path if (key := plain(name).casefold()) in pages]
    here = plain(facts.subject) or headline
    steps = [step for step in dict.fromkeys(between) if step.name != here]
    start = Crumb(LABELS[facts.language].home, home)
    return (start, *steps, Crumb(here, page_of(canonical)))
