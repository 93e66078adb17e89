"""The facts of a page in the form in which the local writer speaks of them, in English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from pipeline_defs.domain.pages import grounding
from pipeline_defs.domain.pages.evidence import Evidence, read, untagged
from pipeline_defs.domain.pages.facts import PageFacts
from pipeline_defs.domain.pages.measures import End, Measure, Rank, at_the_end, named_end
from pipeline_defs.domain.pages.products import Product
from pipeline_defs.domain.pages.quantities import quantities, usual_mark
from pipeline_defs.local.providers.writer.pages.entries import Entry, entry_of, is_sayable
from pipeline_defs.local.providers.writer.pages.naming import (
    MARKS,
    Called,
    called,
    lowered,
    shortened,
    small,
    thing_of,
    this_one,
)
from pipeline_defs.local.providers.writer.pages.wording import Choice, cut, is_several, leading

NAMED_EVERY = 6  # times that a product page speaks of its product
KEYWORD_CHARS = 60
SPAN_CHARS = 24
HIGHLIGHT_CHARS = 90
PARTS = ("hero", "benefits", "comparison", "buying_guide", "faq")
_PRAISE = re.compile(r"(?:best|top|cheapest|lightest|latest|most)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"^(?:how|what|which|when|where|why|who)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Material:
    """A page's facts, digested. `bare` and `many` say what the page is found by."""

    facts: PageFacts
    choice: Choice

    @classmethod
    def of(cls, facts: PageFacts, part: str) -> Material:
        """The material for one part of a page."""
        page = "\n".join((facts.page_type, facts.subject, facts.keyword, facts.target_url))
        return cls(facts, Choice(page, PARTS.index(part)))

    @cached_property
    def products(self) -> tuple[Called, ...]:
        """The products' names."""
        return tuple(called(product) for product in self.facts.products)

    @cached_property
    def _short(self) -> tuple[Called, ...]:
        """The names without the words that all would share: the Ridgeline 2."""
        pairs = zip(self.products, self.facts.products, strict=True)
        short = tuple(shortened(name, product) for name, product in pairs)
        distinct = len({name.bare.casefold() for name in short}) == len(short)
        return short if distinct else self.products

    @cached_property
    def single(self) -> Called | None:
        """The product that the page is about, if it is about one."""
        return self.products[0] if self.facts.page_type == "product" and self.products else None

    @cached_property
    def bare(self) -> str:
        """What the page is found by, as it stands in a title."""
        keyword = untagged(self.facts.keyword)
        known = [untagged(p.name) for p in self.facts.products if self.single]
        known += [untagged(p.brand) for p in self.facts.products]
        if self.facts.page_type in ("product", "brand"):
            known.append(untagged(self.facts.subject))
        cased = {word.casefold(): word for name in known for word in name.split()}
        words = " ".join(cased.get(w.casefold(), w) for w in MARKS.sub("", keyword).split())
        return leading(words, KEYWORD_CHARS) or "products"

    @cached_property
    def clause(self) -> str:
        """What the page is found by where that is a question: how to choose a tent."""
        return self.bare[0].lower() + self.bare[1:] if _CLAUSE.match(self.bare) else ""

    @cached_property
    def many(self) -> str:
        """What the page is about, as several things."""
        if self.facts.page_type == "product":
            return f"products like {self.the}"
        words = self.bare
        if self.clause:
            subject = untagged(self.facts.subject)
            words = thing_of(words) or thing_of(subject) or cut(subject, 60)
        article = "the " if _PRAISE.match(words) else ""
        return f"{article}{words}" if is_several(words) else f"{article}{words} products"

    @cached_property
    def the(self) -> str:
        """The product of a product page with its article."""
        if self.single and not self.keyword_is_name:
            return self.single.the
        return f"the {self.bare}" if not self.bare.casefold().startswith("the ") else self.bare

    @cached_property
    def kw(self) -> str:
        """What the page is about, in a sentence."""
        if self.facts.page_type != "product":
            return self.many
        found_by_kind = not self.keyword_is_name and not is_several(self.bare)
        return f"the {self.bare}" if found_by_kind else self.the

    @cached_property
    def again(self) -> str:
        """What the page is about, where a heading has named it already."""
        name = self.single
        return this_one(self.facts.products[0], name) if name else self.kw

    @cached_property
    def kw_several(self) -> bool:
        """Whether `kw` is several things."""
        if self.facts.page_type != "product":
            return True
        return is_several(self.kw)

    @cached_property
    def keyword_is_name(self) -> bool:
        """Whether a product page is found by words of the product's name."""
        if not self.single:
            return True
        name = set(untagged(self.facts.products[0].name).casefold().split())
        return set(self.bare.casefold().split()) <= name

    def name(self, place: int) -> Called:
        """What a product is called; on its own page mostly by its kind, as a name wears out."""
        name = self.products[place]
        worn = self.choice.times("name") % NAMED_EVERY or name.bare == self.bare
        if self.single is None:
            return self._short[place]
        if not worn:
            return name
        return Called(name.bare, this_one(self.facts.products[0], name), name.several)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The attributes that can be spoken of, in the order of the data."""
        found = [
            entry_of(place, attribute)
            for place, product in enumerate(self.facts.products)
            for attribute in product.attributes
        ]
        return tuple(entry for entry in found if entry)

    def of_product(self, place: int) -> list[Entry]:
        """The entries of one product."""
        return [entry for entry in self.entries if entry.product == place]

    @cached_property
    def shared(self) -> list[list[Entry]]:
        """Entries of one name in one category, where at least two products have them.

        The commonest come first.
        """
        groups: dict[tuple[str, str], list[Entry]] = {}
        for entry in self.entries:
            if entry.answer is None:
                groups.setdefault((self._category(entry), entry.name), []).append(entry)
        several = [group for group in groups.values() if len({e.product for e in group}) > 1]
        return sorted(several, key=lambda group: -len({e.product for e in group}))

    def kind_of(self, group: list[Entry]) -> str:
        """What the products of a group are, where a page has several kinds."""
        if not self.mixed:
            return "these products" if self.choice.times("kind") % 2 else self.many
        kind = small(self._category(group[0]))
        kind = kind if is_several(kind) else f"{kind} products".strip()
        subject = untagged(self.facts.subject)
        return f"{subject} {kind}" if self.facts.page_type == "brand" else kind

    @cached_property
    def mixed(self) -> bool:
        """Whether the page's products are of several categories, hence not to be ranked."""
        return len({product.category[-1:] for product in self.facts.products}) > 1

    def _category(self, entry: Entry) -> str:
        return untagged("".join(self.facts.products[entry.product].category[-1:]))

    def ends(self, group: list[Entry], end: End) -> Entry | None:
        """The entry of the one product that is at an end of a ranking by this attribute."""
        measure: Measure | None = group[0].topic.get("measure")
        if self.mixed or measure is None or end not in group[0].topic.get("superlative", {}):
            return None
        found = at_the_end(self.facts.products, Rank(measure, end), self.facts.language)
        return self._single(group, found)

    def highest(self, group: list[Entry]) -> Entry | None:
        """The entry of the one product whose attribute of this name has the highest value."""
        if self.mixed or "highest" not in group[0].topic:
            return None
        found = named_end(self.facts.products, group[0].name, "most", self.facts.language)
        return self._single(group, found)

    def _single(self, group: list[Entry], found: tuple[Product, ...]) -> Entry | None:
        if len(found) != 1:
            return None
        place = self.facts.products.index(found[0])
        return next((entry for entry in group if entry.product == place), None)

    def span(self, group: list[Entry]) -> tuple[str, str] | None:
        """The least and the greatest value of entries that hold one quantity of one unit each."""
        mark, language = usual_mark(self.facts.language), self.facts.language
        sizes = [(quantities(e.value, language, mark), e.value) for e in group]
        if any(len(found) != 1 for found, _ in sizes) or len({f[0].unit for f, _ in sizes}) > 1:
            return None
        ordered = sorted(
            (found[0].value, value if len(value) <= SPAN_CHARS else found[0].literal)
            for found, value in sizes
        )
        return (ordered[0][1], ordered[-1][1]) if ordered[0][0] < ordered[-1][0] else None

    def highlights(self, place: int) -> list[str]:
        """The highlights of a product that can be spoken of."""
        product = self.facts.products[place]
        plained = [untagged(text).rstrip(".") for text in product.highlights]
        return [lowered(text, product) for text in plained if is_sayable(text, HIGHLIGHT_CHARS)]

    @cached_property
    def _evidence(self) -> Evidence:
        return read(self.facts)

    def kept(self, *sentences: str, about: str = "") -> str:
        """Those of the sentences that the page's facts carry; `about` is the title above them."""
        return " ".join(s for s in sentences if s and not self.faults(s, about))

    def faults(self, text: str, about: str = "") -> list[str]:
        """What the page's facts do not carry of a sentence."""
        return grounding.faults(text, self._evidence, about)
