"""Checks on what a page says and how: lengths, keyword, ease of reading, grounding, likeness."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline_defs import policies
from pipeline_defs.domain.lectures.sentences import sentences
from pipeline_defs.domain.pages.evidence import read, untagged
from pipeline_defs.domain.pages.grounding import faults
from pipeline_defs.domain.pages.inflection import occurrences
from pipeline_defs.domain.pages.plain_text import words
from pipeline_defs.domain.pages.quality.findings import Finding, Subject, faultless, finding
from pipeline_defs.domain.pages.quality.shown import shown
from pipeline_defs.domain.pages.readability import readability


def title_length(subject: Subject) -> Finding:
    """One title, as long as search engines show."""
    return _length("title_length", subject.outline.titles, policies.PAGE_TITLE_CHARS, "title")


def description_length(subject: Subject) -> Finding:
    """One description, as long as search engines show."""
    told = subject.outline.metas.get("description", [])
    return _length("description_length", told, policies.PAGE_DESCRIPTION_CHARS, "description")


def readability_is_good(subject: Subject) -> Finding:
    """Running text that people read without effort, by the formula of its language."""
    measured = readability("\n\n".join(subject.outline.paragraphs), subject.facts.language)
    return finding(
        "readability_is_good",
        measured is not None and measured.reads_easily,
        "Write shorter sentences and use shorter words.",
        **({"scale": measured.scale, "value": round(measured.value, 1)} if measured else {}),
    )


def keyword_use(subject: Subject) -> Finding:
    """The keyword where readers look first, and neither too seldom nor too often."""
    outline, language = subject.outline, subject.facts.language
    keyword = subject.facts.keyword
    places = {
        "title": " ".join(outline.titles),
        "headline": " ".join(text for level, text in outline.headings if level == 1),
        "description": " ".join(outline.metas.get("description", [])),
        "first paragraph": outline.first_paragraph,
    }
    missing = [name for name, text in places.items() if not occurrences(keyword, text, language)]
    subheadings = [text for level, text in outline.headings if level > 1]
    if not any(occurrences(keyword, text, language) for text in subheadings):
        missing.append("a subheading")
    times = sum(occurrences(keyword, line, language) for line in outline.text.splitlines())
    density = 100 * times / max(1, len(words(outline.text)))
    least, most = policies.PAGE_QUALITY.keyword_density
    advice = f"Name “{keyword}” in: {', '.join(missing)}." if missing else ""
    if not least <= density <= most:
        wanted = "more" if density < least else "less"
        advice = f"{advice} Name it {wanted} often in the text.".strip()
    return finding(
        "keyword_use",
        not advice,
        advice,
        keyword=keyword,
        missing=missing,
        times=times,
        density=round(density, 2),
    )


def text_length(subject: Subject) -> Finding:
    """Enough to read for a page of its type."""
    count = len(words(subject.outline.text))
    least = policies.PAGE_QUALITY.words_least[subject.facts.page_type]
    advice = f"Say more: {least} words are usual for such a page."
    return finding("text_length", count >= least, advice, words=count, least=least)


def nothing_is_ungrounded(subject: Subject) -> Finding:
    """No sentence of the finished document states what the product data do not carry.

    What the document says is read from itself, whoever wrote it: the writer, a template, an edit.
    """
    return faultless(
        "nothing_is_ungrounded",
        list(dict.fromkeys(_ungrounded(subject))),
        "Add it to the product data, or have the part rewritten.",
    )


def no_near_duplicate(subject: Subject) -> Finding:
    """Unlike every other page of the organization."""
    most = policies.PAGE_QUALITY.near_duplicate_jaccard
    other = {"page": subject.nearest_page} if subject.nearest_page else {}
    return finding(
        "no_near_duplicate",
        subject.nearest < most,
        "Another page says nearly the same: give this one other products or another topic.",
        jaccard=round(subject.nearest, 3),
        **other,
    )


def _ungrounded(subject: Subject) -> Iterator[str]:
    language = subject.facts.language
    evidence = read(subject.facts)
    names = {untagged(a.name).casefold() for p in subject.facts.products for a in p.attributes}
    for block in shown(subject.outline, language):
        if block.text.casefold() in names:  # `Waterproof` beside its value, which may be `no`
            continue
        for sentence in sentences(block.text, language):
            if reasons := faults(sentence, evidence, block.heading):
                yield f"{sentence}: {'; '.join(reasons)}"


def _length(check: str, told: list[str], chars: tuple[int, int], name: str) -> Finding:
    least, most = chars
    length = len(told[0]) if len(told) == 1 else 0
    return finding(
        check,
        least <= length <= most,
        f"Give the page one {name} of {least} to {most} characters.",
        length=length,
    )
