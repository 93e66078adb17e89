"""Who gets what: the headed parts of a topic's documents, shared out among the sections.

Every part belongs to one section at most, so that sections do not repeat each other. Parts of
documents that have no section of their own may be guests of the section they are closest to.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline_defs.local.providers.engine.library import Document, Part

FEW_SECTIONS = 3  # an article this short takes more guests into each section
LEAST_CLOSENESS = 1.3  # measured by eye on the corpus: below, guests stand beside the point
LEAST_LEAD = 1.3  # over the mean closeness to all sections; less where there are few to compare
LEAST_LEAD_OF_FEW = 1.1
PARTS_IN_BRIEF = 5  # of as many documents, where one section is the whole article


@dataclass
class Share:
    """The parts of one section: its own, all of `document`, and guests of others."""

    document: Document
    own: list[Part]
    guests: list[tuple[Document, Part]] = field(default_factory=list)
    term: str = ""  # set where the section is about one defined term of its part


def whole_documents(documents: Sequence[Document], spare: Sequence[Document]) -> list[Share]:
    """A section per document, with guests from `spare`."""
    shares = [Share(document, list(document.parts)) for document in documents]
    free = [(document, part) for document in spare for part in document.parts]
    at_most = 2 if len(shares) <= FEW_SECTIONS else 1
    _place(free, shares, Closeness([*documents, *spare]), at_most)
    return shares


def in_brief(documents: Sequence[Document]) -> Share:
    """One section on everything: how each of the documents begins."""
    first, *others = documents[:PARTS_IN_BRIEF]
    return Share(first, [first.parts[0]], [(document, document.parts[0]) for document in others])


def split_documents(documents: Sequence[Document], sections: int) -> list[Share]:
    """More sections than documents: each document's parts in as many runs as it has sections.

    May return fewer than asked for, when there are not that many parts.
    """
    counts = {document.key: 1 for document in documents}
    for _ in range(sections - len(documents)):
        room = [d for d in documents if counts[d.key] < len(d.parts)]
        if not room:
            break
        fullest = max(room, key=lambda d: len(d.parts) / counts[d.key])
        counts[fullest.key] += 1
    return [
        Share(document, run)
        for document in documents
        for run in _runs(document.parts, counts[document.key])
    ]


def _runs(parts: Sequence[Part], count: int) -> list[list[Part]]:
    """`count` runs of neighbours, as equal as can be, the longer ones first."""
    size, longer = divmod(len(parts), count)
    runs: list[list[Part]] = []
    start = 0
    for number in range(count):
        end = start + size + (number < longer)
        runs.append(list(parts[start:end]))
        start = end
    return runs


class Closeness:
    """How much of a part's particular vocabulary a document shares."""

    def __init__(self, documents: Iterable[Document]) -> None:
        found = list(documents)
        self._count = len(found)
        self._frequency = Counter(stem for document in found for stem in document.stems)

    def of(self, part: Part, document: Document) -> float:
        """0 for nothing in common; words that all documents share count for nothing."""
        shared = sum(self._weight(stem) for stem in part.stems & document.stems)
        return shared / math.sqrt(len(part.stems))

    def _weight(self, stem: str) -> float:
        return math.log(self._count / self._frequency[stem]) if stem in self._frequency else 0.0


def _place(
    free: list[tuple[Document, Part]], shares: list[Share], closeness: Closeness, at_most: int
) -> None:
    """Give each spare part to the section it is closest to, the closest first, while there is room.

    A part that is close to none, or whose section is full, is left out.
    """
    lead = LEAST_LEAD_OF_FEW if len(shares) <= FEW_SECTIONS else LEAST_LEAD
    pairs: list[tuple[float, int, int]] = []
    for number, (_, part) in enumerate(free):
        scores = [closeness.of(part, share.document) for share in shares]
        best = max(scores)
        if best >= max(LEAST_CLOSENESS, lead * sum(scores) / len(scores)):
            pairs.append((best, scores.index(best), number))
    for _, index, number in sorted(pairs, key=lambda pair: (-pair[0], pair[2])):
        if len(shares[index].guests) < at_most:
            shares[index].guests.append(free[number])
