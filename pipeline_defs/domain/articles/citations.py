"""Citations: ids of stored sources with the span that supports the sentence, never a URL of a model.

A drafted sentence keeps a citation only where its quote stands word for word in the text of the
source it names. A sentence that claimed support and has none left is dropped. Stored text marks a
citation as `[@s3]`; numbers are given when a section or a whole article is rendered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline_defs.domain.articles.drafts import SectionDraft, Sentence

MARK = re.compile(r"\[@(s\d{1,3})\]")
SPACES = re.compile(r"\s+")
QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})


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
    dropped: int  # sentences that had no support left


def normalized(text: str) -> str:
    """Text for comparison: plain quotes, single spaces, lower case."""
    return SPACES.sub(" ", text.translate(QUOTES)).strip().lower()


def check_section(draft: SectionDraft, sources: Mapping[str, Source]) -> CheckedSection:
    """Keep what is supported and render it as markdown with `[@id]` marks."""
    texts = {source.id: normalized(source.text) for source in sources.values()}
    citations: list[Citation] = []
    refused = dropped = 0
    blocks: list[str] = []
    for paragraph in draft.paragraphs:
        kept: list[str] = []
        for sentence in paragraph.sentences:
            good = _supported(sentence, sources, texts)
            refused += len(sentence.evidence) - len(good)
            if sentence.evidence and not good:
                dropped += 1
                continue
            citations.extend(good)
            kept.append(_marked(sentence.text, good))
        if kept:
            if paragraph.heading:
                blocks.append(f"### {_plain(paragraph.heading)}")
            blocks.append(" ".join(kept))
    return CheckedSection("\n\n".join(blocks), tuple(citations), refused, dropped)


def _supported(
    sentence: Sentence, sources: Mapping[str, Source], texts: Mapping[str, str]
) -> list[Citation]:
    good: dict[str, Citation] = {}
    for evidence in sentence.evidence:
        source = sources.get(evidence.source)
        if source is None or normalized(evidence.quote) not in texts[source.id]:
            continue
        good.setdefault(
            source.id,
            Citation(source.id, source.url, source.title, _plain(sentence.text), evidence.quote),
        )
    return list(good.values())


def _marked(text: str, citations: list[Citation]) -> str:
    return _plain(text) + "".join(f"[@{citation.source}]" for citation in citations)


def _plain(text: str) -> str:
    """A model's sentence as plain text on one line, unable to forge a mark, heading or list."""
    line = SPACES.sub(" ", text).strip().replace("[@", "[ @")
    return re.sub(r"^([#>+*-]|\d+[.)])(\s)", r"\\\1\2", line)
