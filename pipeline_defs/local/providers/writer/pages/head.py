"""The head of a page by the local writer: title, description, headline, first paragraphs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product as combinations

from pipeline_defs.domain.lectures.sentences import sentences
from pipeline_defs.domain.pages.drafts import HeroDraft, HeroTask
from pipeline_defs.domain.pages.evidence import untagged
from pipeline_defs.local.providers.writer.pages import general
from pipeline_defs.local.providers.writer.pages.entries import Entry
from pipeline_defs.local.providers.writer.pages.material import Material
from pipeline_defs.local.providers.writer.pages.speech import (
    ends,
    frames,
    gain,
    head,
    highlight,
    spread,
    stated,
)
from pipeline_defs.local.providers.writer.pages.wording import (
    capitalized,
    cut,
    filled,
    is_several,
    listed,
    sentence,
)

LISTED = 4  # products named in the first paragraph
LABELS = 3
LONG = 120  # characters of a description that uses its room
PARAGRAPH_CHARS = 900
DESCRIPTION_SENTENCE = (30, 170)


def write_head(task: HeroTask) -> HeroDraft:
    """The head of a page."""
    material = Material.of(task.facts, "hero")
    title = _fitting(_titles(material), *task.title_chars)
    return HeroDraft(
        title=title,
        description=_fitting(_descriptions(material), *task.description_chars, rather=LONG),
        headline=_headline(material),
        paragraphs=_paragraphs(material),
    )


def _titles(material: Material) -> Iterator[str]:
    page = head(material)
    labels = _labels(material)
    site = cut(untagged(material.facts.site_name), 30)
    choice, bare = material.choice, capitalized(material.bare)
    for tail in choice.order("title", page["titles"]):
        for count in range(len(labels), 1, -1):
            said = filled(tail, labels=listed(labels[:count], " and "), site=site)
            yield bare + said
            if "{labels}" not in tail:
                break
    yield f"{bare} | {site}"


def _descriptions(material: Material) -> Iterator[str]:
    page, choice = head(material), material.choice
    labels = _labels(material)
    several = is_several(material.bare)
    starts = choice.order("description", page["descriptions"])
    ends = choice.order("more", page["more"])
    for count, start, end in combinations(range(len(labels), 0, -1), starts, ends):
        said = listed(labels[:count], " and ")
        first = sentence(start, several=several, kw=material.bare, the=material.the, labels=said)
        yield f"{first} {end}"
        yield first


def _fitting(candidates: Iterator[str], least: int, most: int, rather: int = 0) -> str:
    """The first that fits, `rather` so many characters or more, else the longest that fits.

    Where none does: the longest that is too short, or one that is cut.
    """
    tried = list(candidates)
    fitting = [text for text in tried if least <= len(text) <= most]
    if fitting:
        return next((t for t in fitting if len(t) >= rather), max(fitting, key=len))
    shorter = [text for text in tried if len(text) < least]
    return max(shorter, key=len) if shorter else cut(min(tried, key=len), most)


def _headline(material: Material) -> str:
    page = head(material)
    template = material.choice.one("headline", page["headlines"])
    return cut(capitalized(filled(template, kw=material.bare)), 120)


def _labels(material: Material) -> list[str]:
    """What the data tell, the most telling first."""
    groups = material.shared or [[entry] for entry in material.entries]
    named = [group[0].label for group in groups if group[0].answer is None]
    short = [label for label in dict.fromkeys(named) if len(label) <= 20][:LABELS]
    return short if len(short) > 1 else general.labels(material).replace(" and ", ", ").split(", ")


def _paragraphs(material: Material) -> tuple[str, ...]:
    if not material.products:
        return general.opening(material)
    if material.single:
        return _of_product(material)
    page, choice = frames()[material.facts.page_type], material.choice
    asked = frames()["clause"]
    openings = asked["opening"] if material.clause else page["openings"]
    first = sentence(choice.one("opening", openings), kw=material.kw, clause=material.clause)
    named = choice.order("listed", [called.the for called in material.products])[:LISTED]
    line = sentence(choice.one("list", page["lists"]), list=listed(named, " and "))
    groups = choice.order("differ", material.shared[:4])[:2]
    differ = [spread(material, group) for group in groups]
    tops = [said for group in material.shared for _, said in ends(material, group)]
    closing = sentence(choice.one("closing", page["closings"]), kw=material.kw)
    if material.clause:
        known = sentence(choice.one("known", asked["closing"]), clause=material.clause)
        closing = f"{closing} {known}"
    return _whole(material, (first, _keyword(material), line), (*differ, *tops[:1]), (closing,))


def _of_product(material: Material) -> tuple[str, ...]:
    own = _own_words(material)
    if not material.entries:
        first, *others = general.opening(material)
        return _whole(material, (first, _keyword(material), own), *((text,) for text in others))
    page, choice = frames()["product"], material.choice
    first = sentence(choice.one("opening", page["openings"]), the=material.the)
    facts: list[str] = []
    for entry in _leading(material)[:2]:
        facts += [stated(material, entry), gain(material, entry)]
    closing = sentence(choice.one("closing", page["closings"]))
    return _whole(
        material,
        (first, _keyword(material), own),
        tuple(facts),
        (highlight(material, 0), closing),
    )


def _leading(material: Material) -> list[Entry]:
    """Entries of a product of which to speak first."""
    spoken = [entry for entry in material.of_product(0) if entry.answer is None]
    return material.choice.order("leading", spoken[:5])


def _own_words(material: Material) -> str:
    """A sentence of the shop's own description that stands for itself."""
    least, most = DESCRIPTION_SENTENCE
    text = untagged(material.facts.products[0].description)
    said = [s for s in sentences(text, material.facts.language) if least <= len(s) <= most]
    return next((s for s in said if s.endswith(".") and not material.faults(s)), "")


def _keyword(material: Material) -> str:
    """A sentence with the words by which the page is found, where nothing else says them."""
    if material.keyword_is_name:
        return ""
    return f"If you searched for {material.bare}, you are in the right place."


def _whole(material: Material, *paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    kept = [cut(material.kept(*lines), PARAGRAPH_CHARS) for lines in paragraphs]
    return tuple(text for text in kept if text)
