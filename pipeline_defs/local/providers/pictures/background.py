"""What lies behind a picture: quiet shapes, others for each segment, in shades of one colour."""

from __future__ import annotations

import math

from pipeline_defs.local.providers.pictures.canvas import HEIGHT, WIDTH
from pipeline_defs.local.providers.pictures.look import Look
from pipeline_defs.local.providers.pictures.palettes import mixed

_MARGIN = 800.0  # units beyond the canvas that are filled, for pictures of other shapes
_FAINT, _CLEAR = 0.35, 0.7  # of the way from the background to its lighter or deeper shade
_BEAM = 0.8  # strength of the beams
_GRID = 46.0  # units between dots
_EDGE, _EDGE_WIDE = 0.7, 26.0  # strength and units of the mark at an edge
_TINT = 0.045  # of the accent in the colour behind everything


def behind(look: Look) -> str:
    """The colour that fills the picture: the background with a breath of the accent."""
    return mixed(look.palette.background, look.accent, _TINT * look.chance(1))


def draw_background(look: Look) -> str:
    """SVG of the shapes: a beam and a large shape that set the light, and a finer pattern."""
    large = look.turn((_hills, _disc, _band, _corner, _arcs))
    fine = look.turn((_dots, _rings, _strokes), shift=int(look.chance(2) * 3))
    return _beams(look) + large(look) + fine(look) + (_edge(look) if look.varied else "")


def _edge(look: Look) -> str:
    """A mark of the accent at one edge or corner."""
    color = mixed(look.palette.background, look.accent, _EDGE)
    place = int(look.chance(50) * 6)
    if place < 2:
        x = WIDTH - _EDGE_WIDE if place else 0
        return f'<rect x="{x:g}" y="0" width="{_EDGE_WIDE:g}" height="{HEIGHT:g}" fill="{color}"/>'
    x, y = WIDTH * (place % 2), HEIGHT * (place // 4)
    return "".join(
        f'<circle cx="{x:g}" cy="{y:g}" r="{r}" fill="none" stroke="{color}" stroke-width="14"/>'
        for r in (34, 66)
    )


def _shades(look: Look) -> tuple[str, str]:
    palette = look.palette
    return (
        mixed(palette.background, palette.deep, _CLEAR),
        mixed(palette.background, palette.surface, _FAINT),
    )


def _beams(look: Look) -> str:
    """Two broad slanted beams, each a breath lighter or darker than the ground."""
    deep, light = _shades(look)
    parts: list[str] = []
    for i in range(2):
        x = -300 + 1800 * look.chance(40 + i)
        width, lean = 120 + 260 * look.chance(43 + i), 900 * look.chance(46 + i) - 450
        color = mixed(behind(look), (deep, light)[i % 2], _BEAM)
        parts.append(
            f'<path d="M{x + lean:.0f} -800H{x + lean + width:.0f}L{x - lean + width:.0f} 1520'
            f'H{x - lean:.0f}Z" fill="{color}"/>'
        )
    return "".join(parts)


def _hills(look: Look) -> str:
    deep, light = _shades(look)
    parts: list[str] = []
    for i, color in enumerate((light, deep)):
        base = 380 + 150 * i + 60 * look.chance(10 + i)
        points = [
            (x, base + (70 + 40 * i) * math.sin(x / 240 + 6.28 * look.chance(20 + i) + i))
            for x in range(-800, 2081, 60)
        ]
        d = "L".join(f"{x} {y:.0f}" for x, y in points)
        parts.append(f'<path d="M{d}L{WIDTH + _MARGIN} 1600L{-_MARGIN} 1600Z" fill="{color}"/>')
    return "".join(parts)


def _disc(look: Look) -> str:
    deep, light = _shades(look)
    x, y = WIDTH * look.chance(10), HEIGHT * look.chance(11)
    return "".join(
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r}" fill="{color}"/>'
        for r, color in ((520, light), (350, deep))
    )


def _band(look: Look) -> str:
    deep, light = _shades(look)
    x, lean = 200 + 900 * look.chance(10), 500 - 1000 * look.chance(11)
    width = 220 + 160 * look.chance(12)
    parts: list[str] = []
    for i, color in enumerate((light, deep)):
        left = x + i * width
        parts.append(
            f'<path d="M{left:.0f} -900L{left + width:.0f} -900L{left + width - lean:.0f} 1700'
            f'L{left - lean:.0f} 1700Z" fill="{color}"/>'
        )
    return "".join(parts)


def _corner(look: Look) -> str:
    deep, light = _shades(look)
    right, low = look.chance(10) > 0.5, look.chance(11) > 0.5
    x, y = (WIDTH if right else 0), (HEIGHT if low else 0)
    return "".join(
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r + 120 * look.chance(12):.0f}" fill="{color}"/>'
        for r, color in ((640, light), (430, deep), (230, light))
    )


def _arcs(look: Look) -> str:
    deep, light = _shades(look)
    x = WIDTH * look.chance(10)
    parts: list[str] = []
    for i, color in enumerate((light, deep, light)):
        r = 760 - 190 * i + 60 * look.chance(12)
        parts.append(
            f'<ellipse cx="{x:.0f}" cy="760" rx="{r:.0f}" ry="{r * 0.8:.0f}" fill="{color}"/>'
        )
    return "".join(parts)


def _line_color(look: Look) -> str:
    return mixed(look.palette.background, look.accent, 0.2)


def _dots(look: Look) -> str:
    color = _line_color(look)
    across, down = 5 + int(5 * look.chance(30)), 3 + int(3 * look.chance(31))
    x0, y0 = _free_corner(look, across * _GRID, down * _GRID)
    return "".join(
        f'<circle cx="{x0 + i * _GRID:.0f}" cy="{y0 + j * _GRID:.0f}" r="3" fill="{color}"/>'
        for i in range(across)
        for j in range(down)
    )


def _rings(look: Look) -> str:
    color = _line_color(look)
    x, y = _free_corner(look, 0, 0)
    return "".join(
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r}" fill="none" stroke="{color}" stroke-width="2"/>'
        for r in (60, 95, 130, 165)
    )


def _strokes(look: Look) -> str:
    color = _line_color(look)
    x, y = _free_corner(look, 200, 120)
    return "".join(
        f'<path d="M{x + 34 * i:.0f} {y:.0f}l-70 140" stroke="{color}" stroke-width="3" '
        f'stroke-linecap="round"/>'
        for i in range(7)
    )


def _free_corner(look: Look, width: float, height: float) -> tuple[float, float]:
    """A place in the upper corner where nothing is read; small patterns reach lower."""
    x = WIDTH - width - 24 - 40 * look.chance(33)
    x = WIDTH - width - x if look.flipped else x
    return x, max(18.0, 24 + 40 * look.chance(34) - 0.1 * height)
