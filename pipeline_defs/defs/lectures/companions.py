"""What goes with a lecture's video: captions, chapters, a poster, and its manifest."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline_defs import policies
from pipeline_defs.defs.lectures.making import Making
from pipeline_defs.domain.lectures import captions, recipe
from pipeline_defs.domain.lectures.captions import CaptionSource, Chapter
from pipeline_defs.domain.lectures.manifest import FilmManifest, FilmSegment
from pipeline_defs.domain.lectures.models import Lecture, Segment
from pipeline_defs.media.cards import poster

SECONDS = policies.SEGMENT_SECONDS


@dataclass(frozen=True, slots=True)
class Companions:
    """References to the files by the name the result gives them, and the chapters as marks."""

    files: dict[str, dict[str, Any]]
    marks: list[list[Any]]


def chapters_of(lecture: Lecture) -> list[Chapter]:
    """The chapters of a lecture: neighbouring segments under one heading."""
    return captions.chapters([segment.heading for segment in lecture.segments], SECONDS)


async def make_companions(
    making: Making, shown: Sequence[tuple[str, dict[str, Any]]]
) -> Companions:
    """Write and store them; `shown` is what each segment shows: its kind and its file."""
    lecture = making.lecture
    chapters = chapters_of(lecture)
    cues = captions.cues([_caption_source(making, segment) for segment in lecture.segments])
    texts = {
        "captions": (captions.webvtt(cues, lecture.language), "text/vtt"),
        "chapters": (captions.chapters_vtt(chapters), "text/vtt"),
        "manifest": (_manifest(making, chapters, shown).as_json(), "application/json"),
    }
    files = {
        name: await making.put(text.encode(), media_type)
        for name, (text, media_type) in texts.items()
    }
    files["poster"] = await making.put(await _poster(making), "image/jpeg")
    return Companions(files, [[chapter.start, chapter.title] for chapter in chapters])
