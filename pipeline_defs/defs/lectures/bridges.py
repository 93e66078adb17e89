"""The bridges of a lecture: what its segments say and show, and all its media as one.

Reported by whoever completed or changed them, and only where the version changed, since every
report wakes what depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline_defs.domain.lectures import recipe
from pipeline_defs.domain.lectures.models import Lecture, Segment
from pipeline_defs.runtime.bridging import Bridge, note
from pipeline_defs.runtime.driving import Assignment

BRIDGES = frozenset({recipe.SEGMENT_SCRIPT, recipe.SEGMENT_PROMPT, recipe.LECTURE_MEDIA})


async def report_segments(job: Assignment, lecture: Lecture, segments: Iterable[Segment]) -> None:
    """Report what these segments say and show, where its version is new."""
    for segment in segments:
        text = recipe.script_version(lecture, segment)
        await _report(job, lecture, recipe.SEGMENT_SCRIPT, segment.key, text, says=segment.text)
        prompt = recipe.prompt_version(lecture, segment)
        shown = segment.picture or segment.text
        await _report(job, lecture, recipe.SEGMENT_PROMPT, segment.key, prompt, shows=shown)


async def report_media(job: Assignment, lecture: Lecture) -> str:
    """Report all media as ready for the film; its version."""
    version = recipe.media_version(lecture)
    await _report(
        job, lecture, recipe.LECTURE_MEDIA, lecture.id, version, segments=len(lecture.segments)
    )
    return version


async def _report(
    job: Assignment,
    lecture: Lecture,
    asset: str,
    partition: str,
    version: str,
    **metadata: str | int,
) -> None:
    known = lecture.version(asset, partition)
    if known is not None and known.data_version == version:
        return
    await job.reporter.bridged(asset, partition, version, **metadata)
    bridge = Bridge(asset, partition, version, known)
    await job.work.transact(lambda tx: note(tx, lecture.id, bridge))
