"""What a run works on: its lecture as it is stored, and the segments of its range."""

from __future__ import annotations

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.lectures.models import Lecture, Segment
from pipeline_defs.runtime.driving import Assignment
from pipeline_defs.storage import lectures


async def read_lecture(job: Assignment) -> Lecture:
    """The job's lecture as it is now."""
    return await job.work.transact(lambda tx: lectures.required(tx, job.unit_id))


def segments_of(job: Assignment, lecture: Lecture) -> list[Segment]:
    """The segments of the run's range; Permanent NO_SUCH_SEGMENT where the lecture has none."""
    known = {segment.key: segment for segment in lecture.segments}
    missing = [key for key in job.partitions if key not in known]
    if missing:
        raise Permanent(
            "NO_SUCH_SEGMENT",
            f"lecture {lecture.id} has {len(known)} segments, none is {missing[0]}",
            advice="Materialize lecture_script first, or choose another partition.",
        )
    return [known[key] for key in sorted(job.partitions)]
