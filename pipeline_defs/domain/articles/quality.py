"""Measures on written sections and articles; pure functions, used by gates and asset checks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import combinations, pairwise
from typing import Any

import html5lib

from pipeline_defs.domain.articles.citations import MARK, Source, normalized, stands_in

WORD = re.compile(r"[^\W_]+", re.UNICODE)
SHINGLE = 5  # words


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """All runs of five words of a text without its citation marks."""
    words = WORD.findall(MARK.sub(" ", text).lower())
    return frozenset(zip(*(words[i:] for i in range(SHINGLE)), strict=False))


def jaccard(one: str, other: str) -> float:
    """Share of common 5-grams, 0..1: |A and B| / |A or B|."""
    a, b = shingles(one), shingles(other)
    return len(a & b) / len(a | b) if a or b else 0.0


def most_similar(texts: Iterable[str]) -> float:
    """The largest Jaccard similarity between any two of the texts."""
    return max((jaccard(a, b) for a, b in combinations(list(texts), 2)), default=0.0)


def citation_faults(
    markdown: str, citations: Iterable[dict[str, Any]], sources: Iterable[Source]
) -> list[str]:
    """What is wrong with a section's citations: dangling marks, quotes not in the source."""
    by_id = {source.id: source for source in sources}
    cited = list(citations)
    faults = [f"[@{m}] names no source" for m in MARK.findall(markdown) if m not in by_id]
    recorded = {c["source"] for c in cited}
    faults += [
        f"[@{m}] has no supporting span"
        for m in MARK.findall(markdown)
        if m in by_id and m not in recorded
    ]
    for citation in cited:
        source = by_id.get(citation["source"])
        if source is None or not stands_in(citation["quote"], normalized(source.text)):
            faults.append(f"the span of [@{citation['source']}] is not in its source")
    return faults


def cited_share(markdown: str) -> float:
    """Share of sentences that carry a citation."""
    lines = [line for line in markdown.splitlines() if line and not line.startswith("#")]
    ends = [len(re.findall(r"[.!?](?=\s|\[@|$)", line)) for line in lines]
    marked = [len(re.findall(r"[.!?]\s?(?:\[@s\d+\])+", line)) for line in lines]
    return sum(marked) / sum(ends) if sum(ends) else 0.0


def html_faults(fragment: str) -> list[str]:
    """Errors a strict HTML5 parser finds in a fragment, and jumps in the order of headings."""
    parser = html5lib.HTMLParser(strict=False)
    parser.parseFragment(fragment)
    faults = [f"{code} at {position}" for position, code, _ in parser.errors]
    levels = [int(level) for level in re.findall(r"<h([1-6])", fragment)]
    faults += [f"h{a} is followed by h{b}" for a, b in pairwise(levels) if b > a + 1]
    return faults


def language_of(text: str) -> str:
    """The language a text most likely is in, as an ISO 639-1 code."""
    import py3langid

    return str(py3langid.classify(text)[0])
