"""The bridges of a lecture: what its segments say and show, and all its media as one.

Reported by whoever completed or changed them, and only where the version changed, since every
report wakes what depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline_defs.domain.lectures import recipe
from pipeline_defs.domain.lectures.models import Lecture, Segment
from pipeline_defs.runtime.concurrency import all_ended
from pipeline_defs.runtime.driving import Assignment
from pipeline_defs.runtime.work import Made

BRIDGES = frozenset({recipe.SEGMENT_SCRIPT, recipe.SEGMENT_PROMPT, recipe.LECTURE_MEDIA})


async def report_segments(job: Assignment, lecture: Lecture, segments: Iterable[Segment]) -> None:
    """Report what these segments say and show, where its version is new."""
    await all_ended(
        _report(job, lecture, made)
        for segment in segments
        for made in _of_segment(lecture, segment)
    )


async def report_media(job: Assignment, lecture: Lecture) -> str:
    """Report all media as ready for the film; its version."""
    version = recipe.media_version(lecture)
    size = {"segments": len(lecture.segments)}
    await _report(
        job, lecture, Made(recipe.LECTURE_MEDIA, lecture.id, version, "", "", metadata=size)
    )
    return version


def _of_segment(lecture: Lecture, segment: Segment) -> tuple[Made, Made]:
    text = recipe.script_version(lecture, segment)
    prompt = recipe.prompt_version(lecture, segment)
    said, shown = {"says": segment.text}, {"shows": segment.picture or segment.text}
    return (
        Made(recipe.SEGMENT_SCRIPT, segment.key, text, "", "", metadata=said),
        Made(recipe.SEGMENT_PROMPT, segment.key, prompt, "", "", metadata=shown),
    )


async def _report(job: Assignment, lecture: Lecture, made: Made) -> None:
    known = lecture.version(made.asset, made.partition)
    if known is not None and known.data_version == made.data_version:
        return
    await job.work.store(made)
    await job.reporter.made(job.work, made)
