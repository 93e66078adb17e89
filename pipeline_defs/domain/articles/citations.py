"""Citations: ids of stored sources with the span that supports a sentence, never a URL of a model.

A drafted sentence keeps a citation only where its quote stands word for word in the text of the
source it names. A sentence that claimed support and has none left is dropped. Stored text marks a
citation as `[@s3]`; numbers are given when a section or a whole article is rendered.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline_defs.domain.articles.drafts import SectionDraft, Sentence
from pipeline_defs.domain.articles.markup import INVISIBLE, SPACES, escaped, literal

MARK = re.compile(r"\[@(s\d{1,3})\]")
WORD = re.compile(r"[^\W_]+")
QUOTE_MIN_WORDS = 3  # "the" stands in every source and supports nothing
TYPOGRAPHY = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u2039\u203a", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
    | {"\u2026": "..."}
)


@dataclass(frozen=True, slots=True)
class Source:
    """A source found by a section's research."""

    id: str
    url: str
    title: str
    text: str
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """One use of a source: the sentence and the span of the source that supports it."""

    source: str
    url: str
    title: str
    sentence: str
    quote: str


@dataclass(frozen=True, slots=True)
class CheckedSection:
    """A section's text after its citations were checked."""

    markdown: str
    citations: tuple[Citation, ...]
    refused: int  # citations whose quote is not in the source, or whose source does not exist
    dropped: int  # sentences that had no support left, or no words


def normalized(text: str) -> str:
    """Text for comparison: composed letters, plain quotes and dashes, single spaces, lower case."""
    plain = INVISIBLE.sub("", unicodedata.normalize("NFC", text)).translate(TYPOGRAPHY)
    return SPACES.sub(" ", plain).strip().lower()


def stands_in(quote: str, normalized_text: str) -> bool:
    """Whether a quote of at least three words stands word for word in a normalized text."""
    wanted = normalized(quote)
    return len(WORD.findall(wanted)) >= QUOTE_MIN_WORDS and wanted in normalized_text


def page_of(url: str) -> str:
    """What tells two addresses apart: a fragment or a final slash leads to the same page."""
    page, _, fragment = url.partition("#")
    return url if fragment.startswith("!") else page.rstrip("/")


def check_section(draft: SectionDraft, sources: Mapping[str, Source]) -> CheckedSection:
    """Keep what is supported and render it as markdown with `[@id]` marks."""
    texts = {source.id: normalized(source.text) for source in sources.values()}
    citations: list[Citation] = []
    refused = dropped = 0
    blocks: list[str] = []
    for paragraph in draft.paragraphs:
        kept: list[str] = []
        for sentence in paragraph.sentences:
            good, bad = _supported(sentence, sources, texts)
            refused += bad
            words = literal(sentence.text)
            if not words or (sentence.evidence and not good):
                dropped += 1
                continue
            citations.extend(good)
            kept.append(_marked(words, good))
        if kept:
            heading = literal(paragraph.heading or "")
            if heading:
                blocks.append(f"### {escaped(heading)}")
            blocks.append(" ".join(kept))
    return CheckedSection("\n\n".join(blocks), tuple(citations), refused, dropped)


def _supported(
    sentence: Sentence, sources: Mapping[str, Source], texts: Mapping[str, str]
) -> tuple[list[Citation], int]:
    good: dict[str, Citation] = {}
    refused = 0
    for evidence in sentence.evidence:
        source = sources.get(evidence.source)
        if source is None or not stands_in(evidence.quote, texts[source.id]):
            refused += 1
            continue
        good.setdefault(
            source.id,
            Citation(source.id, source.url, source.title, literal(sentence.text), evidence.quote),
        )
    return list(good.values()), refused


def _marked(words: str, citations: list[Citation]) -> str:
    return escaped(words) + "".join(f"[@{citation.source}]" for citation in citations)
