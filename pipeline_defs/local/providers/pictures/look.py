"""How one picture is to look: its lecture's colours, and what sets it apart from the others."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from pipeline_defs.local.providers.pictures.brief import Brief
from pipeline_defs.local.providers.pictures.palettes import Palette, palette_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Look:
    """Colours and choices of one picture; everything follows from its brief."""

    palette: Palette
    accent: str
    second: str
    third: str
    number: int  # position in the lecture; layouts take turns by it
    seed: bytes

    def turn(self, options: tuple[T, ...], shift: int = 0) -> T:
        """One of the options, another one from each segment to the next."""
        return options[(self.number + shift) % len(options)]

    def chance(self, place: int) -> float:
        """A fixed random number of this picture, from 0 to 1."""
        digest = sha256(self.seed + place.to_bytes(4)).digest()
        return int.from_bytes(digest[:4]) / 2**32


def look_of(brief: Brief) -> Look:
    """The look of the picture of a brief."""
    palette = palette_of(brief.lecture or brief.heading or brief.said)
    seed = sha256(
        f"{brief.lecture}\n{brief.segment}\n{brief.variation}\n{brief.said}".encode()
    ).digest()
    number = brief.segment + brief.variation - 1 if brief.segment else seed[0]
    count = len(palette.accents)
    accents = [palette.accents[(number + i) % count] for i in range(count)]
    return Look(palette, accents[0], accents[1], accents[2], number, seed)
