"""The bridges of a lecture: what was asked for, what segments say and show, all media as one.

Reported by whoever completed or changed them, and only where the version changed, since every
report wakes what depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline_defs.defs.lectures import previews
from pipeline_defs.domain.lectures import recipe
from pipeline_defs.domain.lectures.models import Lecture, Segment
from pipeline_defs.runtime.concurrency import all_ended
from pipeline_defs.runtime.driving import Assignment


async def report_request(job: Assignment, lecture: Lecture) -> None:
    """Report what was asked for if its version is new."""
    known = lecture.version(recipe.LECTURE_REQUEST, lecture.id)
    version, topic = recipe.request_version(lecture), lecture.topic
    await job.bridge(recipe.LECTURE_REQUEST, lecture.id, version, known, topic=topic)


async def report_segments(job: Assignment, lecture: Lecture, segments: Iterable[Segment]) -> None:
    """Report what these segments say and show, where its version is new."""
    await all_ended(_report_segment(job, lecture, segment) for segment in segments)


async def report_media(job: Assignment, lecture: Lecture) -> str:
    """Report all media as ready for the film; its version."""
    version = recipe.media_version(lecture)
    known = lecture.version(recipe.LECTURE_MEDIA, lecture.id)
    size = len(lecture.segments)
    about = {**previews.titled(lecture), "segments": size, **previews.of_media(lecture)}
    await job.bridge(recipe.LECTURE_MEDIA, lecture.id, version, known, **about)
    return version


async def _report_segment(job: Assignment, lecture: Lecture, segment: Segment) -> None:
    key, title = segment.key, previews.titled(lecture, segment)
    text, prompt = recipe.SEGMENT_SCRIPT, recipe.SEGMENT_PROMPT
    said = recipe.script_version(lecture, segment)
    await job.bridge(text, key, said, lecture.version(text, key), **title, says=segment.text)
    drawn = recipe.prompt_version(lecture, segment)
    shows = segment.picture or segment.text
    await job.bridge(prompt, key, drawn, lecture.version(prompt, key), **title, shows=shows)
