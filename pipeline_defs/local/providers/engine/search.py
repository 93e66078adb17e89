"""Research over the bundled corpus: BM25 over paragraphs, results grouped by document.

A result's text is whole headed parts of its document, those nearest to the query, in the
document's own order, so that different questions get different parts of one document.
A query the corpus does not cover gives few results or none.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pipeline_defs.local.providers.engine.language import stems
from pipeline_defs.local.providers.engine.library import Document, Library, Part

TEXT_CHARS = 2500
RELATIVE_FLOOR = 0.3  # of the best document's score
ECHO = 0.25  # what a part's other paragraphs and a document's other parts add
TOPIC_BONUS = 0.5  # for documents whose topic the query names in full
LEAST_SHARE = 0.25  # of a query's weight that a result must hold, where it is long or names a topic
MOST_RESULTS = 10


@dataclass(frozen=True, slots=True)
class Result:
    """A document that answers a query; `text` is what of it does."""

    document: Document
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class _Place:
    document: int
    part: int


class SearchEngine:
    """Immutable once built; safe to use from several threads."""

    def __init__(self, library: Library) -> None:
        import bm25s

        self.library = library
        self._places: list[_Place] = []
        tokens: list[list[str]] = []
        for index, document in enumerate(library.documents):
            front = stems(f"{document.title} {document.topic}")
            for number, part in enumerate(document.parts):
                heading = stems(part.heading)
                for paragraph in part.paragraphs:
                    self._places.append(_Place(index, number))
                    tokens.append([*front, *heading, *heading, *stems(paragraph)])
        self._vocabulary = frozenset(stem for found in tokens for stem in found)
        self._frequency = Counter(stem for d in library.documents for stem in d.stems)
        self._topics = {topic.name: frozenset(stems(topic.name)) for topic in library.topics}
        self._index: Any = bm25s.BM25()
        if tokens:
            self._index.index(tokens, show_progress=False)

    def weight(self, stem: str) -> float:
        """How much a stem tells: high where few documents have it, highest where none has."""
        return math.log(1 + len(self.library.documents) / (0.5 + self._frequency[stem]))

    def search(self, query: str, limit: int) -> list[Result]:
        """At most `limit` documents, best first, that cover a good share of what is asked."""
        asked = dict.fromkeys(stems(query))
        scores = self._part_scores([stem for stem in asked if stem in self._vocabulary])
        totals = {index: self._total(index, parts, asked) for index, parts in scores.items()}
        best = max(totals.values(), default=0.0)
        good = [i for i, t in totals.items() if t > 0 and t >= RELATIVE_FLOOR * best]
        good.sort(key=lambda index: (-totals[index], index))
        results = (self._result(index, scores[index], totals[index]) for index in good)
        covering = (result for result in results if self._covers(result, asked))
        return list(islice(covering, min(limit, MOST_RESULTS)))

    def _covers(self, result: Result, asked: Iterable[str]) -> bool:
        """Whether a result has a good share of the query, by weight; long queries need less."""
        wanted = list(asked)
        document = result.document
        has = set(stems(f"{document.title} {document.topic} {' '.join(document.keywords)}"))
        has.update(stems(result.text))
        whole = sum(self.weight(stem) for stem in wanted)
        share = sum(self.weight(stem) for stem in wanted if stem in has) / whole
        if self._names(document, set(wanted)):
            return share >= LEAST_SHARE
        return share >= max(LEAST_SHARE, 0.65 - 0.04 * max(0, len(wanted) - 2))

    def _names(self, document: Document, asked: set[str]) -> bool:
        """Whether the query names the document's topic in full."""
        named = self._topics[document.topic]
        return bool(named) and named <= asked

    def _part_scores(self, asked: list[str]) -> dict[int, dict[int, float]]:
        """Scores by document and part: the best paragraph's, and an echo of the others."""
        if not asked:
            return {}
        found: dict[int, dict[int, list[float]]] = {}
        scores: list[float] = self._index.get_scores(asked).tolist()
        for place, score in zip(self._places, scores, strict=True):
            if score > 0:
                found.setdefault(place.document, {}).setdefault(place.part, []).append(score)
        return {
            index: {number: _with_echo(values) for number, values in parts.items()}
            for index, parts in found.items()
        }

    def _total(self, index: int, parts: dict[int, float], asked: dict[str, None]) -> float:
        named = self._names(self.library.documents[index], set(asked))
        bonus = TOPIC_BONUS if named else 0.0
        return _with_echo(list(parts.values())) * (1 + bonus)

    def _result(self, index: int, scores: dict[int, float], score: float) -> Result:
        document = self.library.documents[index]
        ranked = sorted(scores, key=lambda number: (-scores[number], number))
        kept: list[int] = []
        size = 0
        for number in ranked:
            length = len(document.parts[number].markdown)
            if kept and size + length > TEXT_CHARS:
                continue
            kept.append(number)
            size += length + 2
        return Result(document, as_text([document.parts[n] for n in sorted(kept)]), score)


def as_text(parts: list[Part]) -> str:
    """Parts one below the other, with their headings."""
    return "\n\n".join(part.markdown for part in parts)


def _with_echo(scores: list[float]) -> float:
    best = max(scores)
    return best + ECHO * (sum(scores) - best) / max(1, len(scores) - 1)
