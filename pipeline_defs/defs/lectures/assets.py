"""The assets of a lecture.

    (lecture_request) -> lecture_script -> (segment_script) -> segment_narration
                                        -> (segment_prompt) -> segment_image
    segment_image -> segment_start_frame -> segment_clip
    lecture_music, all segments -> (lecture_media) -> lecture_video

Names in brackets are bridges: they carry the version of what was asked for, and versions between
lectures and segments. What a segment
says and what it shows are two of them: a new picture leaves the narration alone. New words are
illustrated anew too, as the picture shows what is said.
"""

import dagster as dg

from pipeline_defs.defs.lectures.about import ABOUT
from pipeline_defs.defs.lectures.bridges import report_media, report_segments
from pipeline_defs.defs.lectures.checks import segment_check_specs, video_check_specs
from pipeline_defs.defs.lectures.clip import make_clip
from pipeline_defs.defs.lectures.film import make_film
from pipeline_defs.defs.lectures.frame import make_frame
from pipeline_defs.defs.lectures.image import make_image
from pipeline_defs.defs.lectures.music import make_music
from pipeline_defs.defs.lectures.narration import make_narration
from pipeline_defs.defs.lectures.partitions import lectures, segments
from pipeline_defs.defs.lectures.script import make_script
from pipeline_defs.defs.lectures.segments import make_media
from pipeline_defs.defs.lectures.showing import manifest_of
from pipeline_defs.defs.orchestration import Group
from pipeline_defs.domain.lectures import recipe
from pipeline_defs.domain.lectures.narration import decide
from pipeline_defs.domain.lectures.prompts import music_prompt, picture_prompt, script_task
from pipeline_defs.domain.lectures.recipe import (
    BRIDGES,
    LECTURE_MEDIA,
    LECTURE_REQUEST,
    NEEDS,
    SEGMENT_PROMPT,
    SEGMENT_SCRIPT,
)
from pipeline_defs.runtime.lines import LECTURE_LINE

LINE = Group(LECTURE_LINE, ["team:courses"], ABOUT, BRIDGES, recipe)

lecture_request = LINE.bridge(
    LECTURE_REQUEST,
    lectures,
    deps=[],
    kinds={"postgres"},
    code={"code": recipe.request_version},
)

segment_script = LINE.bridge(
    SEGMENT_SCRIPT,
    segments,
    deps=["lecture_script"],
    kinds={"postgres"},
    code={"code": report_segments},
)

segment_prompt = LINE.bridge(
    SEGMENT_PROMPT,
    segments,
    deps=["lecture_script"],
    kinds={"postgres"},
    code={"code": report_segments},
)

lecture_media = LINE.bridge(
    LECTURE_MEDIA,
    lectures,
    deps=["segment_narration", "segment_clip", "lecture_music"],
    kinds={"postgres"},
    code={"code": report_media},
)


scripts = LINE.op(
    "scripts",
    "Write the scripts of the run's lectures, all at once.",
    pool="lecture_writing",
    specs=[
        LINE.asset(
            "lecture_script",
            lectures,
            deps=NEEDS["lecture_script"],
            kinds={"openai", "table"},
            code={"code": make_script, "prompt": script_task},
            asks=["text"],
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
            deps=NEEDS["segment_image"],
            kinds={"openai", "image"},
            code={"code": make_image, "prompt": picture_prompt},
            asks=["image", "text"],
        ),
        LINE.asset(
            "segment_narration",
            segments,
            deps=NEEDS["segment_narration"],
            kinds={"file", "audio"},
            code={"code": make_narration, "fitting loop": decide},
            asks=["speech", "transcription", "text"],
        ),
        LINE.asset(
            "segment_start_frame",
            segments,
            deps=NEEDS["segment_start_frame"],
            kinds={"file", "image"},
            code={"code": make_frame},
        ),
        LINE.asset(
            "segment_clip",
            segments,
            deps=NEEDS["segment_clip"],
            kinds={"file", "video"},
            code={"code": make_clip},
            asks=["video"],
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
            deps=NEEDS["lecture_music"],
            kinds={"file", "audio"},
            code={"code": make_music, "prompt": music_prompt},
            asks=["music"],
        ),
        LINE.asset(
            "lecture_video",
            lectures,
            deps=NEEDS["lecture_video"],
            kinds={"file", "video"},
            code={"code": make_film, "manifest": manifest_of},
        ),
    ],
    work_on=make_film,
    checks=video_check_specs(),
)


@dg.definitions
def lecture_assets() -> dg.Definitions:
    """The assets and bridges, in one group."""
    return LINE.definitions(
        [
            lecture_request,
            segment_script,
            segment_prompt,
            lecture_media,
            scripts,
            segment_media,
            films,
        ]
    )
