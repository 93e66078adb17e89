"""What the assets of a lecture are made from: versions, input hashes, staleness, the next work.

Pure functions of a `Lecture`. The same rules stand behind Dagster's staleness (through the tags on
every materialization), Studio's and the command line's, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline_defs import policies
from pipeline_defs.domain.graph import Node
from pipeline_defs.domain.kinds import LECTURES
from pipeline_defs.domain.lectures import prompts
from pipeline_defs.domain.lectures.models import (
    LECTURE_ASSETS,
    SEGMENT_ASSETS,
    Lecture,
    Segment,
)
from pipeline_defs.domain.stored_files import Files, files_in
from pipeline_defs.domain.versions import Maker, maker, version_of
from pipeline_defs.domain.work import Work

LECTURE_REQUEST = "lecture_request"
SEGMENT_SCRIPT = "segment_script"
SEGMENT_PROMPT = "segment_prompt"
LECTURE_MEDIA = "lecture_media"
BRIDGES = frozenset({LECTURE_REQUEST, SEGMENT_SCRIPT, SEGMENT_PROMPT, LECTURE_MEDIA})
SEGMENT_SECONDS = policies.SEGMENT_SECONDS
FRAME_SIZE = (policies.VIDEO_WIDTH, policies.VIDEO_HEIGHT)
CLIP_SETTINGS = (
    SEGMENT_SECONDS,
    *FRAME_SIZE,
    policies.VIDEO_FPS,
    policies.VIDEO_CRF,
    policies.VIDEO_KEYFRAMES,
    policies.CLIP_SLOWED_MOST,
)
MUSIC_SECONDS = (policies.MUSIC_SHORTEST, policies.MUSIC_LONGEST)
LECTURES_CODE = "pipeline_defs.domain.lectures"
RECIPE = f"{LECTURES_CODE}.recipe"
PROMPTS = f"{LECTURES_CODE}.prompts"
SCRIPTS = f"{LECTURES_CODE}.scripts"
MEDIA = "pipeline_defs.media"
STILL = f"{MEDIA}.clips:moving_still"
# A changed prompt, rule, number or model turns exactly its assets stale, with these exceptions that
# would have everything paid for again for the sake of hardly anything:
# - the writing model is asked by images and narrations only after a refusal, or where a text does
#   not fit its time; those who choose another one want other scripts (the prompts of both count:
#   they are for nothing else). Nor do title cards count for images, or who listens to narrations;
# - what fits a delivered clip to the film is code of ours; only its settings count for clips.
MAKERS: Mapping[str, Maker] = {
    "lecture_script": maker(
        prompts.SCRIPT_INSTRUCTIONS,
        code=(
            f"{PROMPTS}:script_task",
            f"{SCRIPTS}:LectureDraft",
            "pipeline_defs.domain.articles.prompts:as_prompt",
        ),
        purposes=("writing",),
    ),
    "segment_image": maker(
        prompts.PICTURE_INSTRUCTIONS,
        code=(
            f"{PROMPTS}:picture_prompt",
            f"{PROMPTS}:picture_task",
            f"{SCRIPTS}:PictureDraft",
            f"{RECIPE}:FRAME_SIZE",
        ),
        purposes=("image",),
    ),
    "segment_narration": maker(
        prompts.NARRATION_INSTRUCTIONS,
        code=(
            f"{LECTURES_CODE}.narration",
            f"{PROMPTS}:narration_task",
            f"{SCRIPTS}:NarrationDraft",
            f"{MEDIA}.sound:placed",
            f"{MEDIA}.sound:stretched",
        ),
        purposes=("speech",),
    ),
    "segment_start_frame": maker(code=(f"{MEDIA}.pictures:start_frame", f"{RECIPE}:FRAME_SIZE")),
    "segment_clip": maker(
        prompts.CLIP_PROMPT, code=(f"{RECIPE}:CLIP_SETTINGS",), purposes=("video",)
    ),
    "lecture_music": maker(
        code=(f"{PROMPTS}:music_prompt", f"{RECIPE}:MUSIC_SECONDS"), purposes=("music",)
    ),
    "lecture_video": maker(
        code=(f"{LECTURES_CODE}.captions", f"{MEDIA}.cards", f"{MEDIA}.film:render_film", STILL),
    ),
}
# What each asset is made from within its own partition: asset or bridge.
NEEDS: dict[str, tuple[str, ...]] = {
    "segment_image": (SEGMENT_PROMPT,),
    "segment_narration": (SEGMENT_SCRIPT,),
    "segment_start_frame": ("segment_image",),
    "segment_clip": ("segment_start_frame",),
    "lecture_script": (LECTURE_REQUEST,),
    "lecture_music": (),  # of nothing that can be changed
    "lecture_video": (LECTURE_MEDIA,),
}

# Steps of the ledger whose results name files: forgotten when an asset's file is lost.
STEPS: dict[str, tuple[str, ...]] = {
    "segment_image": ("image",),
    "segment_narration": ("speech",),
    "segment_start_frame": (),
    "segment_clip": ("clip", "fit"),
    "lecture_script": (),
    "lecture_music": ("music",),
    "lecture_video": ("still",),
}


def code_version(lecture: Lecture, asset: str) -> str:
    """Version of the prompts, rules, code and models that make an asset."""
    return MAKERS[asset].version(lecture.models)


def request_version(lecture: Lecture) -> str:
    """Version of what was asked for, and of how the organization sounds."""
    return version_of(
        lecture.topic, lecture.seconds, lecture.script_given, lecture.language, lecture.style
    )


def script_version(lecture: Lecture, segment: Segment) -> str:
    """Version of what a segment says: the bridge that its narration follows from."""
    return version_of(segment.text, lecture.language, lecture.voice)


def prompt_version(lecture: Lecture, segment: Segment) -> str:
    """Version of what a segment shows: the bridge that its image follows from."""
    prompt = prompts.picture_prompt(lecture, segment, segment.picture)
    return version_of(prompt, lecture.images_per_segment)


def media_version(lecture: Lecture) -> str:
    """Version of everything a finished film consists of, in order."""
    return version_of(
        lecture.title,
        [
            (
                segment.heading,
                _shown(lecture, "segment_narration", segment.key),
                _shown(lecture, "segment_clip", segment.key),
                _shown(lecture, "segment_start_frame", segment.key),
            )
            for segment in lecture.segments
        ],
        _shown(lecture, "lecture_music", lecture.id) if lecture.music_tracks else "",
    )


def script_inputs(lecture: Lecture) -> str:
    """Hash of what a script is written from."""
    return input_hash(lecture, "lecture_script", lecture.id, request_version(lecture))


def input_version(lecture: Lecture, name: str, partition: str) -> str | None:
    """Current version of what something is made from; None while it is missing."""
    if name == LECTURE_MEDIA:
        return media_version(lecture)
    if name == LECTURE_REQUEST:
        return request_version(lecture)
    if name in (SEGMENT_SCRIPT, SEGMENT_PROMPT):
        segment = lecture.segment(partition)
        rule = script_version if name == SEGMENT_SCRIPT else prompt_version
        return rule(lecture, segment)
    return _made(lecture, name, partition) or None


def sources_of(lecture: Lecture, asset: str, partition: str) -> dict[str, str | None]:
    """Current version of all that an asset is made from; None of what is not made."""
    return {name: input_version(lecture, name, partition) for name in NEEDS[asset]}


def inputs_of(lecture: Lecture, asset: str, partition: str) -> str | None:
    """Hash of all an asset is made from now; None while some of it is missing."""
    if asset == "lecture_music":
        wanted = [prompts.music_prompt(lecture, n + 1) for n in range(lecture.music_tracks)]
        versions: list[str | None] = [version_of(wanted, lecture.seconds)]
    else:
        versions = [input_version(lecture, name, partition) for name in NEEDS[asset]]
    if None in versions:
        return None
    return input_hash(lecture, asset, partition, *[v for v in versions if v is not None])


def input_hash(lecture: Lecture, asset: str, partition: str, *versions: str) -> str:
    """The same for versions already known, such as that of an image made a moment ago."""
    generation = lecture.generation(asset, partition)
    return version_of(*versions, code_version(lecture, asset), generation)


def is_stale(lecture: Lecture, asset: str, partition: str) -> bool:
    """Whether a result no longer follows from what it was made from, or was asked for anew."""
    made = lecture.version(asset, partition)
    inputs = inputs_of(lecture, asset, partition)
    return made is not None and inputs is not None and made.input_hash != inputs


def is_up_to_date(lecture: Lecture, asset: str, partition: str) -> bool:
    """Whether there is a result and it follows from what it is made from now."""
    state = lecture.state(asset, partition)
    made = lecture.version(asset, partition)
    return made is not None and state.result is not None and not is_stale(lecture, asset, partition)


def nodes(lecture: Lecture) -> Iterator[tuple[str, str]]:
    """Every (asset, partition) of the lecture, in the order of making."""
    yield "lecture_script", lecture.id
    for segment in lecture.segments:
        for asset in SEGMENT_ASSETS:
            yield asset, segment.key
    if lecture.music_tracks:
        yield "lecture_music", lecture.id
    yield "lecture_video", lecture.id


def wanting(lecture: Lecture) -> list[tuple[str, str]]:
    """Every (asset, partition) that is stale, missing, failed or skipped."""
    return [
        (asset, partition)
        for asset, partition in nodes(lecture)
        if lecture.state(asset, partition).status != "ready" or is_stale(lecture, asset, partition)
    ]


def next_work(lecture: Lecture) -> Work | None:
    """What has to run next, or None when the lecture is as complete as it will be."""
    if not lecture.segments or _is_due(lecture.asset("lecture_script").status):
        return Work("write_lecture_script", ("lecture_script",), LECTURES.name, (lecture.id,))
    due = [
        segment.order
        for segment in lecture.segments
        if any(_is_due(segment.asset(asset).status) for asset in SEGMENT_ASSETS)
    ]
    if due:
        keys = tuple(s.key for s in lecture.segments[due[0] - 1 : due[-1]])
        return Work("make_lecture_media", SEGMENT_ASSETS, "segments", keys)
    whole = LECTURE_ASSETS[1:] if lecture.music_tracks else LECTURE_ASSETS[2:]
    if (
        any(_is_due(lecture.asset(asset).status) for asset in whole)
        or _is_outdated(lecture)
        or lecture.has_unreported
    ):
        return Work("assemble_lecture", whole, LECTURES.name, (lecture.id,))
    return None


def files(lecture: Lecture) -> Files:
    """Every file that its results refer to."""
    return [
        (Node(asset, partition), file)
        for asset, partition in nodes(lecture)
        for file in files_in(lecture.state(asset, partition).result)
    ]


DUE = frozenset({"pending", "working"})


def _is_due(status: str) -> bool:
    return status in DUE


def _is_outdated(lecture: Lecture) -> bool:
    """Whether there is a film of other media than there are now."""
    ready = lecture.asset("lecture_video").status == "ready"
    return ready and is_stale(lecture, "lecture_video", lecture.id)


def _shown(lecture: Lecture, asset: str, partition: str) -> str:
    """Version of what the film would show: nothing that failed or is to be replaced."""
    ready = lecture.state(asset, partition).status == "ready"
    return _made(lecture, asset, partition) if ready else ""


def _made(lecture: Lecture, asset: str, partition: str) -> str:
    made = lecture.version(asset, partition)
    return made.data_version if made else ""
