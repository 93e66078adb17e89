"""What each segment shows in the film, and the manifest of it all.

A segment without its clip is shown with its start frame as a moving still, one without a picture
with its title card; each still is encoded once.
"""

from __future__ import annotations

from typing import Any

from pipeline_defs import policies
from pipeline_defs.defs.lectures.making import Making
from pipeline_defs.defs.lectures.title_cards import card_of
from pipeline_defs.domain.lectures import captions, recipe
from pipeline_defs.domain.lectures.manifest import (
    FilmChapter,
    FilmClip,
    FilmManifest,
    FilmNarration,
    FilmSegment,
    FilmTrack,
    PictureKind,
)
from pipeline_defs.domain.lectures.models import Segment
from pipeline_defs.domain.versions import source_version, version_of
from pipeline_defs.gateways.blobs import BlobRef
from pipeline_defs.media.clips import moving_still
from pipeline_defs.runtime.concurrency import all_ended

SECONDS = policies.SEGMENT_SECONDS
PICTURES: dict[str | None, PictureKind] = {
    None: "drawn",
    "rewritten": "rewritten",
    "title_card": "title_card",
}


async def manifest_of(making: Making) -> FilmManifest:
    """Everything the film consists of; makes the stills it needs."""
    lecture = making.lecture
    clips = await all_ended(_shown(making, segment) for segment in lecture.segments)
    music = making.result("lecture_music", lecture.id) if lecture.music_tracks else None
    chapters = captions.chapters(segment.heading for segment in lecture.segments)
    return FilmManifest(
        lecture=lecture.id,
        title=lecture.title or lecture.topic,
        seconds=lecture.seconds,
        fps=policies.VIDEO_FPS,
        width=policies.VIDEO_WIDTH,
        height=policies.VIDEO_HEIGHT,
        settings=recipe.code_version(lecture, "lecture_video"),
        segments=tuple(
            _segment(segment, clip) for segment, clip in zip(lecture.segments, clips, strict=True)
        ),
        music=tuple(
            FilmTrack(**track["blob"], seconds=track["seconds"])
            for track in (music or {}).get("tracks", ())
        ),
        chapters=tuple(FilmChapter(start=c.start, end=c.end, title=c.title) for c in chapters),
    )


async def _shown(making: Making, segment: Segment) -> FilmClip:
    """Its clip; else its start frame in slow motion; else its title card so."""
    clip = _current(segment, "segment_clip")
    if clip is not None:
        return FilmClip(**clip["blob"], kind="clip")
    frame = _current(segment, "segment_start_frame")
    if frame is not None:
        picture = await making.read("segment_start_frame", segment.key, frame["blob"])
        return FilmClip(**await _still(making, segment, picture), kind="still")
    card = await card_of(making, segment)
    return FilmClip(**await _still(making, segment, card), kind="card")


async def _still(making: Making, segment: Segment, picture: bytes) -> dict[str, Any]:
    """A picture as a clip, encoded once."""

    async def encode() -> dict[str, Any]:
        clip = await moving_still(picture, seconds=SECONDS, seed=segment.order)
        return await making.put(clip, "video/mp4")

    still = source_version(recipe.STILL)
    made_of = version_of(BlobRef.of(picture, "").sha256, still, segment.order)
    return await making.work.step(making.lecture.id, "still", made_of, encode)


def _segment(segment: Segment, clip: FilmClip) -> FilmSegment:
    start = (segment.order - 1) * SECONDS
    image, narration = _current(segment, "segment_image"), _current(segment, "segment_narration")
    return FilmSegment(
        n=segment.order,
        start=start,
        end=start + SECONDS,
        heading=segment.heading,
        text=narration["text"] if narration else segment.text,
        picture=PICTURES[image["fallback"]] if image else "missing",
        clip=clip,
        narration=FilmNarration(**narration["blob"], method=narration["method"])
        if narration
        else None,
        speech=tuple(narration["speech"]) if narration else None,
    )


def _current(segment: Segment, asset: str) -> dict[str, Any] | None:
    """A result to be shown: not one of an earlier text or picture that is to be replaced."""
    state = segment.asset(asset)
    return state.result if state.status == "ready" else None
