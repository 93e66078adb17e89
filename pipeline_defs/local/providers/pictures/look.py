"""How one picture is to look: its lecture's colours, and what sets it apart from the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TypeVar

from pipeline_defs.local.providers.pictures.analysis.wishes import wish_of
from pipeline_defs.local.providers.pictures.brief import Brief
from pipeline_defs.local.providers.pictures.palettes import Palette, palette_of

T = TypeVar("T")
_TURNS = 59  # one less than the arrangements after which all turns begin anew
_FLIP, _SHADE = 91, 92  # places of chances


@dataclass(frozen=True, slots=True)
class Look:
    """Colours and choices of one picture; everything follows from its brief."""

    palette: Palette
    accent: str
    second: str
    third: str
    number: int  # position in the lecture; layouts take turns by it
    seed: bytes
    varied: bool = False  # another arrangement than the text alone would give
    flipped: bool = False  # left and right change places, where no order is read from them

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
    salt = f"{brief.variant}\n{wish_of(brief).text}".strip()
    if salt:
        seed = sha256(seed + salt.encode()).digest()
        number += 1 + int.from_bytes(seed[:4]) % _TURNS
    count = len(palette.accents)
    accents = [palette.accents[(number + i) % count] for i in range(count)]
    look = Look(palette, accents[0], accents[1], accents[2], number, seed, varied=bool(salt))
    return _varied(look) if salt else look


def _varied(look: Look) -> Look:
    """By chance the other way round, and on the scheme's deeper ground."""
    palette = look.palette
    if look.chance(_SHADE) > 0.5:
        palette = replace(palette, background=palette.deep, deep=palette.background)
    return replace(look, palette=palette, flipped=look.chance(_FLIP) > 0.5)
