"""The sound of a film: narrations end to end, music under them, brought to the loudness asked for.

The level is set by a constant gain and a limiter that looks at true peaks. A loudness normaliser
that falls back to its dynamic mode, as ffmpeg's does where peaks do not allow the gain, would let
the music swell in every pause.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline_defs import policies
from pipeline_defs.media.ffmpeg import run_ffmpeg
from pipeline_defs.media.loudness import METER, Loudness, metered
from pipeline_defs.media.music_bed import RAW_STEREO, write_music_bed
from pipeline_defs.media.rejections import bad_media
from pipeline_defs.media.wav import read_wav

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_RATE = policies.AUDIO_RATE
_RAW_MONO = ("-f", "s16le", "-ar", str(_RATE), "-ac", "1")
_BOTH_SIDES = "pan=stereo|c0=c0|c1=c0"
# Music gives way by about 6 dB while somebody speaks, within a syllable, and comes back slowly.
_DUCKING = "sidechaincompress=threshold=0.02:ratio=2:attack=30:release=600:detection=rms"
_LENGTH_TOLERANCE = 0.02  # seconds a narration may be off its segment
_AAC = ("-c:a", "aac", "-b:a", policies.AUDIO_BITRATE, "-flags:a", "+bitexact")


@dataclass(frozen=True, slots=True)
class _Mix:
    """Inputs, and filters whose output `[mix]` is the sound before its level is set."""

    inputs: tuple[str, ...]
    filters: str


async def write_soundtrack(
    narrations: Sequence[Path | None], music: Sequence[Path], folder: Path
) -> tuple[Path, Loudness | None]:
    """Write `soundtrack.m4a` into `folder`, as long as the segments together.

    The loudness is measured on the encoded sound; None when all of it is silent.
    """
    frames = len(narrations) * policies.SEGMENT_SECONDS * _RATE
    await asyncio.to_thread(_join, narrations, folder / "voice.s16")
    mix = await _mixed(frames, music, folder)
    target = folder / "soundtrack.m4a"
    measured: Loudness | None = None
    margin = policies.PEAK_MARGIN_DB
    for _ in range(policies.ENCODED_PASSES_MOST):
        await _master(mix, policies.TRUE_PEAK_DBTP - margin, frames, folder)
        await _run(
            ("-f", "wav", "-i", "master.wav"),
            "[0:a]anull",
            (*_AAC, "-f", "mp4", target.name),
            folder,
        )
        measured = await _level(("-f", "mp4", "-i", target.name), "[0:a]anull", folder)
        if measured is None or measured.true_peak <= policies.TRUE_PEAK_DBTP:
            break
        margin += measured.true_peak - policies.TRUE_PEAK_DBTP + 0.1
    for name in ("voice.s16", "music.s16", "master.wav"):  # large, and no longer needed
        (folder / name).unlink(missing_ok=True)
    return target, measured


def _join(narrations: Sequence[Path | None], target: Path) -> None:
    """Write the narrations one after the other, each in exactly its segment."""
    import numpy as np

    length = policies.SEGMENT_SECONDS * _RATE
    with target.open("wb") as file:
        for path in narrations:
            segment = np.zeros(length, np.float32)
            if path is not None:
                spoken = _at_our_rate(*read_wav(path.read_bytes()))
                if abs(len(spoken) - length) > _LENGTH_TOLERANCE * _RATE:
                    raise bad_media("sound", f"a narration lasts {len(spoken) / _RATE:.2f} seconds")
                segment[: len(spoken)] = spoken[:length]
            file.write(np.clip(np.rint(segment * 32_767), -32_768, 32_767).astype("<i2").tobytes())


def _at_our_rate(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    import soxr

    return samples if rate == _RATE else soxr.resample(samples, rate, _RATE)


async def _mixed(frames: int, music: Sequence[Path], folder: Path) -> _Mix:
    voice = (*_RAW_MONO, "-i", "voice.s16")
    heard = await _level(voice, f"[0:a]{_BOTH_SIDES}", folder)
    gain = 0.0 if heard is None else policies.VOICE_MIXED_LUFS - heard.integrated
    spoken = f"[0:a]{_BOTH_SIDES},volume={gain:.2f}dB"
    below = policies.VOICE_MIXED_LUFS - policies.MUSIC_BELOW_VOICE_LU
    bed = folder / "music.s16"
    if not await write_music_bed(music, frames=frames, loudness=below, target=bed):
        return _Mix(voice, f"{spoken}[mix]")
    return _Mix(
        (*voice, *RAW_STEREO, "-i", bed.name),
        f"{spoken},asplit[voice][key];[1:a][key]{_DUCKING}[music];"
        "[voice][music]amix=inputs=2:duration=first:normalize=0[mix]",
    )


async def _master(mix: _Mix, ceiling: float, frames: int, folder: Path) -> None:
    """Write `master.wav`: the mix at its loudness, with true peaks below `ceiling` dB.

    The limiter costs a little loudness, which the next pass adds.
    """
    level = await _level(mix.inputs, mix.filters, folder, "[mix]")
    gain = 0.0 if level is None else policies.LOUDNESS_LUFS - level.integrated
    exact = f"apad,atrim=end_sample={frames},asetpts=N/SR/TB"
    limit = (
        f"alimiter=limit={10 ** (ceiling / 20):.5f}:level=false:latency=true:attack=3:release=60"
    )
    fine = f"aresample={4 * _RATE},{limit},aresample={_RATE}"
    for _ in range(policies.MASTER_PASSES_MOST):
        filters = f"{mix.filters};[mix]volume={gain:.2f}dB,{fine},{exact},{METER}"
        target = ("-c:a", "pcm_s16le", "-f", "wav", "master.wav")
        level = metered(await _run(mix.inputs, filters, target, folder))
        if level is None:
            return
        missing = policies.LOUDNESS_LUFS - level.integrated
        if abs(missing) <= policies.LOUDNESS_CLOSE:
            return
        gain += missing


async def _level(
    inputs: Sequence[str], filters: str, folder: Path, output: str = ""
) -> Loudness | None:
    joint = f";{output}" if output else ","
    return metered(await _run(inputs, f"{filters}{joint}{METER}", ("-f", "null", "-"), folder))


async def _run(inputs: Sequence[str], filters: str, target: Sequence[str], folder: Path) -> str:
    arguments = [*inputs, "-filter_complex", f"{filters}[out]", "-map", "[out]"]
    exact = ("-fflags", "+bitexact", "-threads", "1")
    return await run_ffmpeg(
        [*arguments, *exact, *target], folder=folder, deadline=policies.FILM_DEADLINE, heavy=True
    )
