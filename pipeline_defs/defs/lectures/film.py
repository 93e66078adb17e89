"""Makes a lecture's music and its video.

The video is rendered from its manifest by joining clips that are not encoded again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline_defs.defs.lectures import bridges, checks, previews
from pipeline_defs.defs.lectures.companions import make_companions
from pipeline_defs.defs.lectures.making import Making, made
from pipeline_defs.defs.lectures.music import make_music
from pipeline_defs.defs.lectures.reading import read_lecture
from pipeline_defs.defs.lectures.rendering import render_manifest
from pipeline_defs.defs.lectures.showing import manifest_of
from pipeline_defs.domain.errors import Permanent, PipelineError
from pipeline_defs.domain.lectures import recipe
from pipeline_defs.domain.lectures.manifest import FilmFile, FilmManifest, first_changed
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.blobs import BlobRef
from pipeline_defs.media.beside import beside
from pipeline_defs.media.ffmpeg import workspace
from pipeline_defs.media.film import inspect_film
from pipeline_defs.runtime.driving import Assignment

ASSET = "lecture_video"
MUSIC = "lecture_music"


async def make_film(job: Assignment) -> None:
    """Compose the music, then assemble the video of what there is."""
    if job.fresh:
        await job.raise_generations((a, job.unit_id) for a in (MUSIC, ASSET) if job.selects(a))
    making = Making(job, await read_lecture(job))
    if not making.lecture.segments:
        raise Permanent(
            "SCRIPT_MISSING",
            "the lecture has no script yet",
            advice="Materialize lecture_script, then the media of its segments.",
        )
    await _music(making)
    making = Making(job, await read_lecture(job))
    media = await bridges.report_media(job, making.lecture)
    if job.selects(ASSET):
        inputs = making.inputs(ASSET, job.unit_id, media)
        await making.ensure(ASSET, job.unit_id, inputs, lambda: _make_video(making, inputs, media))
    await making.report_the_rest((MUSIC, ASSET), [job.unit_id])


async def _music(making: Making) -> None:
    lecture = making.lecture
    inputs = recipe.inputs_of(lecture, MUSIC, lecture.id)
    if lecture.music_tracks and inputs is not None:
        await making.ensure(MUSIC, lecture.id, inputs, lambda: make_music(making, inputs))


async def _make_video(making: Making, inputs: str, media: str) -> None:
    lecture = making.lecture
    manifest = await manifest_of(making)

    async def fetch(file: FilmFile, path: Path) -> None:
        await _fetch(making, manifest, file, path)

    async with (
        beside(make_companions(making, manifest)) as companions,
        beside(previews.film_pictures(making)) as pictures,
    ):
        async with workspace() as folder:
            film = await render_manifest(manifest, fetch, folder)
            report = await inspect_film(film.path, film)
            ref = await making.job.resources.gateways.blobs.put_file(film.path, "video/mp4")
        files, shown = await companions, await pictures
    faults = checks.video_faults(report, lecture.seconds)
    result: dict[str, Any] = {
        "blob": ref.as_dict(),
        **files,
        "seconds": round(report.video_seconds, 3),
        "loudness": report.loudness,
        "true_peak": report.true_peak,
        "drift": round(abs(report.video_seconds - report.audio_seconds), 3),
        "marks": [[chapter.start, chapter.title] for chapter in manifest.chapters],
        "still_segments": [s.n for s in manifest.segments if s.clip.kind != "clip"],
        "checks": faults,
    }
    video = made(
        ASSET,
        lecture.id,
        version_of(ref.sha256, files),
        inputs,
        inputs={recipe.LECTURE_MEDIA: media},
        metadata=previews.film(making, result, shown),
    )
    message = await _compared(making, manifest)
    await making.keep(video, result, message)
    await checks.report_video(making, faults, report)


async def _fetch(making: Making, manifest: FilmManifest, file: FilmFile, path: Path) -> None:
    """A file of the film. One that is lost is made again by what it belongs to."""
    ref = BlobRef(file.sha256, file.size, file.media_type)
    try:
        await making.job.resources.gateways.blobs.fetch_to(ref, path)
    except PipelineError as error:
        await making.lost(*_owner(making, manifest, file), error)
        raise


def _owner(making: Making, manifest: FilmManifest, file: FilmFile) -> tuple[str, str]:
    """The asset and partition that a file of the film is the result of."""
    for segment in manifest.segments:
        key = making.lecture.segments[segment.n - 1].key
        if segment.narration is not None and segment.narration.sha256 == file.sha256:
            return "segment_narration", key
        if segment.clip.sha256 == file.sha256 and segment.clip.kind == "clip":
            return "segment_clip", key
    is_music = any(track.sha256 == file.sha256 for track in manifest.music)
    return (MUSIC if is_music else ASSET), making.lecture.id


async def _compared(making: Making, manifest: FilmManifest) -> str:
    """What is new of the film, for the progress stream."""
    seconds = f"{manifest.seconds:g} s assembled"
    before = making.result(ASSET, making.lecture.id)
    if before is None:
        return seconds
    try:
        data = await making.job.resources.gateways.blobs.get(BlobRef(**before["manifest"]))
    except PipelineError:  # only a message depends on it
        return seconds
    changed = first_changed(FilmManifest.model_validate_json(data), manifest)
    if changed is None:
        return f"{seconds}; every picture as it was"
    return f"{seconds}; new from segment {changed} on"
