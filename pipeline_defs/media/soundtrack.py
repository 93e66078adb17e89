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
from pipeline_defs.media.loudness import METER, PEAK_METER, Loudness, integrated, metered
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
_NOTHING = ("-f", "null", "-")
_LENGTH_TOLERANCE = 0.02  # seconds a narration may be off its segment
# The quick search is also the better one at this bit rate: more of the sound comes back as it was.
_CODER = ("-c:a", "aac", "-aac_coder", "fast")
_AAC = (*_CODER, "-b:a", policies.AUDIO_BITRATE, "-flags:a", "+bitexact")


async def write_soundtrack(
    narrations: Sequence[Path | None], music: Sequence[Path], folder: Path
) -> tuple[Path, Loudness | None]:
    """Write `soundtrack.m4a` into `folder`, as long as the segments together.

    The loudness is measured on the encoded sound; None when all of it is silent.
    """
    frames = len(narrations) * policies.SEGMENT_SECONDS * _RATE
    mixing = await _write_stems(narrations, music, frames, folder)
    target = folder / "soundtrack.m4a"
    measured = await _master(mixing, frames, target)
    (folder / "stems.s16").unlink()  # large, and no longer needed
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
    gain = 0.0 if heard is None else policies.VOICE_MIXED_LUFS - heard
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


async def _master(mixing: str, frames: int, target: Path) -> Loudness | None:
    """Encode the mix at its loudness, with its true peaks below the highest; both as encoded.

    The limiter costs a little loudness, and the encoder raises peaks again: what a pass misses the
    next one makes up for.
    """
    level = await _level(_STEMS, mixing, target.parent)
    gain = 0.0 if level is None else policies.LOUDNESS_LUFS - level
    ceiling = policies.TRUE_PEAK_DBTP - policies.PEAK_MARGIN_DB
    measured: Loudness | None = None
    for _ in range(policies.MASTER_PASSES_MOST):
        measured = await _encoded(f"{mixing},volume={gain:.2f}dB", ceiling, frames, target)
        if measured is None:
            break
        missing = policies.LOUDNESS_LUFS - measured.integrated
        above = measured.true_peak - policies.TRUE_PEAK_DBTP
        if abs(missing) <= policies.LOUDNESS_CLOSE and above <= 0:
            break
        gain += missing if abs(missing) > policies.LOUDNESS_CLOSE else 0
        ceiling -= above + 0.1 if above > 0 else 0
    return measured


async def _encoded(sound: str, ceiling: float, frames: int, target: Path) -> Loudness | None:
    """Limit and encode, and measure what comes out of a decoder at the same time."""
    exact = f"apad,atrim=end_sample={frames},asetpts=N/SR/TB"
    limit = (
        f"alimiter=limit={10 ** (ceiling / 20):.5f}:level=false:latency=true:attack=3:release=60"
    )
    filters = f"{sound},aresample={4 * _RATE},{limit},aresample={_RATE},{exact}"
    heard = ("-dec", "0:0", "-filter_complex", f"[dec:0]{PEAK_METER}[heard]", "-map", "[heard]")
    outputs = (*_AAC, "-f", "mp4", target.name, *heard, *_NOTHING)
    return metered(await _run(_STEMS, filters, outputs, target.parent))


async def _level(source: Sequence[str], filters: str, folder: Path) -> float | None:
    return integrated(await _run(source, f"{filters},{METER}", _NOTHING, folder))


async def _run(source: Sequence[str], filters: str, target: Sequence[str], folder: Path) -> str:
    arguments = [*source, "-filter_complex", f"[0:a]{filters}[out]", "-map", "[out]"]
    exact = ("-fflags", "+bitexact", "-threads", "1")
    return await run_ffmpeg(
        [*arguments, *exact, *target], folder=folder, deadline=policies.FILM_DEADLINE, heavy=True
    )
