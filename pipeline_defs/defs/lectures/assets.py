"""The assets of a lecture.

    lecture_script -> (segment_script) -> segment_narration
                   -> (segment_prompt) -> segment_image -> segment_start_frame -> segment_clip
    lecture_music, all segments -> (lecture_media) -> lecture_video

Names in brackets are bridges: they carry the versions between lectures and segments. What a segment
says and what it shows are two of them: a new picture leaves the narration alone. New words are
illustrated anew too, as the picture shows what is said.
"""

import dagster as dg

from pipeline_defs.defs.lectures.bridges import BRIDGES
from pipeline_defs.defs.lectures.checks import segment_check_specs, video_check_specs
from pipeline_defs.defs.lectures.film import make_film
from pipeline_defs.defs.lectures.partitions import lectures, segments
from pipeline_defs.defs.lectures.script import make_script
from pipeline_defs.defs.lectures.segments import make_media
from pipeline_defs.defs.orchestration import Group
from pipeline_defs.domain.lectures.recipe import (
    LECTURE_MEDIA,
    NEEDS,
    SEGMENT_PROMPT,
    SEGMENT_SCRIPT,
)
from pipeline_defs.runtime.lines import LECTURE_LINE

LINE = Group(LECTURE_LINE, ["team:courses"], BRIDGES)

segment_script = LINE.bridge(
    SEGMENT_SCRIPT,
    segments,
    "What a segment says: the words of its narration. Editing them turns the narration stale, and "
    "the image, which shows what is said.",
    deps=["lecture_script"],
    kinds={"text"},
)

segment_prompt = LINE.bridge(
    SEGMENT_PROMPT,
    segments,
    "What a segment shows: the prompt of its image. Editing it turns the image stale and leaves "
    "the narration alone.",
    deps=["lecture_script"],
    kinds={"text"},
)

lecture_media = LINE.bridge(
    LECTURE_MEDIA,
    lectures,
    "All media of a lecture as one: narrations and clips in order, and the music.",
    deps=["segment_narration", "segment_clip", "lecture_music"],
    kinds={"video", "audio"},
)


scripts = LINE.op(
    "scripts",
    "Write the scripts of the run's lectures, all at once.",
    pool="lecture_writing",
    specs=[
        LINE.asset(
            "lecture_script",
            lectures,
            "The script of a lecture: what is said and shown in each ten seconds, written from the "
            "topic by a text model or given by the user.",
            deps=NEEDS["lecture_script"],
            kinds={"json", "llm"},
        )
    ],
    work_on=make_script,
)


segment_media = LINE.op(
    "segment_media",
    "Make the media of a range of segments, each segment at its own pace.",
    pool="segment_media",
    specs=[
        LINE.asset(
            "segment_image",
            segments,
            "The picture of a segment. A refused one is drawn from a rewritten description, else a "
            "title card stands in for it.",
            deps=NEEDS["segment_image"],
            kinds={"image"},
        ),
        LINE.asset(
            "segment_narration",
            segments,
            "The spoken segment: ten seconds within five percent, measured on the sound, and "
            "transcribed back.",
            deps=NEEDS["segment_narration"],
            kinds={"audio"},
        ),
        LINE.asset(
            "segment_start_frame",
            segments,
            "The picture a segment's clip begins with, in the size of the film.",
            deps=NEEDS["segment_start_frame"],
            kinds={"image"},
        ),
        LINE.asset(
            "segment_clip",
            segments,
            "The moving picture of a segment: exactly ten seconds, in the form in which clips are "
            "joined without being encoded again.",
            deps=NEEDS["segment_clip"],
            kinds={"video"},
        ),
    ],
    work_on=make_media,
    checks=segment_check_specs(),
)


films = LINE.op(
    "films",
    "Compose the music and assemble the video of the run's lectures.",
    pool="lecture_assembly",
    specs=[
        LINE.asset(
            "lecture_music",
            lectures,
            "The background music of a lecture, one or several pieces that together are as long.",
            deps=NEEDS["lecture_music"],
            kinds={"audio"},
        ),
        LINE.asset(
            "lecture_video",
            lectures,
            "The finished lecture: clips, narration and ducked music, with captions, chapters, a "
            "poster and the manifest it can be rendered from again.",
            deps=NEEDS["lecture_video"],
            kinds={"video"},
        ),
    ],
    work_on=make_film,
    checks=video_check_specs(),
)


@dg.definitions
def lecture_assets() -> dg.Definitions:
    """The assets and bridges, in one group."""
    return dg.Definitions(
        assets=[
            segment_script,
            segment_prompt,
            lecture_media,
            scripts,
            segment_media,
            films,
        ]
    )
