"""The corpus as a lecture on one topic can use it: its parts as they are spoken, and what fits.

Every part leaves out what the frame or an earlier document says, so that nothing is said twice.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline_defs import policies
from pipeline_defs.domain.lectures.scripts import LectureTask
from pipeline_defs.local.providers.engine.language import sentences, stems
from pipeline_defs.local.providers.engine.library import Document
from pipeline_defs.local.providers.writer.lecture_beats import Beat, Room, beats
from pipeline_defs.local.providers.writer.lecture_choice import (
    DOCUMENT,
    Chains,
    along,
    together,
)
from pipeline_defs.local.providers.writer.lecture_lines import SpokenPart, spoken_part
from pipeline_defs.local.providers.writer.lecture_spoken import spoken
from pipeline_defs.local.providers.writer.lecture_worth import Worth
from pipeline_defs.local.providers.writer.novelty import Novelty
from pipeline_defs.local.providers.writer.topics import Match

# How strict beats are (see `Room`), and how far below and above the aim they may be, as shares of
# it: the first that makes the segments asked for is used. A change of speed makes up most of it;
# the last two leave a little silence at the end of some segments.
TIERS = ((True, 0.08, 0.07), (False, 0.08, 0.07), (False, 0.11, 0.08), (False, 0.12, 0.1))
LEAD = (False, 0.2, 0.1)  # the same for the segment that opens a narrow topic: it matters most
SAYS_WHAT = 1.5  # what it adds to such a segment that it says what the thing is
RANKED = 0.1  # how much less each next document in the editor's ranking adds
FOCUS = 3.0  # factor for what the document at the center of a narrow topic adds
ROOMY = 1.25  # a focus with so many times the segments asked for needs no other document


@dataclass(frozen=True)
class Source:
    """A document's part as it can be spoken."""

    document: Document
    part: SpokenPart


def room_for(task: LectureTask, tier: tuple[bool, float, float]) -> Room:
    """What a segment of the task may be in one of the tiers."""
    strict, below, above = tier
    aim = task.seconds - (policies.SEGMENT_SECONDS - policies.NARRATION_SPEECH)
    return Room(
        min_chars=task.min_chars,
        max_chars=task.max_chars,
        aim=aim,
        least=aim * (1 - below),
        most=aim * (1 + above),
        strict=strict,
    )


def ordered(match: Match) -> list[Document]:
    """The documents as they are told: in the editor's order, a narrow topic's own one first."""
    order = match.arrangement.order
    if not match.narrow or match.focus is None:
        return list(order)
    return [match.focus, *(document for document in order if document is not match.focus)]


def sources(documents: Sequence[Document], said: Collection[str]) -> list[Source]:
    """Every part, without sentences that repeat what is `said` or what an earlier part says."""
    novelty = Novelty(said)
    found: list[Source] = []
    for document in documents:
        for part in document.parts:
            repeats: set[str] = set()
            for paragraph in part.paragraphs:
                for sentence in sentences(paragraph):
                    text = spoken(sentence) or sentence
                    if novelty.is_new(text):
                        novelty.add(text)
                    else:
                        repeats.add(sentence)
            found.append(Source(document, spoken_part(document, part, repeats)))
    return found


def lead(
    found: Sequence[Source], asked: Collection[str], worth: Worth, room: Room
) -> tuple[Source, Beat] | None:
    """The beat that says best what a narrow topic asks for, if there is one to open with."""
    best: tuple[float, Source, Beat] | None = None
    for source in found:
        for beat in beats(source.part, room):
            first = beat.lines[0]
            named = set(asked) <= set(stems(first.text))
            if not named or beat.leans or beat.open_ended or not (first.opens or first.introduces):
                continue
            value = worth.of(beat, room) + SAYS_WHAT * first.tells_what
            if best is None or value > best[0]:
                best = (value, source, beat)
    return best[1:] if best else None


def best_chains(
    found: Sequence[Source], match: Match, wanted: int, worth: Worth, room: Room
) -> Chains:
    """The best chains over all documents; a narrow topic stays with its own where that suffices."""
    ranks = match.arrangement.core
    groups: list[Chains] = []
    for document, own in groupby(found, key=lambda source: source.document):
        parts = [_along(source.part, worth, room) for source in own]
        factor = DOCUMENT * (1 - RANKED * ranks.index(document))
        groups.append(together(parts, factor * (FOCUS if document is match.focus else 1.0)))
    if match.narrow and len(groups[0]) - 1 >= wanted * ROOMY:
        return groups[0]
    return together(groups)


def _along(part: SpokenPart, worth: Worth, room: Room) -> Chains:
    return along(part, beats(part, room), lambda beat: worth.of(beat, room), strict=room.strict)
