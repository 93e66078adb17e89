"""Which of the three local voices speaks for a provider's voice.

A voice of ours is the one model, spoken faster or slower and resampled: that shifts pitch and
formants together, and leaves the tempo nearly as it was.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Voice:
    """`tempo` is how much quicker the model speaks before the sound is made `stretch` longer."""

    name: str
    tempo: float = 1.0
    stretch_up: int = 1  # the ratio by which the sound becomes longer and lower
    stretch_down: int = 1


WARM = Voice("warm")
DEEP = Voice("deep", 1.22, 25, 20)
BRIGHT = Voice("bright", 0.9, 20, 23)
VOICES = (WARM, DEEP, BRIGHT)

# Names of OpenAI, ids of ElevenLabs; a lecture's three voices there are one of each of ours.
_NAMES = {
    WARM: """
        warm heart alloy sage fable ballad coral
        21m00Tcm4TlvDq8ikWAM EXAVITQu4vr4xnSDxMaL XrExE9yKIg1WjnnlQkGX pFZP5JQG7iQjIQuC4Bku
    """,
    DEEP: """
        deep onyx echo ash cedar verse michael adam
        pNInz6obpgDQGcFmaJgB JBFqnCBsd6RMkjVDRZzb onwK4e9ZLuTAKqWW03F9 nPczCjzI2devNBz1zQrb
        TxGEqnHWrfWFTfGW9XjX ErXwobaYiN019PkySvjV TX3LPaxmHKxFdv7VOQHJ IKne3meq5aSn9XLyUdCD
    """,
    BRIGHT: """
        bright nova shimmer marin bella
        MF3mGyEYCl7XYWbMV9V6 XB0fDUnXU5powFXDhCwa FGY2WhTYpPnrIDTdsKH5 cgSgspJ2msm6clMCkdW9
        Xb7hH8MSUJpSbSDYk0k2
    """,
}
_LANGUAGE_PREFIX = re.compile(r"\A[a-z][fm]_")
_VOICE_OF = {name.lower(): voice for voice, names in _NAMES.items() for name in names.split()}


def voice_of(name: str) -> Voice:
    """The voice for a provider's name or id; an unknown one always gets the same of the three."""
    plain = _LANGUAGE_PREFIX.sub("", name.lower())  # Kokoro says af_heart, am_onyx
    known = _VOICE_OF.get(plain)
    if known is not None:
        return known
    return VOICES[hashlib.sha256(name.encode()).digest()[0] % len(VOICES)]
