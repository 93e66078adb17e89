"""Formulas set in type: LaTeX of our own making to vector outlines, placed on a canvas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.canvas import Align, Canvas

_SET_AT = 100.0  # font size at which a formula is measured


@dataclass(frozen=True, slots=True)
class Outlines:
    """A formula at a size of `_SET_AT`, in the colour it was asked for."""

    svg: str
    left: float
    top: float
    width: float
    height: float


def place_formula(
    canvas: Canvas, latex: str, box: Box, color: str, *, size: float, align: Align = "middle"
) -> Box:
    """The formula in the middle of the box's height, at most `size` high letters; its own box."""
    drawn = _outlines(latex, color)
    scale = min(size / _SET_AT, box.width / drawn.width, box.height / drawn.height)
    width, height = drawn.width * scale, drawn.height * scale
    x = {"start": box.x, "middle": box.center - width / 2, "end": box.right - width}[align]
    y = box.middle - height / 2
    canvas.raw(
        f'<g transform="translate({x - drawn.left * scale:.2f} {y - drawn.top * scale:.2f}) '
        f'scale({scale:.4f})">{drawn.svg}</g>',
        Box(x, y, width, height),
    )
    return Box(x, y, width, height)


def formula_width(latex: str, size: float) -> float:
    """How wide a formula is at a font size, in the same units."""
    return _outlines(latex, "#000000").width * size / _SET_AT


@lru_cache(maxsize=256)
def _outlines(latex: str, color: str) -> Outlines:
    from ziamath.config import config
    from ziamath.zmath import Latex

    config.svg2 = False  # outlines in place: shared symbols would clash between formulas
    svg = Latex(latex, size=_SET_AT, color=color).svg()
    head, _, body = svg.partition(">")
    view = head.split('viewBox="', 1)[1].split('"', 1)[0]
    left, top, width, height = map(float, view.split())
    body = body.removesuffix("</svg>").replace('"black"', f'"{color}"')  # rules over letters
    return Outlines(body, left, top, width, height)
