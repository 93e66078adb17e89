"""The sound of a film: narrations end to end, music under them, brought to the loudness asked for.

The level is set by a constant gain and a limiter that looks at true peaks. A loudness normaliser
that falls back to its dynamic mode, as ffmpeg's does where peaks do not allow the gain, would let
the music swell in every pause.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline_defs import policies
from pipeline_defs.media.beside import beside
from pipeline_defs.media.ffmpeg import run_ffmpeg
from pipeline_defs.media.loudness import METER, Loudness, metered
from pipeline_defs.media.music_bed import lay_music
from pipeline_defs.media.rejections import bad_media
from pipeline_defs.media.wav import read_wav

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_RATE = policies.AUDIO_RATE
_VOICE = "pan=stereo|c0=c0|c1=c0"
_MUSIC = "pan=stereo|c0=c1|c1=c2"
# Music gives way by about 6 dB while somebody speaks, within a syllable, and comes back slowly.
_DUCKING = "sidechaincompress=threshold=0.02:ratio=2:attack=30:release=600:detection=rms"
_STEMS = ("-f", "s16le", "-ar", str(_RATE), "-ch_layout", "3.0", "-i", "stems.s16")
_MASTER = ("-f", "wav", "-i", "master.wav")
_LENGTH_TOLERANCE = 0.02  # seconds a narration may be off its segment
_AAC = ("-c:a", "aac", "-b:a", policies.AUDIO_BITRATE, "-flags:a", "+bitexact")


async def write_soundtrack(
    narrations: Sequence[Path | None], music: Sequence[Path], folder: Path
) -> tuple[Path, Loudness | None]:
    """Write `soundtrack.m4a` into `folder`, as long as the segments together.

    The loudness is measured on the encoded sound; None when all of it is silent.
    """
    frames = len(narrations) * policies.SEGMENT_SECONDS * _RATE
    mixing = await _write_stems(narrations, music, frames, folder)
    target = folder / "soundtrack.m4a"
    measured: Loudness | None = None
    margin = policies.PEAK_MARGIN_DB
    for _ in range(policies.ENCODED_PASSES_MOST):
        await _master(mixing, policies.TRUE_PEAK_DBTP - margin, frames, folder)
        await _run(_MASTER, "anull", (*_AAC, "-f", "mp4", target.name), folder)
        measured = await _level(("-f", "mp4", "-i", target.name), "anull", folder)
        if measured is None or measured.true_peak <= policies.TRUE_PEAK_DBTP:
            break
        margin += measured.true_peak - policies.TRUE_PEAK_DBTP + 0.1
    for name in ("stems.s16", "master.wav"):  # large, and no longer needed
        (folder / name).unlink()
    return target, measured


async def _write_stems(
    narrations: Sequence[Path | None], music: Sequence[Path], frames: int, folder: Path
) -> str:
    """Write voice and music as the three channels of one file; the filters that mix them.

    With a file of its own for each, the result would depend on which of the two is read first.
    """
    import numpy as np

    stems = np.memmap(folder / "stems.s16", np.int16, "w+", shape=(frames, 3))
    await asyncio.to_thread(_join, narrations, stems[:, 0])
    stems.flush()
    below = policies.VOICE_MIXED_LUFS - policies.MUSIC_BELOW_VOICE_LU
    async with beside(_level(_STEMS, _VOICE, folder)) as listening:
        is_laid = await lay_music(music, stems[:, 1:], loudness=below, folder=folder)
        heard = await listening
    gain = 0.0 if heard is None else policies.VOICE_MIXED_LUFS - heard.integrated
    spoken = f"{_VOICE},volume={gain:.2f}dB"
    if not is_laid:
        return spoken
    stems.flush()
    return (
        f"asplit[low][high];[low]{spoken},asplit[voice][key];[high]{_MUSIC}[bed];"
        f"[bed][key]{_DUCKING}[music];[voice][music]amix=inputs=2:duration=first:normalize=0"
    )


def _join(narrations: Sequence[Path | None], voice: NDArray[np.int16]) -> None:
    """Lay the narrations one after the other, each in exactly its segment."""
    import numpy as np

    length = policies.SEGMENT_SECONDS * _RATE
    for number, path in enumerate(narrations):
        if path is None:
            continue
        spoken = _at_our_rate(*read_wav(path.read_bytes()))
        if abs(len(spoken) - length) > _LENGTH_TOLERANCE * _RATE:
            raise bad_media("sound", f"a narration lasts {len(spoken) / _RATE:.2f} seconds")
        samples = np.clip(np.rint(spoken[:length] * 32_767), -32_768, 32_767)
        voice[number * length : number * length + len(samples)] = samples


def _at_our_rate(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    import soxr

    return samples if rate == _RATE else soxr.resample(samples, rate, _RATE)


async def _master(mixing: str, ceiling: float, frames: int, folder: Path) -> None:
    """Write `master.wav`: the mix at its loudness, with true peaks below `ceiling` dB.

    The limiter costs a little loudness, which the next pass adds.
    """
    level = await _level(_STEMS, mixing, folder)
    gain = 0.0 if level is None else policies.LOUDNESS_LUFS - level.integrated
    exact = f"apad,atrim=end_sample={frames},asetpts=N/SR/TB"
    limit = (
        f"alimiter=limit={10 ** (ceiling / 20):.5f}:level=false:latency=true:attack=3:release=60"
    )
    fine = f"aresample={4 * _RATE},{limit},aresample={_RATE}"
    for _ in range(policies.MASTER_PASSES_MOST):
        filters = f"{mixing},volume={gain:.2f}dB,{fine},{exact},{METER}"
        target = ("-c:a", "pcm_s16le", "-f", "wav", "master.wav")
        level = metered(await _run(_STEMS, filters, target, folder))
        if level is None:
            return
        missing = policies.LOUDNESS_LUFS - level.integrated
        if abs(missing) <= policies.LOUDNESS_CLOSE:
            return
        gain += missing


async def _level(source: Sequence[str], filters: str, folder: Path) -> Loudness | None:
    return metered(await _run(source, f"{filters},{METER}", ("-f", "null", "-"), folder))


async def _run(source: Sequence[str], filters: str, target: Sequence[str], folder: Path) -> str:
    arguments = [*source, "-filter_complex", f"[0:a]{filters}[out]", "-map", "[out]"]
    exact = ("-fflags", "+bitexact", "-threads", "1")
    return await run_ffmpeg(
        [*arguments, *exact, *target], folder=folder, deadline=policies.FILM_DEADLINE, heavy=True
    )
