"""Colours: the schemes, which one a lecture has, and how well colours stand apart."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

_HERE = "pipeline_defs.local.providers.pictures"
CONTRAST_LEAST = 4.5  # WCAG 2 AA for text of any size


@dataclass(frozen=True, slots=True)
class Palette:
    """One scheme; colours as #RRGGBB. `deep` and `surface` are shades of the background."""

    name: str
    background: str
    deep: str
    surface: str
    ink: str
    muted: str
    accents: tuple[str, ...]

    def on(self, color: str) -> str:
        """The text colour on an area of `color`."""
        return max((self.ink, self.background, self.deep), key=lambda one: contrast(one, color))


@cache
def palettes() -> tuple[Palette, ...]:
    """All schemes, read once."""
    read = tomllib.loads(files(_HERE).joinpath("palettes.toml").read_text(encoding="utf-8"))
    return tuple(
        Palette(
            entry["name"],
            entry["background"],
            entry["deep"],
            entry["surface"],
            entry["ink"],
            entry["muted"],
            tuple(entry["accents"]),
        )
        for entry in read["palette"]
    )


def palette_of(lecture: str) -> Palette:
    """The scheme of a lecture: the same for the same title."""
    known = palettes()
    return known[int.from_bytes(sha256(lecture.casefold().encode()).digest()[:4]) % len(known)]


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two colours, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mixed(one: str, other: str, share: float) -> str:
    """The colour `share` of the way from `one` to `other`."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(255 * (a + (b - a) * share)):02X}" for a, b in pairs)


def _luminance(color: str) -> float:
    """Relative luminance of WCAG 2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(color: str) -> list[float]:
    return [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
