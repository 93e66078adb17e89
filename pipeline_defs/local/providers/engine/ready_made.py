"""One real answer of each kind, made by the real engines at its first use and given again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from pipeline_defs.local.providers.engine.composing import compose
from pipeline_defs.local.providers.engine.decoding import HEARING_RATE
from pipeline_defs.local.providers.engine.encoding import AudioFormat, encoded
from pipeline_defs.local.providers.engine.images import drawn
from pipeline_defs.local.providers.engine.instruments import RATE as MUSIC_RATE
from pipeline_defs.local.providers.engine.listening import Listener, Transcript
from pipeline_defs.local.providers.engine.speaking import RATE, Speaker
from pipeline_defs.local.providers.engine.voices import WARM

if TYPE_CHECKING:
    from pipeline_defs.local.providers.engine.encoding import Samples

SPEECH_SECONDS = 10.6  # with the silence around it; about 9.5 s are spoken, as in a segment
TEXT = (
    "This sentence was prepared in advance, so that nothing but the pipeline around it is measured "
    "while it is spoken again and again, and it lasts nearly ten seconds."
)
PROMPT = f"Lecture: A prepared answer\nSegment: 2 of 4\nHeading: Prepared in advance\nSaid: {TEXT}"
KEPT = 24  # sizes and formats of each kind


class ReadyMade:
    """Safe to ask from several threads; each answer is made once."""

    def __init__(self, speaker: Speaker, listener: Listener) -> None:
        self._speaker = speaker
        self._listener = listener
        self._lock = threading.Lock()
        self._files: dict[object, bytes] = {}
        self._transcript: Transcript | None = None
        self._clips: dict[int, bytes] = {}
        self._encoding = asyncio.Lock()

    def picture(self, width: int, height: int, kind: str) -> bytes:
        """A picture of that size and kind."""
        return self._file((width, height, kind), partial(drawn, PROMPT, width, height, kind))

    def speech(self, form: AudioFormat) -> bytes:
        """A sentence of `SPEECH_SECONDS`."""
        return self._file(("speech", form), lambda: encoded([self._spoken()], RATE, form))

    def music(self, seconds: float, form: AudioFormat) -> bytes:
        """A piece of that length."""
        make = partial(_composed, seconds, form)
        return self._file(("music", seconds, form), make)

    def transcript(self) -> Transcript:
        """What is said in the sentence."""
        with self._lock:
            if self._transcript is None:
                import soxr

                heard = soxr.resample(self._spoken(), RATE, HEARING_RATE)
                self._transcript = self._listener.transcribe(heard)
            return self._transcript

    async def clip(self, seconds: int, size: tuple[int, int]) -> bytes:
        """A clip of that length."""
        async with self._encoding:
            if seconds not in self._clips:
                from pipeline_defs.media.clips import moving_still

                frame = await asyncio.to_thread(self.picture, *size, "png")
                self._clips[seconds] = await moving_still(frame, seconds=seconds, seed=1)
            return self._clips[seconds]

    def _file(self, name: object, make: Callable[[], bytes]) -> bytes:
        with self._lock:
            if name not in self._files:
                if len(self._files) >= KEPT:
                    del self._files[next(iter(self._files))]
                self._files[name] = make()
            return self._files[name]

    def _spoken(self) -> Samples:
        """The sentence at the speed that gives it its length, to the sample."""
        import numpy as np

        wanted = round(SPEECH_SECONDS * RATE)
        natural = self._speaker.speak(TEXT, WARM, 1.0)
        # a little quicker than needed, so that only silence is added or cut off
        samples = self._speaker.speak(TEXT, WARM, 1.02 * len(natural) / wanted)[:wanted]
        return np.pad(samples, (0, wanted - len(samples)))


def _composed(seconds: float, form: AudioFormat) -> bytes:
    return encoded(compose(PROMPT, seconds), MUSIC_RATE, form, channels=2)
