"""What a voice is like, as 256 numbers: the speaker encoder of Resemblyzer, computed in numpy.

The model is GE2E (Wan et al. 2018, "Generalized end-to-end loss for speaker verification"): three
LSTM layers over mel frames, a linear layer, rectified and of length 1. Prints of one voice point
in a similar direction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline_defs.media.voice_weights import voice_weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LAYERS = 3
CELLS = 256
FRAMES = 160  # of a piece of speech, 1.6 s: as in training


def voice_prints(pieces: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pieces x 256, from pieces x `FRAMES` x bands."""
    import numpy as np

    weights = voice_weights()
    signal = np.ascontiguousarray(pieces.transpose(1, 0, 2))
    for layer in range(LAYERS):
        signal = _layer(signal, layer)
    raw = signal[-1] @ weights["linear.weight"].T + weights["linear.bias"]
    return unit(np.maximum(raw, 0))


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same directions, of length 1."""
    import numpy as np

    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)


def _layer(signal: NDArray[np.float32], layer: int) -> NDArray[np.float32]:
    """One LSTM layer; gates stand in PyTorch's order: input, forget, cell, output."""
    import numpy as np

    weights = voice_weights()
    bias = weights[f"lstm.bias_ih_l{layer}"] + weights[f"lstm.bias_hh_l{layer}"]
    recurrent = weights[f"lstm.weight_hh_l{layer}"].T
    steps, pieces, width = signal.shape
    given = signal.reshape(steps * pieces, width) @ weights[f"lstm.weight_ih_l{layer}"].T + bias
    given = given.reshape(steps, pieces, 4 * CELLS)
    hidden = cell = np.zeros((pieces, CELLS), np.float32)
    heard = np.empty((steps, pieces, CELLS), np.float32)
    for step in range(steps):
        gates = given[step] + hidden @ recurrent
        admit, forget, fresh, show = np.split(gates, 4, axis=1)
        cell = _sigmoid(forget) * cell + _sigmoid(admit) * np.tanh(fresh)
        hidden = heard[step] = _sigmoid(show) * np.tanh(cell)
    return heard


def _sigmoid(values: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    half = np.float32(0.5)
    return half * (1 + np.tanh(half * values))  # which does not overflow
