"""Writes the script of a lecture from the corpus: an editor's frame, and beats of its documents."""

from __future__ import annotations

from pipeline_defs import policies
from pipeline_defs.domain.lectures.scripts import LectureDraft, LectureTask, SegmentDraft
from pipeline_defs.local.providers.engine.search import SearchEngine
from pipeline_defs.local.providers.writer.lecture_beats import Beat
from pipeline_defs.local.providers.writer.lecture_choice import Chains
from pipeline_defs.local.providers.writer.lecture_editor import Frame, frame
from pipeline_defs.local.providers.writer.lecture_headings import chapter_heading, lecture_title
from pipeline_defs.local.providers.writer.lecture_material import (
    LEAD,
    TIERS,
    Source,
    best_chains,
    lead,
    ordered,
    room_for,
    sources,
)
from pipeline_defs.local.providers.writer.lecture_pictures import picture
from pipeline_defs.local.providers.writer.lecture_worth import Worth
from pipeline_defs.local.providers.writer.refusal import NotCovered, Refusal
from pipeline_defs.local.providers.writer.topics import Match, Topics

MOST_SEGMENTS = policies.LECTURE_MAX_SECONDS // policies.SEGMENT_SECONDS
CLOSING_HEADING = "A Closing Thought"


class Lecturer:
    """Writes lectures over one library."""

    def __init__(self, engine: SearchEngine, topics: Topics) -> None:
        self._engine = engine
        self._topics = topics

    def write(self, task: LectureTask) -> LectureDraft:
        """Exactly the segments asked for; `Refusal` where the corpus cannot carry them."""
        if task.language != "en":
            raise Refusal(f"its texts are English; it writes no lecture in '{task.language}'")
        if not 1 <= task.segments <= MOST_SEGMENTS:
            raise Refusal(f"it writes 1 to {MOST_SEGMENTS} segments, not {task.segments}")
        match = self._topics.match(task.topic)
        if match is None:
            covered = sorted(a.topic.name for a in self._topics.arrangements)
            raise NotCovered(task.topic, covered, self._topics.nearest(task.topic))
        return self._draft(task, match)

    def _draft(self, task: LectureTask, match: Match) -> LectureDraft:
        arrangement = match.arrangement
        title, description = arrangement.title, arrangement.description
        if match.narrow and match.focus is not None:
            title = match.focus.title
            description = f"{title}, and what surrounds it in {arrangement.topic.name}."
        return LectureDraft(
            title=lecture_title(title, arrangement.topic.name),
            description=description,
            segments=tuple(self._segments(task, match)),
        )

    def _segments(self, task: LectureTask, match: Match) -> list[SegmentDraft]:
        """Opening, beats of the documents, closing."""
        documents = ordered(match)
        asked = self._topics.beyond_name(task.topic, match)
        parts = [part for document in documents for part in document.parts]
        worth = Worth(parts, self._engine, asked)
        note = frame(match.arrangement.topic.folder)
        opening = self._opening(task, match, note, worth, asked)
        closes = note if task.segments > 1 else None
        closing = [self._framed(CLOSING_HEADING, closes.closing)] if closes else []
        said = [segment.text for segment in (*opening, *closing)]
        wanted = task.segments - len(said)
        middle = self._middle(task, match, worth, said) if wanted else []
        return [*opening, *middle, *closing]

    def _opening(
        self,
        task: LectureTask,
        match: Match,
        note: Frame | None,
        worth: Worth,
        asked: frozenset[str],
    ) -> list[SegmentDraft]:
        """The editor's on a topic; on a part of one, what says best what was asked for."""
        if note and not match.narrow:
            return [self._framed(note.heading, note.opening)]
        if match.narrow and match.focus is not None:
            own = sources([match.focus], ())
            found = lead(own, asked, worth, room_for(task, LEAD))
            return [self._segment(*found)] if found else []
        return []

    def _middle(
        self, task: LectureTask, match: Match, worth: Worth, said: list[str]
    ) -> list[SegmentDraft]:
        """The beats between opening and closing."""
        wanted = task.segments - len(said)
        found = sources(ordered(match), said)
        chains: Chains = []
        for tier in TIERS:
            chains = best_chains(found, match, wanted, worth, room_for(task, tier))
            if len(chains) > wanted:
                owner = {id(source.part): source for source in found}
                beats = chains[wanted].beats
                return [self._segment(owner[id(part)], beat) for part, beat in beats]
        raise Refusal(_too_long(len(chains) - 1 + len(said), task))

    def _segment(self, source: Source, beat: Beat) -> SegmentDraft:
        heading = chapter_heading(source.part.heading, source.document)
        written = " ".join(source.part.written[line.sentence] for line in beat.lines)
        shown = picture(beat.text, heading, written, source.document.keywords)
        return SegmentDraft(heading=heading, text=beat.text, picture=shown)

    def _framed(self, heading: str, text: str) -> SegmentDraft:
        shown = picture(text, heading, text, ())
        return SegmentDraft(heading=heading, text=text, picture=shown)


def _too_long(most: int, task: LectureTask) -> str:
    minutes, seconds = divmod(most * task.seconds, 60)
    length = f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    return (
        f"its texts on this topic carry a lecture of at most {most} segments ({length}), "
        f"not of {task.segments}. Ask for a shorter one or give a script of your own"
    )
