"""Small drawings: which one goes with a text, and their outlines."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.canvas import Canvas

_HERE = "pipeline_defs.local.providers.pictures"
PLAIN = "spark"  # where no word calls for another
_GRID = 24.0
_STROKE = 1.5  # on the grid
_TINT = 0.2  # opacity of the inside
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
_AT_HOME = 1.3  # times the weight, for a drawing that also goes with the context
_LATER = 0.08  # weight lost with each word
_ENDING_MOST = 7  # letters that a word may go on for
_WHOLE_WORD = 3  # letters: shorter ones only match whole words


@dataclass(frozen=True, slots=True)
class Motif:
    """A drawing on a grid of 24 by 24."""

    words: tuple[str, ...]
    lines: str = ""
    body: str = ""
    circles: tuple[tuple[float, float, float], ...] = ()
    dots: tuple[tuple[float, float, float], ...] = ()


@cache
def motifs() -> dict[str, Motif]:
    """All drawings by name, read once."""
    read = tomllib.loads(files(_HERE).joinpath("motifs.toml").read_text(encoding="utf-8"))
    return {
        name: Motif(
            tuple(entry["words"].split()),
            entry.get("lines", ""),
            entry.get("body", ""),
            tuple(map(tuple, entry.get("circles", ()))),
            tuple(map(tuple, entry.get("dots", ()))),
        )
        for name, entry in read.items()
    }


def motif_for(text: str, context: str) -> str:
    """The drawing that goes with a text, else with what it is about."""
    return own_motif(text, context) or own_motif(context) or PLAIN


def own_motif(text: str, context: str = "") -> str:
    """The drawing a text calls for; empty when it calls for none.

    Earlier words count more, and so do drawings that also go with the context: a cell of a battery
    is not a cell of the body.
    """
    at_home = {name for word in _words(context) for name in _calls(word)}
    best, most = "", 0.0
    for place, word in enumerate(_words(text)):
        for name, fit in _calls(word).items():
            weight = fit * (_AT_HOME if name in at_home else 1) / (1 + _LATER * place)
            if weight > most:
                best, most = name, weight
    return best


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


@lru_cache(maxsize=4096)
def _calls(word: str) -> dict[str, int]:
    """The drawings a word calls for, and how many letters of it say so."""
    found = {
        name: max((len(w) for w in motif.words if _fits(word, w)), default=0)
        for name, motif in motifs().items()
    }
    return {name: fit for name, fit in found.items() if fit}


def _fits(word: str, wanted: str) -> bool:
    if len(wanted) <= _WHOLE_WORD:
        return word in (wanted, f"{wanted}s")
    return word.startswith(wanted) and len(word) <= len(wanted) + _ENDING_MOST


def draw_motif(canvas: Canvas, name: str, box: Box, color: str) -> None:
    """A drawing in a box, in one colour and a tint of it."""
    motif = motifs()[name]
    scale = min(box.width, box.height) / _GRID
    x, y = box.center - _GRID * scale / 2, box.middle - _GRID * scale / 2
    tint = f'fill="{color}" fill-opacity="{_TINT}"'
    parts = [f'<circle cx="{cx:g}" cy="{cy:g}" r="{r:g}" {tint}/>' for cx, cy, r in motif.circles]
    if motif.body:
        parts.append(f'<path d="{motif.body}" {tint}/>')
    if motif.lines:
        parts.append(f'<path d="{motif.lines}"/>')
    parts += [
        f'<circle cx="{cx:g}" cy="{cy:g}" r="{r:g}" fill="{color}" stroke="none"/>'
        for cx, cy, r in motif.dots
    ]
    canvas.raw(
        f'<g transform="translate({x:.1f} {y:.1f}) scale({scale:.3f})" fill="none" '
        f'stroke="{color}" stroke-width="{_STROKE}" stroke-linecap="round" '
        f'stroke-linejoin="round">{"".join(parts)}</g>',
        Box(x, y, _GRID * scale, _GRID * scale),
    )
