"""Two voices on one channel told apart, or the answer that it cannot be told.

Speech is cut into overlapping pieces of 1.6 s, each with its voice print. The prints are split in
two by spectral clustering (the sign of the second eigenvector of the normalized affinity; von
Luxburg 2007, "A tutorial on spectral clustering"). Any set of prints can be split, so the halves
count as two voices only if stretches of the same half, minutes apart, resemble each other more
than stretches of different halves. How clear that has to be was found on recordings of one and of
two people; a person's voice against itself stays below it, two similar voices may too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline_defs.media import mel
from pipeline_defs.media.mel import mel_frames
from pipeline_defs.media.voice_prints import FRAMES, unit, voice_prints

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline_defs.media.speech_regions import Region

STEP = 20  # frames from piece to piece: 0.2 s
PIECES_MOST = 6_000  # of a recording; beyond, they begin further apart
BATCH = 64  # pieces at a time: what a cancelled run still computes
SHORT = 20  # frames: shorter speech says nothing of a voice
SPLIT_LEAST = 8  # pieces
SPLIT_MOST = 1_000  # pieces that are compared with one another
AFFINITY = 0.05  # of cosine: how quickly likeness fades
STRETCH_LEAST = 0.4  # seconds of one half on end
STRETCHES_LEAST = 4  # both have spoken twice
APART = 0.048  # of cosine; one voice reached 0.039, two 0.06 and more
LOUDNESS = 10 ** (-30 / 20)  # of full scale, root mean square: as in training


@dataclass(frozen=True, slots=True)
class _Heard:
    """Prints by the moment (seconds) their piece is about; `whole` are of full length."""

    moments: NDArray[np.float64]
    prints: NDArray[np.float32]
    whole: NDArray[np.bool_]


async def leanings(
    channel: NDArray[np.int16], regions: Sequence[Region], moments: Sequence[float]
) -> list[float] | None:
    """To which of two voices each moment (seconds) leans: its sign; about 1 is usual.

    None where it cannot be told that there are two.
    """
    import numpy as np

    frames = await asyncio.to_thread(_frames, channel)
    cut = _cut(len(frames), regions)
    prints = [
        await asyncio.to_thread(_prints, frames, cut[first : first + BATCH])
        for first in range(0, len(cut), BATCH)
    ]
    if sum(end - start >= FRAMES for start, end in cut) < SPLIT_LEAST:
        return None
    heard = _Heard(
        np.array([(start + end) / 2 / mel.FRAMES for start, end in cut]),
        np.concatenate(prints),
        np.array([end - start >= FRAMES for start, end in cut]),
    )
    axis = await asyncio.to_thread(_axis, heard)
    if axis is None:
        return None
    along = heard.prints @ axis
    spread = max(float(np.std(along)), 1e-9)
    return [float(value) for value in np.interp(moments, heard.moments, along / spread)]


def _frames(channel: NDArray[np.int16]) -> NDArray[np.float32]:
    """Mel frames of the channel, a quiet one made louder."""
    import numpy as np

    samples = channel.astype(np.float32) / np.float32(32_768)
    level = float(np.sqrt(np.mean(np.square(samples))))
    return mel_frames(samples * np.float32(max(1.0, LOUDNESS / max(level, 1e-6))))


def _cut(frames: int, regions: Sequence[Region]) -> list[tuple[int, int]]:
    """First and last frame of the pieces, in order; speech shorter than a piece is one."""
    spans = [
        (round(region.start * mel.FRAMES), min(round(region.end * mel.FRAMES), frames))
        for region in regions
    ]
    step = max(STEP, sum(end - start for start, end in spans) // PIECES_MOST)
    cut: list[tuple[int, int]] = []
    for start, end in spans:
        last = end - FRAMES
        if last >= start:
            cut += [(at, at + FRAMES) for at in [*range(start, last, step), last]]
        elif end - start >= SHORT:
            cut.append((start, end))
    return cut


def _prints(frames: NDArray[np.float32], cut: Sequence[tuple[int, int]]) -> NDArray[np.float32]:
    """What is shorter than a piece is repeated until it is as long."""
    import numpy as np

    pieces = [np.resize(frames[start:end], (FRAMES, frames.shape[1])) for start, end in cut]
    return voice_prints(np.stack(pieces))


def _axis(heard: _Heard) -> NDArray[np.float32] | None:
    """From one voice to the other, in the space of prints; None if there is one voice."""
    import numpy as np

    whole = np.flatnonzero(heard.whole)
    chosen = whole[:: max(1, len(whole) // SPLIT_MOST)]
    prints, moments = heard.prints[chosen], heard.moments[chosen]
    first = _split(prints)
    if first.all() or not first.any() or _clearness(prints, moments, first) < APART:
        return None
    here, there = unit(np.stack([prints[first].mean(axis=0), prints[~first].mean(axis=0)]))
    return here - there


def _split(prints: NDArray[np.float32]) -> NDArray[np.bool_]:
    import numpy as np

    affinity = np.exp((prints.astype(np.float64) @ prints.T - 1) / AFFINITY)
    degrees = affinity.sum(axis=1)
    _, vectors = np.linalg.eigh(affinity / np.sqrt(np.outer(degrees, degrees)))
    return vectors[:, -2] > 0


def _clearness(
    prints: NDArray[np.float32], moments: NDArray[np.float64], first: NDArray[np.bool_]
) -> float:
    """How much more alike stretches of the same half are than others, weighed by their length."""
    import numpy as np

    means, sides, lengths = [], [], []
    ends = [*(np.flatnonzero(first[1:] != first[:-1]) + 1), len(first)]
    for start, end in zip([0, *ends], ends, strict=False):
        length = float(moments[end - 1] - moments[start]) + STEP / mel.FRAMES
        if length >= STRETCH_LEAST:
            means.append(prints[start:end].mean(axis=0))
            sides.append(first[start])
            lengths.append(length)
    if len(means) < STRETCHES_LEAST:
        return 0.0
    directions = unit(np.stack(means))
    pairs = np.triu_indices(len(means), 1)
    likeness = (directions @ directions.T)[pairs]
    weights = np.minimum.outer(np.array(lengths), np.array(lengths))[pairs]
    same = np.equal.outer(sides, sides)[pairs]
    if same.all() or not same.any():
        return 0.0
    return float(
        np.average(likeness[same], weights=weights[same])
        - np.average(likeness[~same], weights=weights[~same])
    )
