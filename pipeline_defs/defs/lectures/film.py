"""Makes a lecture's music and its video.

The video is joined from clips that are not encoded again. A segment without its clip is shown with
its start frame as a moving still, one without a picture with its title card; each still is made
once.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline_defs import policies
from pipeline_defs.defs.lectures import bridges, checks, previews
from pipeline_defs.defs.lectures.companions import chapters_of, make_companions
from pipeline_defs.defs.lectures.making import Making, made, read_lecture
from pipeline_defs.defs.lectures.music import make_music
from pipeline_defs.domain.errors import Permanent, PipelineError
from pipeline_defs.domain.lectures import recipe
from pipeline_defs.domain.lectures.models import Segment
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.blobs import BlobRef
from pipeline_defs.media.cards import title_card
from pipeline_defs.media.clips import moving_still
from pipeline_defs.media.ffmpeg import workspace
from pipeline_defs.media.film import Film, FilmPart, inspect_film, render_film
from pipeline_defs.runtime.concurrency import all_ended
from pipeline_defs.runtime.driving import Assignment

ASSET = "lecture_video"
MUSIC = "lecture_music"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a segment shows in the film: a file, and whether it is its clip, a still or a card."""

    kind: str
    blob: dict[str, Any]


async def make_film(job: Assignment) -> None:
    """Compose the music, meanwhile make the stills that are needed, then assemble the video."""
    if job.fresh:
        await job.raise_generations((a, job.unit_id) for a in (MUSIC, ASSET) if job.selects(a))
    lecture = await read_lecture(job)
    if not lecture.segments:
        raise Permanent(
            "SCRIPT_MISSING",
            "the lecture has no script yet",
            advice="Materialize lecture_script, then the media of its segments.",
        )
    making = Making(job, lecture)
    await all_ended([_music(making), _stills(making)])
    if job.selects(ASSET):
        lecture = await read_lecture(job)
        media = await bridges.report_media(job, lecture)
        making = Making(job, lecture)
        inputs = making.inputs(ASSET, lecture.id, media)
        await making.ensure(ASSET, lecture.id, inputs, lambda: _make_video(making, inputs, media))
    await making.report_the_rest((MUSIC, ASSET), [lecture.id])


async def _music(making: Making) -> None:
    lecture = making.lecture
    inputs = recipe.inputs_of(lecture, MUSIC, lecture.id)
    if lecture.music_tracks and inputs is not None:
        await making.ensure(MUSIC, lecture.id, inputs, lambda: make_music(making, inputs))


async def _stills(making: Making) -> None:
    """Made now, while the music is composed; the film finds them."""
    if making.job.selects(ASSET):
        await all_ended(_shown(making, segment) for segment in making.lecture.segments)


async def _make_video(making: Making, inputs: str, media: str) -> None:
    lecture = making.lecture
    shown = await all_ended(_shown(making, segment) for segment in lecture.segments)
    async with workspace() as folder:
        film = await _rendered(making, shown, folder)
        report = await inspect_film(film.path)
        companions = await make_companions(making, [(s.kind, s.blob) for s in shown])
        ref = await making.job.resources.gateways.blobs.put_file(film.path, "video/mp4")
    faults = checks.video_faults(report, lecture.seconds)
    result: dict[str, Any] = {
        "blob": ref.as_dict(),
        **companions.files,
        "seconds": round(report.video_seconds, 3),
        "loudness": film.loudness,
        "true_peak": film.true_peak,
        "drift": round(abs(report.video_seconds - report.audio_seconds), 3),
        "marks": companions.marks,
        "still_segments": [n for n, s in enumerate(shown, start=1) if s.kind != "clip"],
        "checks": faults,
    }
    video = made(
        ASSET,
        lecture.id,
        version_of(ref.sha256, companions.files),
        inputs,
        inputs={recipe.LECTURE_MEDIA: media},
        metadata=await previews.film(making, result, await _pictures(making)),
    )
    await making.keep(video, result, f"{lecture.seconds} s assembled")
    await checks.report_video(making, faults, report)


async def _rendered(making: Making, shown: list[Shown], folder: Path) -> Film:
    """The film from files in `folder`."""
    lecture = making.lecture
    parts = [
        await _part(making, segment, what, folder)
        for segment, what in zip(lecture.segments, shown, strict=True)
    ]
    music = making.result(MUSIC, lecture.id) if lecture.music_tracks else None
    tracks: list[Path] = []
    for number, track in enumerate((music or {}).get("tracks", ()), start=1):
        suffix = "mp3" if track["blob"]["media_type"] == "audio/mpeg" else "wav"
        path = folder / f"music{number}.{suffix}"
        await _fetch(making, MUSIC, lecture.id, track["blob"], path)
        tracks.append(path)
    return await render_film(
        parts,
        music=tracks,
        chapters=[(mark.start, mark.title) for mark in chapters_of(lecture)],
        title=lecture.title or lecture.topic,
        folder=folder,
    )


async def _part(making: Making, segment: Segment, shown: Shown, folder: Path) -> FilmPart:
    clip = folder / f"clip{segment.order:03d}.mp4"
    asset = "segment_clip" if shown.kind == "clip" else ASSET
    partition = segment.key if shown.kind == "clip" else making.lecture.id
    await _fetch(making, asset, partition, shown.blob, clip)
    narration = _current(making, "segment_narration", segment)
    if narration is None:
        return FilmPart(clip, None)
    wav = folder / f"narration{segment.order:03d}.wav"
    await _fetch(making, "segment_narration", segment.key, narration["blob"], wav)
    return FilmPart(clip, wav)


async def _fetch(
    making: Making, asset: str, partition: str, blob: dict[str, Any], path: Path
) -> None:
    try:
        await making.job.resources.gateways.blobs.fetch_to(BlobRef(**blob), path)
    except PipelineError as error:
        await making.lost(asset, partition, error)
        raise


async def _shown(making: Making, segment: Segment) -> Shown:
    """Its clip; else its start frame in slow motion; else its title card so."""
    clip = _current(making, "segment_clip", segment)
    if clip is not None:
        return Shown("clip", clip["blob"])
    frame = _current(making, "segment_start_frame", segment)
    if frame is not None:
        picture = await making.read("segment_start_frame", segment.key, frame["blob"])
        return Shown("still", await _still(making, segment, picture))
    card = await asyncio.to_thread(
        title_card,
        lecture=making.lecture.title or making.lecture.topic,
        heading=segment.heading,
        number=segment.order,
        width=policies.VIDEO_WIDTH,
        height=policies.VIDEO_HEIGHT,
    )
    return Shown("card", await _still(making, segment, card))


async def _still(making: Making, segment: Segment, picture: bytes) -> dict[str, Any]:
    """A picture as a clip, encoded once."""

    async def encode() -> dict[str, Any]:
        clip = await moving_still(picture, seconds=policies.SEGMENT_SECONDS, seed=segment.order)
        return await making.put(clip, "video/mp4")

    source = BlobRef.of(picture, "").sha256
    return await making.work.step(
        making.lecture.id, "still", version_of(source, recipe.FILM_SETTINGS, segment.order), encode
    )


async def _pictures(making: Making) -> list[bytes]:
    """The start frames there are, in order, for the contact sheet."""
    found: list[bytes] = []
    for segment in making.lecture.segments:
        frame = making.result("segment_start_frame", segment.key)
        if frame is not None:
            found.append(await making.read("segment_start_frame", segment.key, frame["blob"]))
    return found


def _current(making: Making, asset: str, segment: Segment) -> dict[str, Any] | None:
    """A result to be shown: not one of an earlier text or picture that is to be replaced."""
    state = segment.asset(asset)
    return state.result if state.status == "ready" else None
