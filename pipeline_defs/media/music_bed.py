"""One bed of music out of any number of tracks: end to end, equally loud, as long as the film."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline_defs import policies
from pipeline_defs.media.ffmpeg import run_ffmpeg
from pipeline_defs.media.loudness import METER, integrated

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_AUDIBLE = 0.003  # of full scale: quieter beginnings and ends are dropped
_SHORTEST = 1.0  # seconds of a track worth laying
_BLOCK = 1 << 20  # samples looked at together: bounds the memory
_RAW = ("-f", "s16le", "-ar", str(policies.AUDIO_RATE), "-ac", "2")


@dataclass(frozen=True, slots=True)
class _Track:
    samples: NDArray[np.int16]  # two channels, mapped from a file
    gain: float


async def lay_music(
    tracks: Sequence[Path], bed: NDArray[np.int16], *, loudness: float, folder: Path
) -> bool:
    """Fill `bed` (samples by two channels) at `loudness` LUFS; False when nothing is audible.

    Tracks follow each other with crossfades, again from the first when they end too early; the
    whole fades in and out. Raises as `run_ffmpeg` for what is no WAV or MP3.
    """
    usable: list[_Track] = []
    for path in tracks:
        raw = folder / "track.s16"
        track = await _decoded(path, raw, loudness)
        raw.unlink()  # its content goes when the track is no longer in use
        if track is not None:
            usable.append(track)
    if usable:
        await asyncio.to_thread(_lay, usable, bed)
    return bool(usable)


async def _decoded(path: Path, raw: Path, loudness: float) -> _Track | None:
    import numpy as np

    most = ("-t", str(policies.SOUND_MOST_SECONDS))
    source = ("-vn", "-sn", "-dn", *most, "-f", _format(path), "-i", str(path))
    report = await run_ffmpeg(
        [*source, "-map", "0:a:0", "-af", METER, *_RAW, raw.name],
        folder=raw.parent,
        deadline=policies.FFMPEG_DEADLINE,
        heavy=True,
    )
    measured = integrated(report)
    if measured is None:
        return None
    samples = np.memmap(raw, np.int16, "r").reshape(-1, 2)
    threshold = round(_AUDIBLE * 32_768)
    heard = np.flatnonzero(((samples > threshold) | (samples < -threshold)).any(axis=1))
    if not heard.size or heard[-1] - heard[0] < _samples(_SHORTEST):
        return None
    gain = 10 ** ((loudness - measured) / 20)
    return _Track(samples[heard[0] : heard[-1] + 1], gain)


def _format(path: Path) -> str:
    with path.open("rb") as file:
        return "wav" if file.read(4) == b"RIFF" else "mp3"


def _lay(tracks: Sequence[_Track], bed: NDArray[np.int16]) -> None:
    """Add the tracks up, each beginning where the one before starts to fade."""
    import numpy as np

    at, rising, frames = 0, 0, len(bed)
    for track in cycle(tracks):
        length = len(track.samples)
        is_last = at + length >= frames
        falling = 0 if is_last else min(_samples(policies.MUSIC_CROSSFADE), length // 4)
        for start in range(0, min(length, frames - at), _BLOCK):
            piece = track.samples[start : min(start + _BLOCK, frames - at)]
            envelope = _envelope(start, len(piece), rising, falling, length) * track.gain
            _add(bed[at + start : at + start + len(piece)], (piece * envelope).astype(np.float32))
        if is_last:
            break
        at, rising = at + length - falling, falling
    _fade_ends(bed)


def _envelope(
    start: int, count: int, rising: int, falling: int, length: int
) -> NDArray[np.float32]:
    """Part of the course of a track's volume: up and down so that the power stays the same."""
    import numpy as np

    place = np.arange(start, start + count, dtype=np.float32)
    up = np.clip(place / max(rising, 1), 0, 1) if rising else np.ones_like(place)
    down = np.clip((length - place) / max(falling, 1), 0, 1) if falling else np.ones_like(place)
    return (np.sin(np.pi / 2 * up) * np.sin(np.pi / 2 * down)).astype(np.float32)[:, None]


def _add(place: NDArray[np.int16], piece: NDArray[np.float32]) -> None:
    import numpy as np

    place[:] = np.clip(np.rint(place + piece), -32_768, 32_767)


def _fade_ends(bed: NDArray[np.int16]) -> None:
    import numpy as np

    rising = min(_samples(policies.MUSIC_FADE_IN), len(bed))
    falling = min(_samples(policies.MUSIC_FADE_OUT), len(bed))
    up = np.linspace(0, 1, rising, dtype=np.float32)[:, None]
    down = np.linspace(1, 0, falling, dtype=np.float32)[:, None]
    bed[:rising] = np.rint(bed[:rising] * up)
    bed[len(bed) - falling :] = np.rint(bed[len(bed) - falling :] * down)


def _samples(seconds: float) -> int:
    return round(seconds * policies.AUDIO_RATE)
