"""Beats: one or two lines of a part that together fill a segment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pipeline_defs.local.providers.engine.language import stems
from pipeline_defs.local.providers.writer.lecture_length import speech_seconds
from pipeline_defs.local.providers.writer.lecture_lines import PLACES, Line, SpokenPart

REACH = 4  # sentences from the first line of a beat to the second


@dataclass(frozen=True)
class Room:
    """What a segment's narration may be: characters, and seconds around an aim.

    `strict` asks that every beat is understood by itself; a lecture that says nearly everything on
    its topic may go without, since what a beat rests on has been said.
    """

    min_chars: int
    max_chars: int
    aim: float
    least: float
    most: float
    strict: bool = True

    def holds(self, *lines: Line) -> bool:
        """Whether the lines, said one after the other, fill a segment."""
        chars = sum(len(line.text) for line in lines) + len(lines) - 1
        if not self.min_chars <= chars <= self.max_chars:
            return False
        return self.least <= speech_seconds(*(line.text for line in lines)) <= self.most


@dataclass(frozen=True)
class Beat:
    """What one segment says."""

    lines: tuple[Line, ...]

    @property
    def start(self) -> int:
        """Its first place in the part."""
        return self.lines[0].start

    @property
    def end(self) -> int:
        """The place after its last."""
        return self.lines[-1].end

    @property
    def leans(self) -> bool:
        """Whether it needs what stands right before it."""
        return self.lines[0].leans

    @cached_property
    def text(self) -> str:
        """What is said."""
        return " ".join(line.text for line in self.lines)

    @cached_property
    def seconds(self) -> float:
        """How long the voice takes for it."""
        return speech_seconds(*(line.text for line in self.lines))

    @property
    def open_ended(self) -> bool:
        """Whether it misleads unless what comes next is said too."""
        return self.lines[-1].open_ended

    @property
    def runs_on(self) -> bool:
        """Whether its lines follow each other without a gap, in one paragraph."""
        first, last = self.lines[0], self.lines[-1]
        return first is last or (first.end == last.start and first.paragraph == last.paragraph)


def beats(part: SpokenPart, room: Room) -> list[Beat]:
    """All beats of a part."""
    return [Beat(lines) for lines in _candidates(part, room.strict) if room.holds(*lines)]


def _candidates(part: SpokenPart, strict: bool) -> Iterator[tuple[Line, ...]]:
    for number, ways in enumerate(part.lines):
        for first in ways:
            yield (first,)
            for later in part.lines[number + 1 : number + 1 + REACH]:
                for second in later:
                    if _follows(second, first, strict):
                        yield first, second
                        if not strict:
                            yield from ((first, second, third) for third in _next(part, second))


def _next(part: SpokenPart, second: Line) -> Iterator[Line]:
    """What stands right after a second line."""
    for ways in part.lines[second.sentence + 1 : second.sentence + 2]:
        yield from (w for w in ways if _stands_after(w, second) and _follows(w, second, True))


def _stands_after(later: Line, line: Line) -> bool:
    return line.end == later.start and line.paragraph == later.paragraph


def _follows(second: Line, first: Line, strict: bool) -> bool:
    """Whether one line may come right after another in a beat."""
    if _has_other_half(first) or _is_other_half(second):
        return False
    if _stands_after(second, first):
        return not (first.cut and second.leans)
    if first.open_ended or second.leans:
        return False
    return not strict or second.opens or bool(second.subject & frozenset(stems(first.text)))


def _has_other_half(line: Line) -> bool:
    return line.is_half and line.start % PLACES == 0


def _is_other_half(line: Line) -> bool:
    return line.is_half and line.start % PLACES != 0
