"""The mel spectrogram that the voice model was trained on: power, 40 bands, a frame each 10 ms.

The mel scale is Slaney's (linear below 1 kHz, logarithmic above), triangles of equal area, as in
librosa, whose `melspectrogram` this equals; the samples beyond both ends count as zero.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 16_000  # samples per second
FRAMES = 100  # per second
BANDS = 40
WINDOW = 400  # samples: 25 ms
STEP = RATE // FRAMES
BLOCK = 6_000  # frames at a time, which bounds the memory: a minute
LINEAR = 200 / 3  # Hz of a mel below the break
BREAK = 1_000.0  # Hz
STEEPNESS = 27  # mels from the break to 6.4 times it


def mel_frames(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Frames x bands of mono sound, full scale 1.0."""
    import numpy as np

    padded = np.pad(samples, WINDOW // 2)
    count = 1 + (len(padded) - WINDOW) // STEP
    blocks = [
        _block(padded[first * STEP :], min(BLOCK, count - first))
        for first in range(0, count, BLOCK)
    ]
    return np.concatenate(blocks)


def _block(samples: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    import numpy as np

    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::STEP][:count]
    hann = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    power = np.abs(np.fft.rfft(frames * hann, axis=1)) ** 2
    return power.astype(np.float32) @ _filters()


@cache
def _filters() -> NDArray[np.float32]:
    """Frequencies x bands."""
    import numpy as np

    frequencies = np.linspace(0, RATE / 2, 1 + WINDOW // 2)
    edges = _hertz(np.linspace(0, _mels(RATE / 2), BANDS + 2))
    slopes = edges[:, None] - frequencies[None, :]
    widths = np.diff(edges)[:, None]
    rising, falling = -slopes[:-2] / widths[:-1], slopes[2:] / widths[1:]
    triangles = np.maximum(0, np.minimum(rising, falling))
    areas = 2 / (edges[2:] - edges[:-2])
    return (triangles * areas[:, None]).T.astype(np.float32)


def _mels(hertz: float) -> float:
    import numpy as np

    if hertz < BREAK:
        return hertz / LINEAR
    return BREAK / LINEAR + float(np.log(hertz / BREAK)) * STEEPNESS / float(np.log(6.4))


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    above = np.maximum(mels - BREAK / LINEAR, 0)
    return np.where(above > 0, BREAK * np.exp(np.log(6.4) / STEEPNESS * above), mels * LINEAR)
