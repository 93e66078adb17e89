"""All media engines behind one door, or ready-made answers where the latency model says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline_defs import policies
from pipeline_defs.local.providers.engine.composing import compose
from pipeline_defs.local.providers.engine.decoding import decoded_channels, decoded_sound
from pipeline_defs.local.providers.engine.encoding import AudioFormat, encoded
from pipeline_defs.local.providers.engine.images import drawn
from pipeline_defs.local.providers.engine.instruments import RATE as MUSIC_RATE
from pipeline_defs.local.providers.engine.listening import Listener, Transcript
from pipeline_defs.local.providers.engine.ready_made import ReadyMade
from pipeline_defs.local.providers.engine.speaking import RATE as SPEECH_RATE
from pipeline_defs.local.providers.engine.speaking import Speaker
from pipeline_defs.local.providers.engine.voices import voice_of
from pipeline_defs.local.providers.server.latency import Latency

if TYPE_CHECKING:
    from pipeline_defs.local.providers.engine.encoding import Samples

ENGINES_AT_ONCE = 2  # each keeps a core busy
CLIP_MODEL = "local-clip-engine"
CLIP_SECONDS = (5, 10)
CLIP_SIZE = (policies.VIDEO_WIDTH, policies.VIDEO_HEIGHT)


class MediaEngines:
    """The models, loaded at their first use and shared."""

    def __init__(self) -> None:
        self.speaker = Speaker()
        self.listener = Listener(ENGINES_AT_ONCE)


class Studio:
    """Makes media. Its plain methods take a core while they work: call them from a thread."""

    def __init__(self, engines: MediaEngines, latency: Latency) -> None:
        self._engines = engines
        self._latency = latency
        self._ready = ReadyMade(engines.speaker, engines.listener)

    def picture(self, prompt: str, width: int, height: int, kind: str, variant: str = "") -> bytes:
        """A picture as a file of a kind of `images.FORMATS`."""
        if self._is_ready_made("image"):
            return self._ready.picture(width, height, kind)
        return drawn(prompt, width, height, kind, variant)

    def speech(self, text: str, voice: str, speed: float, form: AudioFormat) -> bytes:
        """The spoken text; `voice` is the provider's own name."""
        if self._is_ready_made("speech"):
            return self._ready.speech(form)
        samples = self._engines.speaker.speak(text, voice_of(voice), speed)
        return encoded([samples], SPEECH_RATE, form)

    def music(self, prompt: str, seconds: float, form: AudioFormat) -> bytes:
        """A stereo piece of exactly that length."""
        if self._is_ready_made("music"):
            return self._ready.music(seconds, form)
        return encoded(compose(prompt, seconds), MUSIC_RATE, form, channels=2)

    def heard(self, data: bytes) -> Transcript:
        """What is said in a sound file from outside; `ApiError` 400 where it is none.

        Under the latency model nobody opens it.
        """
        if self._is_ready_made("transcription"):
            return self._ready.transcript()
        return self._engines.listener.transcribe(decoded_sound(data))

    def channels(self, data: bytes) -> list[Samples]:
        """A sound file from outside as samples, channel by channel; errors as of `heard`."""
        return decoded_channels(data)

    def transcript(self, sound: Samples) -> Transcript:
        """What is said in a channel."""
        if self._is_ready_made("transcription"):
            return self._ready.transcript()
        return self._engines.listener.transcribe(sound)

    async def clip(self, frame: bytes, seconds: int, seed: int) -> bytes:
        """A clip that begins with `frame`; waits for its turn at the encoder."""
        from pipeline_defs.media.clips import moving_still

        return await moving_still(frame, seconds=seconds, seed=seed)

    async def ready_clip(self, seconds: int) -> bytes:
        """The clip of the latency model."""
        return await self._ready.clip(seconds, CLIP_SIZE)

    def _is_ready_made(self, capability: str) -> bool:
        return self._latency.of(capability) is not None
