"""The picture engine: a prompt in, a drawing as PNG out. The same request gives the same bytes."""

from __future__ import annotations

from dataclasses import replace

from pipeline_defs.local.providers.pictures.analysis.choose import choose
from pipeline_defs.local.providers.pictures.background import behind, draw_background
from pipeline_defs.local.providers.pictures.brief import Brief, read_brief
from pipeline_defs.local.providers.pictures.canvas import Canvas
from pipeline_defs.local.providers.pictures.forms.stage import Stage
from pipeline_defs.local.providers.pictures.forms.table import draw_content
from pipeline_defs.local.providers.pictures.frame import draw_progress
from pipeline_defs.local.providers.pictures.look import look_of
from pipeline_defs.media.typesetting import render_svg

SIDE_LEAST, SIDE_MOST = 16, 8192  # pixels
PIXELS_MOST = 40_000_000


def draw(prompt: str, width: int, height: int, variant: str = "") -> bytes:
    """The picture of a prompt as PNG of exactly `width` by `height` pixels.

    Another `variant` is another arrangement of it, the same one the same bytes.
    ValueError for sizes outside of `SIDE_LEAST` to `SIDE_MOST`, or more than `PIXELS_MOST`.
    """
    if min(width, height) < SIDE_LEAST or max(width, height) > SIDE_MOST:
        raise ValueError(f"a picture has {SIDE_LEAST} to {SIDE_MOST} pixels on each side")
    if width * height > PIXELS_MOST:
        raise ValueError(f"a picture has at most {PIXELS_MOST} pixels")
    brief = replace(read_brief(prompt), variant=variant)
    return render_svg(composed(brief).svg(width, height, behind(look_of(brief))))


def composed(brief: Brief) -> Canvas:
    """The drawing of a brief, before it becomes pixels."""
    look = look_of(brief)
    canvas = Canvas()
    canvas.parts.append(draw_background(look))
    draw_content(choose(brief), Stage(canvas, brief, look))
    draw_progress(canvas, brief, look)
    return canvas
