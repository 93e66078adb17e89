"""What the facts of a page carry, product by product, in the form in which texts are checked."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce

from pipeline_defs.domain.articles.markup import INVISIBLE, SPACES
from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.pages.facts import PageFacts
from pipeline_defs.domain.pages.products import Attribute, Product
from pipeline_defs.domain.pages.quantities import Quantity, codes, decimal_mark, quantities
from pipeline_defs.domain.pages.units import scale
from pipeline_defs.domain.pages.vocabulary import mentions, tokens_of

_TAG = re.compile(r"<[^<>]*>|[<>]")
_UNIT_IN_NAME = re.compile(r"[(\[](?P<unit>[^()\[\]]{1,12})[)\]]\s*$|\b(?:in|en) (?P<in>\S{1,12})$")
SHORT_NAME = 2  # words without the brand, by which people call a product
_PLAIN_NUMBER = re.compile(r"\s*[-−]?[\d.,]+\s*")
NO = frozenset(("no", "nein", "non", "não", "nie", "nee", "false", "none", "keine", "keiner", "-"))


@dataclass(frozen=True, slots=True)
class Carried:
    """What a product, or several, carry. `concepts` are pairs of a concept and its denial."""

    quantities: frozenset[tuple[Decimal, str]]
    concepts: frozenset[tuple[str, bool]]
    tokens: frozenset[str]
    codes: frozenset[str]
    literals: frozenset[str]  # quantities with their units, as the data write them

    def __or__(self, other: Carried) -> Carried:
        return Carried(
            self.quantities | other.quantities,
            self.concepts | other.concepts,
            self.tokens | other.tokens,
            self.codes | other.codes,
            self.literals | other.literals,
        )

    def __and__(self, other: Carried) -> Carried:
        return Carried(
            self.quantities & other.quantities,
            self.concepts & other.concepts,
            self.tokens & other.tokens,
            self.codes & other.codes,
            self.literals & other.literals,
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """The facts of a page, read once. `counts` are what may be counted of the products."""

    facts: PageFacts
    products: tuple[Carried, ...]
    page: Carried
    anywhere: Carried  # what any product carries, and the page itself
    everywhere: Carried  # what all of them carry, and the page itself
    counts: frozenset[int]
    called: tuple[tuple[re.Pattern[str], int], ...]  # names, with the product's place


def untagged(text: str) -> str:
    """A text of a feed on one line, without tags and invisible characters."""
    visible = _TAG.sub(" ", INVISIBLE.sub("", html.unescape(text)))
    return SPACES.sub(" ", _TAG.sub(" ", html.unescape(visible))).strip()


def read(facts: PageFacts) -> Evidence:
    """The evidence of a page's facts."""
    texts = [text for product in facts.products for text in _texts(product)]
    mark = decimal_mark(texts, facts.language)
    named = [facts.subject, facts.site_name, *facts.keywords, *(k.title for k in facts.links)]
    told = _carried([untagged(text) for text in named], facts.language, mark)
    page = Carried(frozenset(), frozenset(), told.tokens, told.codes, frozenset())
    products = tuple(_of(product, facts.language, mark) for product in facts.products)
    common = reduce(Carried.__and__, products) if products else page
    return Evidence(
        facts=facts,
        products=products,
        page=page,
        anywhere=reduce(Carried.__or__, products, page),
        everywhere=common | page,
        counts=frozenset(_counts(facts.products)),
        called=tuple((written(name), place) for name, place in _called(facts.products)),
    )


def written(phrase: str) -> re.Pattern[str]:
    """A phrase wherever it stands, with spaces or hyphens between its words.

    Several words are found in any case, a single one as it is written.
    """
    words = r"[\s\u00a0-]+".join(re.escape(word) for word in phrase.replace("-", " ").split())
    case = re.IGNORECASE if " " in phrase else re.NOFLAG  # Drizzle may be a jacket, drizzle rain
    return re.compile(rf"(?<!\w){words}(?!\w)", case)


def _of(product: Product, language: Language, mark: str) -> Carried:
    carried = _carried(_texts(product), language, mark)
    numbers = set(carried.quantities)
    for price in (product.price, product.sale_price):
        if price is not None and product.currency:
            numbers.add((price, product.currency))
    numbers |= {(Decimal(n), "") for n in (product.rating, product.review_count) if n is not None}
    numbers |= {n for a in product.attributes for n in _unit_in_name(a, language, mark)}
    concepts = set(carried.concepts) - {c for c in carried.concepts if c[0] in _COMPUTED}
    concepts |= _computed(product)
    for attribute in product.attributes:
        if untagged(attribute.value).casefold() in NO:
            names = {mention.concept for mention in mentions(attribute.name, language)}
            concepts = {c for c in concepts if c[0] not in names} | {(n, True) for n in names}
    return replace(carried, quantities=frozenset(numbers), concepts=frozenset(concepts))


_COMPUTED = frozenset({"in stock", "discount"})


def _computed(product: Product) -> set[tuple[str, bool]]:
    """Claims that follow from fields, whatever a description says of them."""
    reduced = product.sale_price is not None and product.price is not None
    found = {("in stock", product.availability != "in_stock")} if product.availability else set()
    if reduced and product.sale_price != product.price:
        found.add(("discount", False))
    return found


def _texts(product: Product) -> list[str]:
    given = [product.name, product.brand, product.description, product.sku]
    given += [product.mpn or "", product.gtin or "", *product.category, *product.highlights]
    given += [f"{a.name}: {a.value}" for a in product.attributes]
    return [untagged(text) for text in given if text]


def _carried(texts: Iterable[str], language: Language, mark: str) -> Carried:
    numbers: set[tuple[Decimal, str]] = set()
    concepts: set[tuple[str, bool]] = set()
    tokens: set[str] = set()
    names: set[str] = set()
    literals: set[str] = set()
    for text in texts:
        found = quantities(text, language, mark)
        numbers |= {(q.value, q.unit) for q in found}
        literals |= {literal(q) for q in found if q.unit}
        languages: set[Language] = {language, "en"}  # many feeds are, whatever the page
        for spoken in languages:
            concepts |= {(m.concept, m.negated) for m in mentions(text, spoken)}
        tokens |= set(tokens_of(text))
        names |= set(codes(text))
    return Carried(
        frozenset(numbers),
        frozenset(concepts),
        frozenset(tokens),
        frozenset(names),
        frozenset(literals - {""}),
    )


def literal(quantity: Quantity) -> str:
    """How a quantity is written, without spaces; nothing where its unit stands elsewhere."""
    packed = "".join(quantity.literal.casefold().split())
    return "" if _PLAIN_NUMBER.fullmatch(packed) else packed


def _unit_in_name(
    attribute: Attribute, language: Language, mark: str
) -> Iterable[tuple[Decimal, str]]:
    """`Weight (g)`: `950` is said with its unit, too."""
    found = _UNIT_IN_NAME.search(untagged(attribute.name))
    known = scale(found["unit"] or found["in"]) if found else None
    if known is None or not _PLAIN_NUMBER.fullmatch(attribute.value):
        return
    unit, factor = known
    for quantity in quantities(attribute.value, language, mark):
        yield quantity.value * factor, unit


def _counts(products: tuple[Product, ...]) -> Iterable[int]:
    """How many products there are, of each brand and category, with each attribute."""
    yield len(products)
    groups: Counter[tuple[str, ...]] = Counter()
    kinds: dict[str, set[str]] = {"brand": set(), "category": set()}
    for product in products:
        groups.update({("brand", product.brand)} | {("category", c) for c in product.category})
        groups.update(("attribute", a.name, a.value) for a in product.attributes)
        groups.update(("attribute", a.name) for a in product.attributes)
        kinds["brand"].add(product.brand)
        kinds["category"].add(product.category[-1] if product.category else "")
    yield from groups.values()
    yield from (len(found - {""}) for found in kinds.values())


def without_kind(name: str, product: Product) -> str:
    """A product's name without the words at its end that only say its category, if any is left."""
    kinds = tokens_of(untagged(" ".join(product.category[-1:])))
    words = name.split()
    while len(words) > 1 and any(_is_one_of(words[-1].casefold(), kind) for kind in kinds):
        words.pop()
    return " ".join(words)


def _is_one_of(word: str, kind: str) -> bool:
    return kind in (word, f"{word}s", f"{word}es", f"{word}e", f"{word}n", f"{word}en")


def _called(products: tuple[Product, ...]) -> list[tuple[str, int]]:
    """The names of products, the longest first: in full and short where that is only one's."""
    called: dict[str, set[int]] = {}
    for place, product in enumerate(products):
        name = untagged(product.name)
        words = name.split()
        brand = untagged(product.brand).split()
        if brand and [w.casefold() for w in words[: len(brand)]] == [b.casefold() for b in brand]:
            words = words[len(brand) :]
        own = " ".join(words)
        for text in {name, own, " ".join(words[:SHORT_NAME]), without_kind(own, product)}:
            if tokens_of(text):
                called.setdefault(text, set()).add(place)
    single = [(text, min(places)) for text, places in called.items() if len(places) == 1]
    return sorted(single, key=lambda entry: len(entry[0]), reverse=True)
