"""The film of a lecture: clips joined as they are, sound, chapters; and what became of them."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline_defs import policies
from pipeline_defs.media.beside import beside
from pipeline_defs.media.clip_facts import clip_facts
from pipeline_defs.media.clips import fitted
from pipeline_defs.media.ffmpeg import run_ffmpeg
from pipeline_defs.media.film_container import FilmContainer, read_container
from pipeline_defs.media.film_metadata import film_metadata
from pipeline_defs.media.loudness import PEAK_METER, Loudness, metered
from pipeline_defs.media.soundtrack import write_soundtrack

Spans = tuple[tuple[float, float], ...]

_BLACK = re.compile(r"black_start:([\d.]+) black_end:([\d.]+)")
_COPY = ("-c", "copy", "-fflags", "+bitexact", "-f", "mp4")
_FREEZE = re.compile(r"freeze_(start|end): ([\d.]+)")


@dataclass(frozen=True, slots=True)
class FilmPart:
    """One segment: its clip, and its narration (WAV), which may be missing. Each fills it."""

    clip: Path
    narration: Path | None


@dataclass(frozen=True, slots=True)
class Standstill:
    """Spans in seconds of a film that are black or frozen for longer than is allowed."""

    black: Spans
    frozen: Spans


@dataclass(frozen=True, slots=True)
class Film:
    """A rendered film. It has no loudness when it is silent."""

    path: Path
    seconds: float
    loudness: Loudness | None
    standstill: Standstill


@dataclass(frozen=True, slots=True)
class FilmReport:
    """Lengths in seconds, size in pixels, loudness in LUFS and true peak in dBTP (None: silent).

    `black` and `frozen` are the spans that last longer than is allowed; `drifts` how far from its
    time the picture of each segment begins, told by the key picture nearest to it.
    """

    video_seconds: float
    audio_seconds: float
    width: int
    height: int
    fps: float
    loudness: float | None
    true_peak: float | None
    black: Spans
    frozen: Spans
    drifts: tuple[float, ...]
    chapters: tuple[tuple[float, str], ...]


async def render_film(
    parts: Sequence[FilmPart],
    *,
    music: Sequence[Path],
    chapters: Sequence[tuple[float, str]],
    title: str,
    folder: Path,
) -> Film:
    """Write `film.mp4` into `folder`, with intermediate files beside it.

    `chapters` are the seconds at which they begin, in order, and their titles. The same parts give
    the same bytes on the same machine. Raises BAD_MEDIA for parts that cannot be used, and as
    `run_ffmpeg`.
    """
    seconds = float(len(parts) * policies.SEGMENT_SECONDS)
    described = folder / "chapters.txt"
    described.write_text(film_metadata(title, chapters, seconds), encoding="utf-8")
    async with beside(_pictures(parts, folder)) as looking:
        soundtrack, loudness = await write_soundtrack([p.narration for p in parts], music, folder)
        pictures, standstill = await looking
    inputs = (
        *("-f", "mp4", "-i", pictures.name, "-f", "mp4", "-i", soundtrack.name),
        *("-f", "ffmetadata", "-i", described.name),
    )
    streams = ("-map", "0:v:0", "-map", "1:a:0", "-map_metadata", "2", "-map_chapters", "2")
    await _joined([*inputs, *streams, *_COPY, "-movflags", "+faststart", "film.mp4"], folder)
    pictures.unlink()  # large, and no longer needed
    return Film(
        path=folder / "film.mp4",
        seconds=seconds,
        loudness=loudness,
        standstill=standstill,
    )


async def inspect_film(path: Path, rendered: Film | None = None) -> FilmReport:
    """Measure a film. Pictures and sound are decoded unless it was `rendered` just now: both were
    measured in the encoded form in which they went into it.

    Raises `Permanent` BAD_MEDIA when it is no film, and as `run_ffmpeg` when it cannot be decoded.
    """
    found = await asyncio.to_thread(read_container, path)
    standstill = rendered.standstill if rendered else await _looked_at(path)
    loudness = rendered.loudness if rendered else await _listened_to(path)
    return FilmReport(
        video_seconds=found.video_seconds,
        audio_seconds=found.audio_seconds,
        width=found.width,
        height=found.height,
        fps=found.fps,
        loudness=loudness and loudness.integrated,
        true_peak=loudness and loudness.true_peak,
        black=standstill.black,
        frozen=_ended(standstill.frozen, found.video_seconds),
        drifts=_drifts(found),
        chapters=found.chapters,
    )


async def _pictures(parts: Sequence[FilmPart], folder: Path) -> tuple[Path, Standstill]:
    """The clips joined, and what of them stands still: these very pictures go into the film."""
    listed = await _listed_clips(parts, folder)
    source = ("-auto_convert", "0", "-f", "concat", "-safe", "1", "-i", listed.name)
    await _joined([*source, "-map", "0:v:0", *_COPY, "pictures.mp4"], folder)
    return folder / "pictures.mp4", await _looked_at(folder / "pictures.mp4")


async def _looked_at(path: Path) -> Standstill:
    looked = (
        f"blackdetect=d={policies.BLACK_SECONDS_MOST}:pix_th=0.1,"
        f"freezedetect=n=-60dB:d={policies.FROZEN_SECONDS_MOST}"
    )
    # nothing looked at here depends on the deblocking filter, which takes a third of the time
    source = ("-skip_loop_filter", "all", "-f", "mp4", "-i", str(path), "-map", "0:v:0")
    report = await _decoded((*source, "-vf", looked, "-f", "null", "-"), path.parent)
    black = tuple((float(start), float(end)) for start, end in _BLACK.findall(report))
    return Standstill(black, _frozen(report))


async def _listened_to(path: Path) -> Loudness | None:
    sound = ("-f", "mp4", "-i", str(path), "-map", "0:a:0", "-af", PEAK_METER, "-f", "null", "-")
    return metered(await _decoded(sound, path.parent))


async def _joined(arguments: Sequence[str], folder: Path) -> None:
    await run_ffmpeg(arguments, folder=folder, deadline=policies.FILM_DEADLINE)


async def _decoded(arguments: Sequence[str], folder: Path) -> str:
    return await run_ffmpeg(arguments, folder=folder, deadline=policies.FILM_DEADLINE, heavy=True)


async def _listed_clips(parts: Sequence[FilmPart], folder: Path) -> Path:
    """A list for the joiner. Clips of another encoder's making are brought into our shape first."""
    lines = ["ffconcat version 1.0"]
    for number, part in enumerate(parts):
        place = folder / f"part-{number:04}.mp4"
        clip = await asyncio.to_thread(part.clip.read_bytes)
        if (await asyncio.to_thread(clip_facts, clip)).conforms:
            place.symlink_to(part.clip.resolve())
        else:
            place.write_bytes((await fitted(clip, seconds=policies.SEGMENT_SECONDS)).data)
        lines.append(f"file {place.name}")
    listed = folder / "clips.txt"
    listed.write_text("\n".join(lines) + "\n", encoding="ascii")
    return listed


def _frozen(report: str) -> Spans:
    """The spans without movement; the last may go on to the end of the film, which is not said."""
    spans: list[tuple[float, float]] = []
    start: float | None = None
    for kind, second in _FREEZE.findall(report):
        if kind == "start":
            start = float(second)
        elif start is not None:
            spans.append((start, float(second)))
            start = None
    return (*spans, (start, math.inf)) if start is not None else tuple(spans)


def _drifts(found: FilmContainer) -> tuple[float, ...]:
    begins = range(0, round(found.video_seconds), policies.SEGMENT_SECONDS)
    return tuple(min(abs(key - begin) for key in found.key_pictures) for begin in begins)


def _ended(spans: Spans, end: float) -> Spans:
    return tuple((start, min(stop, end)) for start, stop in spans)
