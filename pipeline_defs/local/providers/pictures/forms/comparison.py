"""Two things against each other."""

from __future__ import annotations

from pipeline_defs.local.providers.pictures.analysis.comparisons import IN_FACT, OFTEN_SAID
from pipeline_defs.local.providers.pictures.analysis.contents import Comparison, Side
from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.canvas import Type
from pipeline_defs.local.providers.pictures.forms.stage import HEAVY, PAD, RADIUS, Stage
from pipeline_defs.local.providers.pictures.motifs import draw_motif

_BAND_GAP = 30.0


def draw_comparison(content: Comparison, stage: Stage) -> None:
    """Two columns, two bands, or two names and how one stands to the other."""
    box = stage.heading()
    if not content.left.text and not content.right.text:
        _than(content, box, stage)
    else:
        stage.look.turn((_columns, _bands, _offset))(content, box, stage)


def _mark(side: Side, box: Box, color: str, stage: Stage) -> None:
    if side.name == OFTEN_SAID:
        draw_motif(stage.canvas, "cross", box, color)
    elif side.name == IN_FACT:
        draw_motif(stage.canvas, "check", box, color)
    else:
        stage.motif(f"{side.name} {side.text}", box, color)


def _pairs(content: Comparison, stage: Stage) -> tuple[tuple[Side, str], tuple[Side, str]]:
    return (content.left, stage.look.accent), (content.right, stage.look.second)


def _columns(content: Comparison, box: Box, stage: Stage) -> None:
    cells = box.inset(0, 4).columns(2, 44)
    for (side, color), cell in zip(_pairs(content, stage), cells, strict=True):
        stage.card(cell)
        head = Box(cell.x, cell.y, cell.width, 150)
        stage.canvas.rect(head, color, radius=RADIUS)
        stage.canvas.rect(Box(head.x, head.bottom - 40, head.width, 40), color)
        on = stage.look.palette.on(color)
        _mark(side, Box(head.x + 28, head.middle - 44, 88, 88), on, stage)
        name = Box(head.x + 138, head.y + 10, head.width - 160, head.height - 20)
        stage.canvas.text(side.name, name, Type(46, on, HEAVY, place="middle", lines=3))
        inner = Box(cell.x + PAD, head.bottom + 18, cell.width - 2 * PAD, cell.height - 186)
        stage.body(side.text, inner, size=48, lines=6)
    stage.canvas.circle(box.center, box.y + 79, 40, stage.look.palette.background)
    _versus(box.center, box.y + 79, stage)


def _versus(x: float, y: float, stage: Stage) -> None:
    """Two arrows that meet."""
    for sign in (-1, 1):
        tip = (x + sign * 30, y + sign * 9)
        stage.canvas.arrow((x - sign * 22, y + sign * 9), tip, stage.ink, 4)


def _bands(content: Comparison, box: Box, stage: Stage) -> None:
    """Two bands; the motifs stand at one side or at the two ends of a slant."""
    area = box.inset(0, 4)
    upper = (area.height - _BAND_GAP) * (0.44 + 0.12 * stage.look.chance(80))
    bands = area.top_part(upper, _BAND_GAP)
    sides = (stage.look.chance(81) > 0.5, stage.look.chance(82) > 0.5)
    for (side, color), band, right in zip(_pairs(content, stage), bands, sides, strict=True):
        stage.panel(band, color)
        motif = Box(band.right - 164 if right else band.x + 40, band.middle - 62, 124, 124)
        _mark(side, motif, color, stage)
        left = band.x + (40 if right else 200)
        name = Box(left, band.y + 16, 320, band.height - 32)
        stage.canvas.text(side.name, name, Type(46, color, HEAVY, place="middle", lines=4))
        line = left + 345
        stage.canvas.line((line, band.y + 40), (line, band.bottom - 40), color, 3)
        wide = band.right - line - 28 - (190 if right else PAD)
        inner = Box(line + 28, band.y + 14, wide, band.height - 28)
        stage.body(side.text, inner, size=44, lines=5)


def _offset(content: Comparison, box: Box, stage: Stage) -> None:
    """Two cards, the second one a step lower, each with its motif in the free corner."""
    high = 370.0
    left, right = Box(box.x, box.y, box.width, high).columns(2, 40)
    right = Box(right.x, box.bottom - high, right.width, high)
    for (side, color), cell, free in zip(
        _pairs(content, stage), (left, right), (left.bottom + 22, right.y - 118), strict=True
    ):
        stage.card(cell, color)
        name = Box(cell.x + PAD + 8, cell.y + 26, cell.width - 2 * PAD, 104)
        placed = stage.canvas.text(side.name, name, Type(46, color, HEAVY, lines=2))
        inner = Box(name.x, placed.bottom + 12, name.width, cell.bottom - placed.bottom - 36)
        stage.body(side.text, inner, size=46, place="top", lines=5)
        _mark(side, Box(cell.x if cell is left else cell.right - 96, free, 96, 96), color, stage)


def _than(content: Comparison, box: Box, stage: Stage) -> None:
    """The first one larger than the second, and between them how they differ."""
    y = box.y + 190
    left, right = box.x + 210, box.right - 190
    stage.medallion(content.left.name, left, y, 180, stage.look.accent)
    stage.medallion(content.right.name, right, y, 140, stage.look.second)
    for x, side, half in ((left, content.left, 230), (right, content.right, 190)):
        name = Box(x - half, box.y + 384, 2 * half, box.bottom - box.y - 384)
        name = Box(
            max(name.x, box.x - 20),
            name.y,
            min(name.width, box.right + 20 - max(name.x, box.x - 20)),
            name.height,
        )
        stage.body(side.name, name, size=46, align="middle", place="top", weight=HEAVY, lines=2)
    between = Box(left + 200, y - 110, right - left - 360, 110)
    stage.canvas.text(content.relation, between, Type(40, stage.ink, 600, "middle", "bottom", 3))
    stage.canvas.arrow((left + 200, y + 30), (right - 160, y + 30), stage.look.accent, 8)
