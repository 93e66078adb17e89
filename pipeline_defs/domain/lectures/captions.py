"""Captions and chapters of a film, and both as WebVTT (https://www.w3.org/TR/webvtt1/)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline_defs import policies
from pipeline_defs.domain.articles.markup import INVISIBLE, SPACES
from pipeline_defs.domain.lectures.caption_lines import caption_words, cut, lines
from pipeline_defs.domain.lectures.caption_times import HeardWord, Span, shown, word_times

UNTITLED = "\u2026"


@dataclass(frozen=True, slots=True)
class CaptionSource:
    """A segment to be captioned: where it lies in the film, in seconds, and what is said.

    `speech` is from when to when it speaks and `words` what was heard when, both in seconds from
    the segment's own start, where they were measured.
    """

    start: float
    seconds: float
    text: str
    speech: Span | None = None
    words: Sequence[HeardWord] | None = None


@dataclass(frozen=True, slots=True)
class Cue:
    """A caption: shown from `start` to `end`, in seconds of the film; its lines end with `\\n`."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """Neighbouring segments under one heading, in seconds of the film."""

    start: float
    end: float
    title: str


def cues(segments: Iterable[CaptionSource], *, language: str = "en") -> list[Cue]:
    """The captions of a film: readable, in order, none longer than its segment."""
    return [cue for segment in segments for cue in _cues(segment, language)]


def chapters(headings: Iterable[str], seconds: float = policies.SEGMENT_SECONDS) -> list[Chapter]:
    """The chapters of a film whose segments last `seconds` each: neighbours of one heading are one.

    A segment without a heading belongs to the chapter before it.
    """
    found: list[Chapter] = []
    for number, heading in enumerate(headings):
        title = SPACES.sub(" ", INVISIBLE.sub("", heading)).strip()
        end = (number + 1) * seconds
        if found and title.casefold() in ("", found[-1].title.casefold()):
            found[-1] = Chapter(found[-1].start, end, found[-1].title)
        else:
            found.append(Chapter(number * seconds, end, title or UNTITLED))
    return found


def webvtt(cues: Iterable[Cue], language: str) -> str:
    """Captions as a WebVTT file; their language is a note, as the format has no field for it."""
    blocks = [f"NOTE Captions, language: {_escaped(language)}"]
    blocks += [_block(n, cue.start, cue.end, cue.text) for n, cue in enumerate(cues, 1)]
    return _file(blocks)


def chapters_vtt(chapters: Iterable[Chapter]) -> str:
    """Chapters as a WebVTT file for a track of that kind."""
    return _file(_block(n, c.start, c.end, c.title) for n, c in enumerate(chapters, 1))


def _cues(segment: CaptionSource, language: str) -> list[Cue]:
    words = caption_words(segment.text, language)
    texts = [word.text for word in words]
    lead = policies.NARRATION_LEAD
    speech = segment.speech or (lead, lead + policies.NARRATION_SPEECH)
    times = word_times(texts, speech, segment.words or (), segment.seconds)
    ranges = cut(words, times)
    spans = shown([(times[a][0], times[b - 1][1]) for a, b in ranges], segment.seconds)
    return [
        Cue(
            round(segment.start + start, 3),
            round(segment.start + end, 3),
            "\n".join(lines(texts[a:b]) or ()),
        )
        for (a, b), (start, end) in zip(ranges, spans, strict=True)
    ]


def _file(blocks: Iterable[str]) -> str:
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def _block(number: int, start: float, end: float, text: str) -> str:
    return f"{number}\n{_clock(start)} --> {_clock(end)}\n{_escaped(text)}"


def _clock(seconds: float) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{milliseconds:03d}"


def _escaped(text: str) -> str:
    """Without what WebVTT reads as markup, as an arrow or as the end of a cue."""
    plain = "\n".join(SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
