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
