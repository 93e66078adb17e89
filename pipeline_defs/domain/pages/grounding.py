"""Nothing on a page that the product data do not carry: sentences that say more are taken out.

Numbers, materials, certificates, claims, superlatives and names have to be in the facts of the
page; where a sentence (or the title above it) names products, in the data of those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import TypeVar

from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.lectures.sentences import sentences
from pipeline_defs.domain.pages import measures, names
from pipeline_defs.domain.pages.components import Removal
from pipeline_defs.domain.pages.counting import counts, speaks_of_all
from pipeline_defs.domain.pages.drafts import ComponentDraft, HeroDraft, Item
from pipeline_defs.domain.pages.evidence import Carried, Evidence, literal, read, untagged
from pipeline_defs.domain.pages.facts import PageFacts
from pipeline_defs.domain.pages.products import Product
from pipeline_defs.domain.pages.quantities import codes, quantities, spaced, usual_mark
from pipeline_defs.domain.pages.vocabulary import mentions, tokens_of

Draft = TypeVar("Draft", HeroDraft, ComponentDraft)
REASONS_TOLD = 6
_ALL: Mapping[Language, frozenset[str]] = {
    "en": frozenset(("all", "every", "each")),
    "de": frozenset(("alle", "allen", "jeder", "jede", "jedes")),
    "fr": frozenset(("tous", "toutes", "chaque")),
    "es": frozenset(("todos", "todas", "cada")),
    "it": frozenset(("tutti", "tutte", "ogni")),
    "nl": frozenset(("alle", "elke", "ieder")),
    "pt": frozenset(("todos", "todas", "cada")),
    "pl": frozenset(("wszystkie", "wszystkich", "każdy", "każda", "każde")),
}


class Ungrounded(Exception):
    """What is left of a draft is too little, or what cannot be cut says what no data carry.

    The text tells a writer what to mend.
    """


@dataclass(slots=True)
class _Check:
    """One draft's check: what was taken out so far."""

    evidence: Evidence
    component: str
    removals: list[Removal] = field(default_factory=list)

    def kept(self, text: str, title: str = "") -> str:
        """The text without its ungrounded sentences."""
        left: list[str] = []
        for sentence in sentences(text, self.evidence.facts.language):
            reasons = faults(sentence, self.evidence, title)
            if reasons:
                self._remove(sentence, reasons)
            else:
                left.append(sentence)
        return " ".join(left)

    def item(self, item: Item) -> Item | None:
        """The item, or None where its title or all its text is ungrounded."""
        reasons = faults(item.title, self.evidence)
        if reasons:
            self._remove(item.title, reasons)
            return None
        text = self.kept(item.text, item.title)
        return Item(title=item.title, text=text) if text else None

    def must_hold(self, **texts: str) -> None:
        """Texts of which nothing can be cut."""
        wrong = [
            f"{name} ({text!r}): {'; '.join(reasons)}"
            for name, text in texts.items()
            if (reasons := faults(text, self.evidence))
        ]
        if wrong:
            raise Ungrounded("not carried by the product data: " + " | ".join(wrong))

    def too_little(self, left: str) -> Ungrounded:
        """Says what is left, and why the rest is not."""
        told = [f"{r.sentence!r}: {r.reason}" for r in self.removals[:REASONS_TOLD]]
        return Ungrounded(f"{left} of what the product data carry; taken out: {' | '.join(told)}")

    def _remove(self, sentence: str, reasons: list[str]) -> None:
        self.removals.append(
            Removal(component=self.component, sentence=sentence, reason="; ".join(reasons))
        )


def ground(
    draft: Draft, facts: PageFacts, component: str = "hero", least: int = 1
) -> tuple[Draft, tuple[Removal, ...]]:
    """The draft with only what the facts carry, and what was taken out.

    `least`: items a part must keep. Raises `Ungrounded` when too little is left.
    """
    check = _Check(read(facts), component)
    if isinstance(draft, HeroDraft):
        return _hero(draft, check), tuple(check.removals)
    return _part(draft, check, least), tuple(check.removals)


def ungrounded(text: str, facts: PageFacts, language: Language) -> list[str]:
    """Each ungrounded sentence of a text with its reasons, for the check of a finished page."""
    evidence = read(facts.model_copy(update={"language": language}))
    return [
        f"{sentence}: {'; '.join(reasons)}"
        for sentence in sentences(text, language)
        if (reasons := faults(sentence, evidence))
    ]


def _hero(draft: HeroDraft, check: _Check) -> HeroDraft:
    check.must_hold(title=draft.title, description=draft.description, headline=draft.headline)
    paragraphs = tuple(left for text in draft.paragraphs if (left := check.kept(text)))
    if not paragraphs:
        raise check.too_little("no paragraph is left")
    return draft.model_copy(update={"paragraphs": paragraphs})


def _part(draft: ComponentDraft, check: _Check, least: int) -> ComponentDraft:
    check.must_hold(heading=draft.heading)
    opening = check.kept(draft.opening)
    items = tuple(left for item in draft.items if (left := check.item(item)))
    if len(items) < max(1, least):
        raise check.too_little(f"{len(items)} of at least {max(1, least)} items are left")
    return draft.model_copy(update={"opening": opening, "items": items})


def faults(sentence: str, evidence: Evidence, title: str = "") -> list[str]:
    """Why a sentence is ungrounded; none where it is not. `title`: what stands above it."""
    scope = tuple(n.product for n in names.products_in(title, evidence))
    return list(_faults(sentence, evidence, scope))


def _faults(sentence: str, evidence: Evidence, scope: tuple[int, ...]) -> Iterator[str]:
    facts = evidence.facts
    sentence = spaced(untagged(sentence))
    named = names.products_in(sentence, evidence)
    meant = tuple(dict.fromkeys([n.product for n in named] or scope))
    carried = _carried(sentence, evidence, meant)
    given = [facts.subject, *facts.keywords, facts.site_name, *(k.title for k in facts.links)]
    rest = names.without(sentence, [untagged(text) for text in given])
    rest = _blank(rest, [(n.start, n.end) for n in named])
    yield from _wrong_numbers(rest, sentence, carried, evidence)
    yield from _wrong_claims(rest, carried, facts.language, asks=sentence.endswith("?"))
    yield from _wrong_ranks(rest, evidence, meant, named)
    for name in names.foreign(rest, evidence, facts.language):
        yield f"the name {name} is not in the data"


def _carried(sentence: str, evidence: Evidence, meant: tuple[int, ...]) -> Carried:
    if meant:
        return reduce(Carried.__or__, (evidence.products[n] for n in meant), evidence.page)
    if speaks_of_all(sentence, _ALL[evidence.facts.language], evidence):
        return evidence.everywhere
    return evidence.anywhere


def _wrong_numbers(text: str, sentence: str, carried: Carried, evidence: Evidence) -> Iterator[str]:
    """Numbers of a text; `sentence` is the text with all that is blank in it."""
    language = evidence.facts.language
    for quantity in quantities(text, language, usual_mark(language)):
        counted = quantity.value in evidence.counts and counts(quantity, sentence, evidence)
        as_written = bool(quantity.unit) and literal(quantity) in carried.literals
        known = (quantity.value, quantity.unit) in carried.quantities
        if not (known or counted or as_written):
            yield f"{quantity.literal} is not in the data"
    for code in codes(text):
        if code not in carried.codes:
            yield f"{code} is not in the data"


def _wrong_claims(text: str, carried: Carried, language: Language, *, asks: bool) -> Iterator[str]:
    for mention in mentions(text, language):
        says = {(mention.concept, mention.negated)}
        if asks:
            says.add((mention.concept, not mention.negated))
        if not says & carried.concepts:
            yield f"the data do not say {'the contrary of ' * mention.negated}{mention.word}"


def _wrong_ranks(
    text: str, evidence: Evidence, meant: tuple[int, ...], named: list[names.Named]
) -> Iterator[str]:
    facts = evidence.facts
    subjects = {facts.products[n].sku for n in meant}
    for word, ends in _superlatives(text, facts):
        asks = text.rstrip().endswith("?") and ends
        if not asks and (not ends or {product.sku for product in ends} != subjects):
            yield f"the data do not show that it is {word.lower()}"
    for words in measures.ranking_words(facts.language):
        if words.comparative and _compared_wrongly(text, evidence, named, words):
            yield "the data do not show this comparison"
    if _compared_by_no_measure(text, named, facts.language):
        yield "the data cannot show this comparison"


def _superlatives(text: str, facts: PageFacts) -> Iterator[tuple[str, tuple[Product, ...]]]:
    """Each superlative of a text with the products of which it is true."""
    products, language = facts.products, facts.language
    for words in measures.ranking_words(language):
        for found in words.superlative.finditer(text):
            yield found[0], measures.at_the_end(products, words.rank, language)
    for end, pattern in measures.highest_words(language):
        for found in pattern.finditer(text):
            yield found[0], measures.named_end(products, text[found.end() :], end, language)


def _compared_wrongly(
    text: str, evidence: Evidence, named: list[names.Named], words: measures.Words
) -> bool:
    """Whether `A is lighter than B` is not so."""
    found = words.comparative.search(text) if words.comparative else None
    if found is None or len(named) != 2:
        return False
    one, other = named
    than = measures.THAN[evidence.facts.language].split("|")
    between = tokens_of(text[found.end() : other.start])
    if not one.end <= found.start() or not set(than) & set(between):
        return False
    products = evidence.facts.products
    first, second = products[one.product], products[other.product]
    return not measures.goes_further(first, second, words.rank, evidence.facts.language)


def _compared_by_no_measure(text: str, named: list[names.Named], language: Language) -> bool:
    """Whether `A is easier to pitch than B` compares what no measure of ours can show."""
    for found in measures.any_comparative(language).finditer(text):
        known = any(
            words.comparative and words.comparative.search(found[0])
            for words in measures.ranking_words(language)
        )
        before = any(n.end <= found.start() for n in named)
        after = any(n.start >= found.end() for n in named)
        if before and after and not known:
            return True
    return False


def _blank(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
