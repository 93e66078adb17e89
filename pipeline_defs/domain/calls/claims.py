"""What a respondent said about a hypothesis in a phone interview."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Stance = Literal["supports", "opposes", "neutral"]
STANCES: tuple[Stance, ...] = ("supports", "opposes", "neutral")


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim; `confidence`, from 0 to 1, that it was said and meant so."""

    hypothesis: str
    call: str
    respondent: str
    stance: Stance
    confidence: float


@dataclass(frozen=True, slots=True)
class GroundedClaim:
    """A claim found in a transcript, with where it was said.

    `text` is what the respondent claims, `quote` their words as transcribed, from `start` to `end`
    seconds of the recording on `channel`. `hypothesis` is the number of the hypothesis, from 1;
    `field` the checklist item it answers (its number, None where none). `asr_confidence` is the
    mean of the quoted words' where the recognizer gives one, `confidence` that it is meant so.
    """

    order: int
    text: str
    quote: str
    start: float
    end: float
    channel: int
    utterance: int
    hypothesis: int
    field: int | None
    stance: Stance
    confidence: float
    asr_confidence: float | None
