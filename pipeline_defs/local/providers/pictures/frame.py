"""What all pictures of a lecture share: its chapter on top, where we are in it below."""

from __future__ import annotations

from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.brief import Brief
from pipeline_defs.local.providers.pictures.canvas import Canvas, Type
from pipeline_defs.local.providers.pictures.look import Look
from pipeline_defs.local.providers.pictures.motifs import draw_motif, motif_for
from pipeline_defs.local.providers.pictures.palettes import mixed

MARGIN = 84.0
STAGE = Box(MARGIN, 148, 1280 - 2 * MARGIN, 500)  # where forms draw
WHOLE_STAGE = Box(MARGIN, 70, 1280 - 2 * MARGIN, 578)  # of a form that brings its own heading
_HEADING = Box(MARGIN + 62, 54, 1280 - 2 * MARGIN - 62, 48)
_MARK = Box(MARGIN, 54, 46, 46)
_PROGRESS = Box(MARGIN, 682, 1280 - 2 * MARGIN, 6)


def draw_heading(canvas: Canvas, brief: Brief, look: Look) -> Box:
    """The chapter's heading with its motif; answers the stage below it."""
    if not brief.heading:
        return WHOLE_STAGE
    name = motif_for(brief.heading, f"{brief.lecture} {brief.said}")
    draw_motif(canvas, name, _MARK, look.accent)
    style = Type(34, look.accent, weight=600, place="middle", lines=1, least=26)
    canvas.text(brief.heading, _HEADING, style)
    return STAGE


def draw_progress(canvas: Canvas, brief: Brief, look: Look) -> None:
    """A thin bar that fills from the first segment to the last."""
    if brief.segments < 2:
        return
    track = mixed(look.palette.background, look.palette.muted, 0.28)
    share = min(1.0, brief.segment / brief.segments)
    canvas.rect(_PROGRESS, track, radius=3)
    filled = Box(_PROGRESS.x, _PROGRESS.y, max(6.0, _PROGRESS.width * share), _PROGRESS.height)
    canvas.rect(filled, look.accent, radius=3)
