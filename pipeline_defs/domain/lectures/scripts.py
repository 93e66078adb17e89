"""What a text model is asked for, and must answer, for a lecture.

The task travels as one JSON object in a fenced block of the prompt (`articles.prompts.as_prompt`),
so that any model, and the local extractive writer, reads the same facts.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline_defs.domain.frozen import Frozen
from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.voice import Voice


class LectureTask(Frozen):
    """Asks for the script of a lecture of exactly `segments` segments of `seconds` seconds each.

    Each segment's narration has between `min_chars` and `max_chars` characters, which is what a
    calm voice says in that time.
    """

    task: Literal["lecture_script"] = "lecture_script"
    topic: str
    segments: int
    seconds: int
    min_chars: int
    max_chars: int
    language: Language = "en"
    voice: Voice = Voice()


class SegmentDraft(Frozen):
    """One segment: a short heading for the chapter, what is said, and what is to be seen."""

    heading: str = Field(min_length=1, max_length=80)
    text: str = Field(min_length=1, max_length=600)
    picture: str = Field(default="", max_length=600)


class LectureDraft(Frozen):
    """A written script."""

    title: str = Field(min_length=1, max_length=120)
    description: str = Field(default="", max_length=400)
    segments: tuple[SegmentDraft, ...]


class NarrationTask(Frozen):
    """Asks for the same statement in between `min_chars` and `max_chars` characters."""

    task: Literal["narration_rewrite"] = "narration_rewrite"
    text: str
    min_chars: int
    max_chars: int
    language: Language = "en"


class NarrationDraft(Frozen):
    """A narration said anew in the asked length."""

    text: str = Field(min_length=1, max_length=600)


class PictureTask(Frozen):
    """Asks for a harmless description of a picture in place of one that was refused."""

    task: Literal["picture_rewrite"] = "picture_rewrite"
    heading: str
    text: str
    refused: str
    reason: str


class PictureDraft(Frozen):
    """A description of a picture."""

    picture: str = Field(min_length=1, max_length=600)
