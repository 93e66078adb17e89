"""Says a narration in another length, and describes a refused picture anew; nothing is invented."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from pipeline_defs.domain.lectures.scripts import (
    NarrationDraft,
    NarrationTask,
    PictureDraft,
    PictureTask,
)
from pipeline_defs.local.providers.engine.language import sentences
from pipeline_defs.local.providers.engine.library import Library
from pipeline_defs.local.providers.writer.lecture_clauses import shorter
from pipeline_defs.local.providers.writer.lecture_context import leans
from pipeline_defs.local.providers.writer.lecture_spoken import spoken
from pipeline_defs.local.providers.writer.passages import is_prose
from pipeline_defs.local.providers.writer.refusal import Refusal

MOST_ADDED = 2  # sentences
MOST_SENTENCES = 12  # of a text that is shortened; a segment has two or three
MOST_CHARS = 4000  # of a text that is looked at
HEADING_MOST = 80  # characters
_PICTURES = (
    "A diagram of simple labeled shapes on a plain background, showing the idea of {heading}.",
    "A list of three short points about {heading} beside an abstract pattern of soft lines.",
)


@dataclass
class Narrations:
    """Rewrites narrations; what follows a sentence is looked up in the corpus."""

    library: Library

    def rewrite(self, task: NarrationTask) -> NarrationDraft:
        """The same statement in the asked length; `Refusal` where only other words would do."""
        if task.language != "en":
            raise Refusal(f"it rewrites English texts only, not '{task.language}'")
        text = " ".join(task.text.split())
        if len(text) > MOST_CHARS:
            raise Refusal(f"a text of {len(text)} characters is no narration of one segment")
        if len(text) > task.max_chars:
            found = _shortened(text, task.min_chars, task.max_chars)
        elif len(text) < task.min_chars:
            found = self._lengthened(text, task.min_chars, task.max_chars)
        else:
            found = text
        if found is None:
            raise Refusal(
                f"leaving out or adding whole statements does not bring the text to between "
                f"{task.min_chars} and {task.max_chars} characters, and it does not reword"
            )
        return NarrationDraft(text=found)

    def _lengthened(self, text: str, least: int, most: int) -> str | None:
        """With what comes next in the corpus, if the text ends with a sentence of it."""
        parts = sentences(text)
        following = self._after(parts[-1]) if parts else ()
        grown = [text]
        for sentence in islice(following, MOST_ADDED):
            for way in (sentence, *shorter(sentence)):
                longer = " ".join((*grown, way))
                if least <= len(longer) <= most:
                    return longer
            grown.append(sentence)
        return None

    def _after(self, sentence: str) -> Iterable[str]:
        """The sentences of the same paragraph that follow one of the corpus."""
        for run in self._runs:
            for number, known in enumerate(run):
                if known == sentence or sentence in shorter(known):
                    return run[number + 1 :]
        return ()

    @cached_property
    def _runs(self) -> tuple[tuple[str, ...], ...]:
        """Every paragraph as sentences for a voice, up to the first that cannot be spoken."""
        return tuple(
            tuple(_speakable(paragraph))
            for document in self.library.documents
            for part in document.parts
            for paragraph in part.paragraphs
        )


def _speakable(paragraph: str) -> Iterator[str]:
    for sentence in sentences(paragraph):
        text = spoken(sentence) if is_prose(sentence) else None
        if text is None:
            return
        yield text


def _shortened(text: str, least: int, most: int) -> str | None:
    """The longest version that fits: sentences left out, or cut where they may be."""
    parts = [sentence for sentence in sentences(text) if is_prose(sentence)]
    if not 0 < len(parts) <= MOST_SENTENCES:
        return None
    best: dict[int, str] = {0: ""}  # by length, the version that keeps the earliest sentences
    for number, sentence in enumerate(parts):
        grown: dict[int, str] = {}
        for kept in best.values():
            if number and leans(sentence) and not kept.endswith(parts[number - 1]):
                continue  # it would point to what is no longer there
            for way in (sentence, *shorter(sentence)):
                longer = f"{kept} {way}".strip()
                if len(longer) <= most:
                    grown.setdefault(len(longer), longer)
        best = best | grown
    fitting = [length for length in best if least <= length]
    return best[max(fitting)] if fitting else None


def calm_picture(task: PictureTask) -> PictureDraft:
    """A neutral picture on the heading alone, unlike the one that was refused."""
    heading = " ".join(task.heading.split())[:HEADING_MOST]
    if not heading or not is_prose(heading):
        heading = "this part of the lecture"
    described = (picture.format(heading=heading) for picture in _PICTURES)
    refused = " ".join(task.refused.split()).casefold()
    return PictureDraft(picture=next(p for p in described if p.casefold() != refused))
