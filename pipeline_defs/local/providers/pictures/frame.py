"""What all pictures of a lecture share: its chapter on top, where we are in it below."""

from __future__ import annotations

from pipeline_defs.local.providers.pictures.analysis.wishes import wish_of
from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.brief import Brief
from pipeline_defs.local.providers.pictures.canvas import WIDTH, Align, Canvas, Type
from pipeline_defs.local.providers.pictures.look import Look
from pipeline_defs.local.providers.pictures.motifs import draw_motif, motif_for
from pipeline_defs.local.providers.pictures.palettes import mixed
from pipeline_defs.media.typesetting import text_width

MARGIN = 84.0
STAGE = Box(MARGIN, 148, 1280 - 2 * MARGIN, 500)  # where forms draw
WHOLE_STAGE = Box(MARGIN, 70, 1280 - 2 * MARGIN, 578)  # of a form that brings its own heading
_HEADING = Box(MARGIN + 62, 54, 1280 - 2 * MARGIN - 62, 48)
_MARK = Box(MARGIN, 54, 46, 46)
_WISH_MARK = Box(MARGIN - 2, 44, 84, 84)
_OVER_WISH = Box(MARGIN + 102, 42, 1280 - 2 * MARGIN - 102, 40)
_WISH = Box(MARGIN + 102, 82, 1280 - 2 * MARGIN - 102, 46)
_WISH_LEAST = 30.0  # units: a longer wish takes the place of the heading, in two lines
_PROGRESS = Box(MARGIN, 682, 1280 - 2 * MARGIN, 6)


def draw_heading(canvas: Canvas, brief: Brief, look: Look) -> Box:
    """The chapter's heading with its motif; answers the stage below it."""
    wish = wish_of(brief)
    if wish.subject:
        draw_wish(canvas, brief, look)
        return STAGE
    if not brief.heading:
        return WHOLE_STAGE
    name = motif_for(brief.heading, f"{brief.lecture} {brief.said}")
    draw_motif(canvas, name, _turned(_MARK, look), look.accent)
    style = Type(34, look.accent, 600, _side(look), "middle", 1, least=26)
    canvas.text(brief.heading, _turned(_HEADING, look), style)
    return STAGE


def draw_wish(canvas: Canvas, brief: Brief, look: Look, *, heading: bool = True) -> None:
    """What the picture was asked to show as a line under the heading, beside its motif."""
    wish = wish_of(brief)
    if not wish.subject:
        return
    name = wish.motif or motif_for(wish.subject, f"{brief.heading} {brief.lecture} {brief.said}")
    draw_motif(canvas, name, _turned(_WISH_MARK, look), look.accent)
    line, lines = Box(_WISH.x, _OVER_WISH.y, _WISH.width, _WISH.bottom - _OVER_WISH.y), 2
    if heading and brief.heading and text_width(wish.subject, _WISH_LEAST, 600) <= _WISH.width:
        style = Type(30, look.accent, 600, _side(look), "middle", 1, least=26)
        canvas.text(brief.heading, _turned(_OVER_WISH, look), style)
        line, lines = _WISH, 1
    style = Type(36, look.palette.ink, 600, _side(look), "middle", lines, least=26)
    canvas.text(wish.subject, _turned(line, look), style)


def _turned(box: Box, look: Look) -> Box:
    """At the other side where left and right change places."""
    return Box(WIDTH - box.right, box.y, box.width, box.height) if look.flipped else box


def _side(look: Look) -> Align:
    return "end" if look.flipped else "start"


def draw_progress(canvas: Canvas, brief: Brief, look: Look) -> None:
    """A thin bar that fills from the first segment to the last."""
    if brief.segments < 2:
        return
    track = mixed(look.palette.background, look.palette.muted, 0.28)
    share = min(1.0, brief.segment / brief.segments)
    canvas.rect(_PROGRESS, track, radius=3)
    filled = Box(_PROGRESS.x, _PROGRESS.y, max(6.0, _PROGRESS.width * share), _PROGRESS.height)
    canvas.rect(filled, look.accent, radius=3)
