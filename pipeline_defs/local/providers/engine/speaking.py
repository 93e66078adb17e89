"""Speech: a small local model, one recorded voice, from which three are made."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import lru_cache
from math import log
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
TRIES = 4  # to find the pace of a speed
CLOSE = 0.012  # a speed is met when the length is off by less than this
TAKES_KEPT = 32  # texts are often asked for again at another speed
STEP = 1.12  # how far the next try goes while the length is on one side of the wanted one


class Speaker:
    """Loads the model at the first word. One text at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: Any = None
        self._said = lru_cache(maxsize=TAKES_KEPT)(self._say)

    def speak(self, text: str, voice: Voice, speed: float) -> Samples:
        """`text` in `voice`, mono at `RATE`; `speed` 1.0 is the usual pace."""
        import numpy as np
        import soxr

        said = with_spoken_decimals(text)
        with self._lock:
            samples = self._paced(said, voice.tempo, min(QUICKEST, max(SLOWEST, speed)))
        if not len(samples):
            return np.zeros(int(SILENCE * RATE), np.float32)
        if voice.stretch_up != voice.stretch_down:
            samples = soxr.resample(samples, voice.stretch_down, voice.stretch_up)
        peak = float(np.abs(samples).max())
        return samples * np.float32(LOUDEST / peak) if peak > LOUDEST else samples

    def _paced(self, text: str, tempo: float, speed: float) -> Samples:
        """The text `speed` times as quick as at `tempo`.

        The model rounds the length of every sound, so that asked for 1.1 it gives 1.03, and for 1.4
        1.5. Hence the pace is looked for at which the whole has its length.
        """
        natural = self._said(text, tempo)
        if speed == 1.0 or not len(natural):
            return natural
        search = _Search(len(natural) / speed, tempo * speed)
        search.learn(tempo, natural)
        while not search.is_over:
            search.learn(search.pace, self._said(text, search.pace))
            search.tries += 1
        return search.best

    def _say(self, text: str, pace: float) -> Samples:
        if self._model is None:
            from hibari import Hibari

            self._model = Hibari(threads=1)  # more are slower: they spin against each other
        return self._model(text, speed=pace, seed=SEED)


@dataclass
class _Search:
    """For the pace at which a text has `wanted` samples; `pace` is what to try next."""

    wanted: float
    pace: float
    tries: int = 0
    _known: dict[bool, tuple[float, int]] = field(default_factory=dict[bool, tuple[float, int]])
    _heard: list[Samples] = field(default_factory=list["Samples"])

    @property
    def best(self) -> Samples:
        """What came nearest."""
        return min(self._heard, key=lambda samples: abs(len(samples) - self.wanted))

    @property
    def is_over(self) -> bool:
        """Whether it is close enough, or has been tried often enough."""
        return self.tries >= TRIES or abs(len(self.best) / self.wanted - 1) <= CLOSE

    def learn(self, pace: float, samples: Samples) -> None:
        """Take note of what a pace gave, and choose the next: between the nearest on both sides."""
        self._heard.append(samples)
        is_long = len(samples) > self.wanted
        self._known[is_long] = (pace, len(samples))
        if len(self._heard) == 1:
            return  # the usual pace: what is tried first is the speed itself
        if True not in self._known or False not in self._known:
            self.pace = pace * STEP if is_long else pace / STEP
            return
        (slow, long), (quick, short) = self._known[True], self._known[False]
        share = log(long / self.wanted) / log(long / max(1, short))
        self.pace = slow * (quick / slow) ** min(0.9, max(0.1, share))
