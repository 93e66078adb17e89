"""Speech: a small local model, one recorded voice, from which three are made."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from pipeline_defs.local.providers.engine.decimals import with_spoken_decimals
from pipeline_defs.local.providers.engine.voices import Voice

if TYPE_CHECKING:
    from pipeline_defs.local.providers.engine.encoding import Samples

MODEL = "local-hibari-heart"
RATE = 24_000  # samples per second
SEED = 1  # of the breath noise: the same words give the same samples
SLOWEST, QUICKEST = 0.25, 4.0
LOUDEST = 0.97
SILENCE = 0.2  # seconds, for a text in which there is nothing to say


class Speaker:
    """Loads the model at the first word. One text at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: Any = None

    def speak(self, text: str, voice: Voice, speed: float) -> Samples:
        """`text` in `voice`, mono at `RATE`; `speed` 1.0 is the usual pace."""
        import numpy as np
        import soxr

        pace = min(QUICKEST, max(SLOWEST, speed)) * voice.tempo
        with self._lock:
            samples: Samples = self._loaded()(with_spoken_decimals(text), speed=pace, seed=SEED)
        if not len(samples):
            return np.zeros(int(SILENCE * RATE), np.float32)
        if voice.stretch_up != voice.stretch_down:
            samples = soxr.resample(samples, voice.stretch_down, voice.stretch_up)
        peak = float(np.abs(samples).max())
        return samples * np.float32(LOUDEST / peak) if peak > LOUDEST else samples

    def _loaded(self) -> Any:
        if self._model is None:
            from hibari import Hibari

            self._model = Hibari(threads=1)  # more are slower: they spin against each other
        return self._model
