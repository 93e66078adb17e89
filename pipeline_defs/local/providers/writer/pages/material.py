"""The facts of a page in the form in which the local writer speaks of them, in English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipeline_defs.domain.lectures.sentences import sentences
from pipeline_defs.domain.pages import grounding
from pipeline_defs.domain.pages.evidence import Evidence, plain, read
from pipeline_defs.domain.pages.facts import PageFacts
from pipeline_defs.domain.pages.measures import (
    End,
    Measure,
    Rank,
    at_the_end,
    named_end,
)
from pipeline_defs.domain.pages.products import Attribute, Product
from pipeline_defs.domain.pages.quantities import quantities, usual_mark
from pipeline_defs.domain.pages.units import scale
from pipeline_defs.local.providers.writer.pages.wording import (
    Choice,
    cut,
    filled,
    is_several,
    leading,
    texts,
)

NAME_CHARS = 48
KEYWORD_CHARS = 60
VALUE_CHARS = 70
SPAN_CHARS = 24
HIGHLIGHT_CHARS = 90
PARTS = ("hero", "benefits", "comparison", "buying_guide", "faq")
_YES = frozenset(("yes", "true", "ja"))
_NO = frozenset(("no", "false", "nein"))
_UNIT = re.compile(r"\s*[(\[](?P<unit>[^()\[\]]*)[)\]]\s*$")
_SENTENCES = re.compile(r"[.!?;]\s|[.!?:;]$|https?:|[{}<>\n\"]")
_MARKS = re.compile(r"[`{}\[\]|\\^~]")
_ADJECTIVE = re.compile(r".*(?:safe|proof|free|able|ible|resistant|ready|vegan|organic|ing|ed)")
_CLAUSE = re.compile(r"^(?:how|what|which|when|where|why|who)\b", re.IGNORECASE)
_HOW_TO = re.compile(
    r"^how to (?:choose|buy|find|pick|select|compare|use|clean|care for|look after|store)"
    r"(?: the right| the best| the)?(?P<one> an?)? (?P<thing>.+)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An attribute as it is spoken of. `answer`: of what is simply so or not."""

    product: int
    topic: Mapping[str, Any]
    name: str
    value: str
    answer: bool | None = None

    @property
    def label(self) -> str:
        """What it is called in a list."""
        return filled(self.topic["label"], name=self.name)


@dataclass(frozen=True, slots=True)
class Called:
    """A name: bare, with its article, and whether it stands for several things."""

    bare: str
    the: str
    several: bool


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
        return tuple(_called(product) for product in self.facts.products)

    @cached_property
    def single(self) -> Called | None:
        """The product that the page is about, if it is about one."""
        return self.products[0] if self.facts.page_type == "product" and self.products else None

    @cached_property
    def bare(self) -> str:
        """What the page is found by, as it stands in a title."""
        keyword = plain(self.facts.keyword)
        known = [plain(p.name) for p in self.facts.products if self.single]
        known += [plain(p.brand) for p in self.facts.products]
        known += [plain(self.facts.subject)] if self.facts.page_type in ("product", "brand") else []
        cased = {word.casefold(): word for name in known for word in name.split()}
        words = " ".join(cased.get(w.casefold(), w) for w in _MARKS.sub("", keyword).split())
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
            subject = plain(self.facts.subject)
            words = _thing(words) or _thing(subject) or cut(subject, 60)
        return words if is_several(words) else f"{words} products"

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
        name = set(plain(self.facts.products[0].name).casefold().split())
        return set(self.bare.casefold().split()) <= name

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The attributes that can be spoken of, in the order of the data."""
        found = [
            _entry(place, attribute)
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
            return self.many
        kind = self._category(group[0])
        kind = " ".join(w if _keeps_case(w) else w.lower() for w in kind.split())
        kind = kind if is_several(kind) else f"{kind} products".strip()
        return f"{self.bare} {kind}" if self.facts.page_type == "brand" else kind

    @cached_property
    def mixed(self) -> bool:
        """Whether the page's products are of several categories, hence not to be ranked."""
        return len({product.category[-1:] for product in self.facts.products}) > 1

    def _category(self, entry: Entry) -> str:
        return plain("".join(self.facts.products[entry.product].category[-1:]))

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
        plained = [plain(text).rstrip(".") for text in product.highlights]
        return [
            _lowered(text, product)
            for text in plained
            if text and len(text) <= HIGHLIGHT_CHARS and not _SENTENCES.search(text)
        ]

    @cached_property
    def _evidence(self) -> Evidence:
        return read(self.facts)

    def kept(self, *sentences: str, about: str = "") -> str:
        """Those of the sentences that the page's facts carry; `about` is the title above them."""
        return " ".join(s for s in sentences if s and not self.faults(s, about))

    def faults(self, text: str, about: str = "") -> list[str]:
        """What the page's facts do not carry of a sentence."""
        return grounding.faults(text, self._evidence, about)


def _called(product: Product) -> Called:
    name = _first_sentence(_MARKS.sub("", plain(product.name)))
    brand = plain(product.brand)
    begins = name.casefold().startswith(f"{brand.casefold()} ")
    if brand and begins and len(name.split()) > len(brand.split()) + 1:
        name = name[len(brand) + 1 :]
    bare = leading(name.strip(" .!?,;:-"), NAME_CHARS).strip(" .!?,;:-") or "product"
    the = bare if bare.casefold().startswith("the ") else f"the {bare}"
    return Called(bare, the, is_several(bare))


def _first_sentence(name: str) -> str:
    """A name without what follows a full stop; that of an abbreviation is none."""
    first = sentences(name, "en")[:1]
    return "".join(first)


def _entry(place: int, attribute: Attribute) -> Entry | None:
    """The attribute, or None for what cannot stand within a sentence."""
    name, value = plain(attribute.name).strip(" :.?!"), plain(attribute.value).rstrip(". ")
    unit = _UNIT.search(name)
    if unit and scale(unit["unit"]):
        name = name[: unit.start()]
        value = f"{value} {unit['unit']}" if re.fullmatch(r"[\d.,]+", value) else value
    usable = name and value and len(name) <= NAME_CHARS and len(value) <= VALUE_CHARS
    if not usable or _SENTENCES.search(value) or _SENTENCES.search(name):
        return None
    lowered = value.casefold()
    answer = True if lowered in _YES else False if lowered in _NO else None
    called = " ".join(w if _keeps_case(w) else w.lower() for w in name.split())
    spoken = value if _keeps_case(value.split()[0]) else value[0].lower() + value[1:]
    topic = _topic(called.casefold(), value)
    if topic["key"] == "people" and value.isdigit():
        spoken = f"{value} {'person' if value == '1' else 'people'}"
    elif value.isdigit() and is_several(called):
        topic = texts("topics", "en")["topic"][0]
        called = called.removeprefix("number of ")
        spoken = f"{value} {called if value != '1' else _singular(called)}"
    return Entry(place, topic, called, spoken, answer)


def _topic(name: str, value: str) -> Mapping[str, Any]:
    digits = any(character.isdigit() for character in value)
    for topic in texts("topics", "en")["topic"]:
        if (
            re.fullmatch(topic["names"], name)
            and (digits or not topic.get("figures"))
            and re.fullmatch(topic.get("values", ".*"), value)
        ):
            return topic
    raise LookupError("the last topic fits any name")


def _singular(words: str) -> str:
    return re.sub(r"ies$", "y", words) if words.endswith("ies") else words.removesuffix("s")


def _keeps_case(word: str) -> bool:
    """Names and abbreviations: `Gore-Tex`, `PU`, `R-value`, `X-Pac`."""
    letters = [character for character in word if character.isalpha()]
    return (
        any(character.isupper() for character in letters[1:])
        or len(letters) < 2
        or any(character.isdigit() for character in word)
    )


def _lowered(text: str, product: Product) -> str:
    first = text.split()[0]
    own = {word.casefold() for word in plain(f"{product.name} {product.brand}").split()}
    return text if _keeps_case(first) or first.casefold() in own else text[0].lower() + text[1:]


def _thing(clause: str) -> str:
    """What `how to choose a tent` is about: tents."""
    found = _HOW_TO.match(clause)
    if found is None:
        return ""
    thing = found["thing"]
    if not found["one"]:
        return thing
    if re.search(r"[^aeiou]y$", thing):
        return f"{thing[:-1]}ies"
    return f"{thing}es" if thing.endswith(("s", "x", "ch", "sh")) else f"{thing}s"


def is_adjective(name: str) -> bool:
    """Whether a product simply is what an attribute's name says: dishwasher safe."""
    return bool(_ADJECTIVE.fullmatch(name.split()[-1]))
