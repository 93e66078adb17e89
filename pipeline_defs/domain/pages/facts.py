"""Everything a page may state: one object, from which text, HTML, JSON-LD and meta are made.

Nothing is told twice from two sources, so figures cannot differ.
"""

from __future__ import annotations

from datetime import datetime

from pipeline_defs.domain.frozen import Frozen
from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.pages.products import Product
from pipeline_defs.domain.pages.requests import PageType


class Link(Frozen):
    """A page of the same site to link to; `page_id` is the page that is to stand there."""

    url: str
    title: str
    page_id: str | None = None


class PageFacts(Frozen):
    """`subject` is what the page is about in plain words: a product, a category, a brand, a topic.

    Of a product page the only product is its subject; of others the best known come first.
    `keywords`: the first is the one the page is to be found by. `links`: pages of the organization
    that suit.
    """

    page_type: PageType
    target_url: str
    language: Language
    site_name: str
    subject: str
    keywords: tuple[str, ...]
    products: tuple[Product, ...]
    links: tuple[Link, ...] = ()

    @property
    def keyword(self) -> str:
        """What the page is to be found by."""
        return self.keywords[0] if self.keywords else self.subject.lower()


class KeywordFigures(Frozen):
    """What is known of a search term; `difficulty` from 0 to 100."""

    keyword: str
    monthly_searches: int | None = None
    difficulty: int | None = None
    related: tuple[str, ...] = ()


class CompetitorPage(Frozen):
    """What a competitor's page is about: data to learn topics from, never to copy."""

    source: str  # its address, or `given text`
    title: str = ""
    headings: tuple[str, ...] = ()
    words: int = 0


class PageContext(Frozen):
    """All that was gathered for a page. `remarks`: what could not be had, and why. `as_of`: when
    the products were taken from the shop; the oldest counts, and None where there is none."""

    facts: PageFacts
    figures: tuple[KeywordFigures, ...] = ()
    competitors: tuple[CompetitorPage, ...] = ()
    remarks: tuple[str, ...] = ()
    as_of: datetime | None = None
