"""How loud sound is from its beginning to its end: what waveforms are drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SILENCE = 0.0005  # of full scale (-66 dB): a sound that stays below says nothing
_QUIET = 0.35  # power by which quiet words stay visible


def heights(
    channels: Sequence[NDArray[Any]], bars: int, full: float = 1.0
) -> list[NDArray[np.float64]]:
    """Of each channel so many bars, from 0 to 1 for the loudest of all; `full`: the full scale."""
    import numpy as np

    powers = [
        np.array([_power(piece) for piece in np.array_split(channel, bars)]) / full**2
        for channel in channels
    ]
    loudest = max([_SILENCE**2, *(float(power.max()) for power in powers)])
    return [(power / loudest) ** _QUIET for power in powers]


def _power(piece: NDArray[Any]) -> float:
    import numpy as np

    samples = piece.astype(np.float32, copy=False)
    return float(samples @ samples) / piece.size if piece.size else 0.0
