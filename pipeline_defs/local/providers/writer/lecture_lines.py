"""The sentences of a headed part as lines that can be spoken, with what they lean on.

A line takes up places in its part: a whole sentence two, each half of a sentence that joins two
statements one. Beats are made of lines; nobody says the same place twice.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from pipeline_defs.local.providers.engine.language import sentences, stems
from pipeline_defs.local.providers.engine.library import Document, Part
from pipeline_defs.local.providers.writer.lecture_clauses import halves, shorter
from pipeline_defs.local.providers.writer.lecture_context import is_open_ended, leans
from pipeline_defs.local.providers.writer.lecture_spoken import spoken
from pipeline_defs.local.providers.writer.passages import is_prose

PLACES = 2  # of a whole sentence
_CONTRASTS = ("But ", "Yet ")
_SUBJECT_WORDS = 5
_TELLS_WHAT = re.compile(
    r"^(?:An? |The )?(?:[\w'-]+ ){1,4}"
    r"(?:(?:is|are|was|were) (?:an? |the )|states? that |describes? )"
)


@dataclass(frozen=True)
class Line:
    """A sentence, a cut of it, or one of its halves. `start` and `end` are places in the part."""

    text: str
    sentence: int  # its number within the part
    paragraph: int
    start: int
    end: int
    leans: bool  # not to be understood without the place before it
    cut: bool  # something that the sentence says is left out
    opens: bool  # begins a paragraph
    leads: bool = False  # begins its document
    open_ended: bool = False  # misleads unless what comes next is said too

    @property
    def subject(self) -> frozenset[str]:
        """Stems of the words it begins with."""
        return frozenset(stems(" ".join(self.text.split()[:_SUBJECT_WORDS])))

    @property
    def tells_what(self) -> bool:
        """Whether it says what something is."""
        return _TELLS_WHAT.match(self.text) is not None

    @property
    def introduces(self) -> bool:
        """Whether it tells what something is, or names somebody, so that it can begin a point."""
        beginning = self.text.split()[1:_SUBJECT_WORDS]
        return self.tells_what or any(w[:1].isupper() for w in beginning)

    @property
    def is_half(self) -> bool:
        """Whether it is one statement of a sentence of two."""
        return self.end - self.start < PLACES


@dataclass(frozen=True)
class SpokenPart:
    """A headed part as lines, by the number of the sentence; `ends` are paragraphs' last places."""

    heading: str
    about: frozenset[str]  # stems of its heading, and of its document's title and keywords
    lines: tuple[tuple[Line, ...], ...]
    written: tuple[str, ...]  # the sentences as they stand in the corpus
    ends: frozenset[int]

    @property
    def places(self) -> int:
        """How many places it has."""
        return len(self.lines) * PLACES


def spoken_part(document: Document, part: Part, without: Collection[str] = ()) -> SpokenPart:
    """The part's lines; a sentence of `without`, or one that cannot be spoken, has none."""
    leads = part is document.parts[0]
    lines: list[tuple[Line, ...]] = []
    written: list[str] = []
    ends: set[int] = set()
    for number, paragraph in enumerate(part.paragraphs):
        for order, sentence in enumerate(sentences(paragraph)):
            text = spoken(sentence) if is_prose(sentence) and sentence not in without else None
            ways = _ways(text, len(written), number, opens=order == 0) if text else ()
            first = leads and not written
            lines.append(tuple(replace(w, leads=w.opens) for w in ways) if first else ways)
            written.append(sentence)
        ends.add(len(written) * PLACES)
    about = stems(f"{part.heading} {document.title} {document.topic} {' '.join(document.keywords)}")
    return SpokenPart(part.heading, frozenset(about), tuple(lines), tuple(written), frozenset(ends))


def _ways(text: str, sentence: int, paragraph: int, *, opens: bool) -> tuple[Line, ...]:
    """All ways to say a sentence: whole, cut, or as halves."""
    start = sentence * PLACES
    end = start + PLACES

    def line(said: str, first: int, last: int, *, cut: bool = False, more: bool = False) -> Line:
        later = first > start
        return Line(
            text=said,
            sentence=sentence,
            paragraph=paragraph,
            start=first,
            end=last,
            leans=later or leans(said),
            cut=cut,
            opens=opens and not later,
            open_ended=more or is_open_ended(said),
        )

    ways = [line(text, start, end)]
    ways += [line(cut, start, end, cut=True) for cut in shorter(text)]
    both = halves(text)
    if both is not None:
        more = both[1].startswith(_CONTRASTS)
        ways += [line(both[0], start, start + 1, more=more), line(both[1], start + 1, end)]
        ways += [line(cut, start + 1, end, cut=True) for cut in shorter(both[1])]
    return tuple(ways)
