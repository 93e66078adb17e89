"""What is played: key, chords, figures and mood of a piece, all chosen by the prompt's hash.

Notes are MIDI numbers (60 is middle C, 69 is A at 440 Hz). Chords are voiced by hand, close and
without low thirds, so that any progression sounds calm under a voice.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass

# Chords of a major key, as semitones above its tonic: bass, then the pad's four voices.
_CHORDS: dict[str, tuple[int, ...]] = {
    "I": (0, 12, 16, 19, 26),  # with the ninth on top
    "ii": (2, 14, 17, 21, 24),
    "iii": (4, 14, 16, 19, 23),
    "IV": (5, 12, 16, 17, 21),
    "V": (7, 14, 17, 19, 24),
    "vi": (9, 12, 16, 19, 21),
    "Isus": (0, 12, 17, 19, 26),
    "IV9": (5, 12, 16, 19, 21),
    "I/3": (4, 12, 16, 19, 24),
}
_PROGRESSIONS: dict[str, tuple[str, ...]] = {
    "curious": (
        "I IV9 vi V, I iii IV9 Isus",
        "vi IV9 I V, vi ii IV9 V",
        "I ii vi IV9, I/3 IV9 ii V",
    ),
    "warm": (
        "I vi IV9 V, I iii IV9 IV",
        "IV9 I/3 ii I, IV9 V vi Isus",
        "vi iii IV9 I, ii I/3 IV9 V",
    ),
    "light": (
        "I V vi IV9, I/3 IV9 I V",
        "IV9 V iii vi, ii V I Isus",
        "I IV9 I/3 ii, vi IV9 V Isus",
    ),
}
_MOOD_WORDS = {
    "warm": ("warm", "reflective", "gentle", "tender", "nostalgic", "intimate"),
    "light": ("light", "forward", "bright", "happy", "playful", "optimistic", "uplifting"),
}
_FIGURES = (  # which voice of the chord is plucked on each of eight quavers; -1 is a rest
    (0, 2, 1, 3, 2, 1, 3, -1),
    (0, -1, 2, 1, 3, -1, 1, 2),
    (3, 1, 2, -1, 0, 1, 2, -1),
    (0, 1, 2, 3, -1, 2, 1, -1),
    (0, -1, 1, -1, 2, -1, 3, -1),
)
_TONICS = range(46, 54)  # B flat below the bass clef's middle, up to F
_TEMPI = {"curious": (62, 70), "warm": (56, 64), "light": (68, 78)}  # beats per minute
BEATS_PER_BAR = 4
QUAVERS = 8


@dataclass(frozen=True, slots=True)
class Pluck:
    """A short note: when in its bar (in bars, 0 to 1), which, how loud, where (-1 left to 1)."""

    at: float
    note: int
    gain: float
    pan: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One chord, held, and what is plucked over it."""

    bass: int
    pad: tuple[int, ...]
    plucks: tuple[Pluck, ...]


class Piece:
    """An endless piece: `bar(n)` is its n-th bar, always the same for the same prompt."""

    def __init__(self, prompt: str) -> None:
        self.seed = int.from_bytes(hashlib.sha256(prompt.encode()).digest()[:8], "big")
        chance = random.Random(self.seed)  # noqa: S311 # a composer's choice, no secret
        self.mood = _mood_of(prompt, chance)
        self._tonic = chance.choice(_TONICS)
        self._chords = chance.choice(_PROGRESSIONS[self.mood]).replace(",", "").split()
        self._figures = chance.sample(_FIGURES, 2)
        self.tempo = chance.randint(*_TEMPI[self.mood])

    @property
    def bar_seconds(self) -> float:
        """How long a bar is."""
        return BEATS_PER_BAR * 60.0 / self.tempo

    def bar(self, number: int) -> Bar:
        """The bar, from 0. The figure changes with every round of the chords, and pauses."""
        round_, place = divmod(number, len(self._chords))
        chord = _CHORDS[self._chords[place]]
        voices = tuple(self._tonic + step for step in chord[1:])
        chance = random.Random(self.seed * 1000 + number)  # noqa: S311
        return Bar(
            bass=self._tonic + chord[0] - (12 if chord[0] > 5 else 0),
            pad=voices,
            plucks=self._plucks(voices, round_, number, chance),
        )

    def _plucks(
        self, voices: tuple[int, ...], round_: int, number: int, chance: random.Random
    ) -> tuple[Pluck, ...]:
        density = (0.45, 1.0, 0.75, 0.55)[round_ % 4] if number > 1 else 0.3
        found: list[Pluck] = []
        for quaver, voice in enumerate(self._figures[round_ % 2]):
            if voice < 0 or (quaver and chance.random() > density):
                continue
            accent = 1.0 if quaver == 0 else 0.72
            note = voices[voice] + (12 if chance.random() < 0.35 else 0)
            late = chance.uniform(0, 0.006)  # a player is never quite on the beat
            gain = accent * chance.uniform(0.75, 1.0)
            found.append(Pluck(quaver / QUAVERS + late, note, gain, chance.uniform(-0.55, 0.55)))
        return tuple(found)


def _mood_of(prompt: str, chance: random.Random) -> str:
    said = prompt.lower()
    scores = {mood: sum(word in said for word in words) for mood, words in _MOOD_WORDS.items()}
    scores["curious"] = int("curious" in said or "mysterious" in said)
    best = max(scores.values())
    return chance.choice(sorted(mood for mood, score in scores.items() if score == best))
