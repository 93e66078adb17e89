"""What was said on a call: words with their times, utterances of one speaker each. No I/O here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Speaker = Literal["AI", "HUMAN", "UNKNOWN"]
Layout = Literal["two_channel", "mono"]


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word: seconds from the beginning of the recording; `confidence` 0..1 where it is known."""

    text: str
    start: float
    end: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Utterance:
    """What one speaker says without a long pause.

    `order` counts from 1 over the call, by start; utterances of two speakers may overlap
    (crosstalk). `channel` is that of the recording, from 0. `voice`, from 1, tells people apart of
    whom it is not known who they are: by channel, or by the sound of their voice where one channel
    holds everybody, in the order in which they are first heard.
    """

    order: int
    speaker: Speaker
    channel: int
    voice: int
    words: tuple[SpokenWord, ...]

    @property
    def text(self) -> str:
        """Its words."""
        return " ".join(word.text for word in self.words)

    @property
    def start(self) -> float:
        """When it begins."""
        return self.words[0].start

    @property
    def end(self) -> float:
        """When it ends."""
        return max(word.end for word in self.words)


@dataclass(frozen=True, slots=True)
class Transcript:
    """A call's utterances by start. `warnings` are sentences for people, such as a silent channel.

    `layout`: `mono` where one channel holds everybody, also where both hold the same.
    """

    utterances: tuple[Utterance, ...]
    layout: Layout
    seconds: float
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Everything that was said, a line per utterance."""
        return "\n".join(f"{u.speaker}: {u.text}" for u in self.utterances)
