"""Mathematics: typeset formulas and true drawings, with the sentence they belong to."""

from __future__ import annotations

from pipeline_defs.local.providers.pictures.analysis.contents import Formula
from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.canvas import Type
from pipeline_defs.local.providers.pictures.forms.stage import Stage
from pipeline_defs.local.providers.pictures.mathematics.figures import FIGURES
from pipeline_defs.local.providers.pictures.mathematics.typeset import formula_width, place_formula

_FORMULA = 92.0
_SMALL = 64.0
_CAPTION = 44.0


def draw_formula(content: Formula, stage: Stage) -> None:
    """A formula alone in a panel, or a drawing with its formula and words beside it."""
    box = stage.heading()
    if not content.figure:
        _alone(content, box, stage)
    else:
        _beside(content, box, stage, flip=stage.look.number % 2 == 1)


def _alone(content: Formula, box: Box, stage: Stage) -> None:
    below = stage.look.number % 2 == 0
    high = 270.0
    panel = (
        Box(box.x, box.y + 6, box.width, high)
        if below
        else Box(box.x, box.bottom - high - 6, box.width, high)
    )
    stage.card(panel, stage.look.accent, edge="top" if below else "left")
    place_formula(
        stage.canvas, content.latex, panel.inset(60, 36), stage.look.accent, size=_FORMULA
    )
    words = (
        Box(box.x, panel.bottom + 24, box.width, box.bottom - panel.bottom - 24)
        if below
        else Box(box.x, box.y, box.width, panel.y - box.y - 24)
    )
    place = "top" if below else "middle"
    stage.body(content.caption, words, size=50, place=place, lines=4, align="start")


def _beside(content: Formula, box: Box, stage: Stage, *, flip: bool) -> None:
    share = 0.44 if flip else 0.54
    wide = bool(content.latex) and formula_width(content.latex, _SMALL) > 0.42 * box.width
    share = 0.38 if wide and flip else 0.6 if wide else share
    left, right = box.inset(0, 2).left_part(share, 48)
    panel, side = (right, left) if flip else (left, right)
    stage.card(panel)
    inner = panel.inset(40, 38)
    if wide:
        top, inner = inner.top_part(92, 24)
        place_formula(stage.canvas, content.latex, top, stage.look.accent, size=_SMALL)
    FIGURES[content.figure](stage, inner)
    if content.latex and not wide:
        top = Box(side.x, side.y + 4, side.width, 170)
        place_formula(
            stage.canvas, content.latex, top, stage.look.accent, size=_SMALL, align="start"
        )
        stage.canvas.rect(Box(side.x, top.bottom + 18, 90, 7), stage.look.second, radius=3.5)
        side = Box(side.x, top.bottom + 46, side.width, side.bottom - top.bottom - 46)
    stage.canvas.text(
        content.caption, side,
        Type(
            52 if wide or not content.latex else _CAPTION, stage.ink, 500,
            place="middle" if wide or not content.latex else "top", lines=8,
        ),
    )  # fmt: skip
