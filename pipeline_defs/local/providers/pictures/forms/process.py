"""Steps in order: a chain, a stair or a circle."""

from __future__ import annotations

import math

from pipeline_defs.local.providers.pictures.analysis.contents import Process
from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.canvas import Type
from pipeline_defs.local.providers.pictures.forms.stage import PAD, Stage
from pipeline_defs.local.providers.pictures.palettes import mixed

_CHAIN_MOST = 3  # steps that fit beside each other


def draw_process(content: Process, stage: Stage) -> None:
    """Draws the steps; layouts take turns from segment to segment."""
    box = stage.heading()
    if content.actor:
        style = Type(46, stage.ink, 700, lines=1, least=34)
        placed = stage.canvas.text(content.actor, Box(box.x, box.y, box.width, 60), style)
        box = Box(box.x, placed.bottom + 14, box.width, box.bottom - placed.bottom - 14)
    if content.cycle and len(content.steps) > 2:
        _circle(content.steps, box, stage)
    elif len(content.steps) == 2:
        stage.look.turn((_pair, _stair, _pair))(content.steps, box, stage)
    elif len(content.steps) > _CHAIN_MOST:
        _rail(content.steps, box, stage)
    else:
        stage.look.turn((_chain, _rail, _stair))(content.steps, box, stage)


def _colors(stage: Stage, count: int) -> list[str]:
    accents = (stage.look.accent, stage.look.second, stage.look.third, stage.look.accent)
    return [accents[i % len(accents)] for i in range(count)]


def _chain(steps: tuple[str, ...], box: Box, stage: Stage) -> None:
    area = Box(box.x, box.y + 44, box.width, min(box.height - 60, 390))
    cells = area.columns(len(steps), 62)
    for i, (step, cell, color) in enumerate(zip(steps, cells, _colors(stage, 4), strict=False)):
        stage.card(cell, color, edge="top")
        stage.badge(str(i + 1), cell.x + 54, cell.y + 4, color, 34)
        drawn = stage.motif(step, Box(cell.right - 100, cell.y + 34, 68, 68), color, always=False)
        top = 110 if drawn else 60
        inner = Box(cell.x + PAD, cell.y + top, cell.width - 2 * PAD, cell.height - top - PAD)
        stage.body(step, inner, size=42, lines=7)
        if i:
            stage.canvas.arrow((cell.x - 54, cell.middle), (cell.x - 8, cell.middle), stage.muted)


def _pair(steps: tuple[str, ...], box: Box, stage: Stage) -> None:
    area = Box(box.x, box.y + 24, box.width, min(box.height - 48, 380))
    left, right = area.columns(2, 150)
    for cell, step, color in (
        (left, steps[0], stage.look.second),
        (right, steps[1], stage.look.accent),
    ):
        stage.card(cell, color, edge="top")
        stage.motif(step, Box(cell.center - 52, cell.y + 36, 104, 104), color)
        inner = Box(cell.x + PAD, cell.y + 150, cell.width - 2 * PAD, cell.height - 170)
        stage.body(step, inner, size=46, align="middle", lines=5)
    stage.canvas.circle(
        area.center, area.middle, 52, mixed(stage.look.palette.background, stage.look.accent, 0.2)
    )
    stage.canvas.arrow(
        (area.center - 62, area.middle), (area.center + 66, area.middle), stage.look.accent, 8
    )


def _stair(steps: tuple[str, ...], box: Box, stage: Stage) -> None:
    rows = box.inset(0, 6).rows(len(steps), 22)
    shift = 70.0
    for i, (step, row, color) in enumerate(zip(steps, rows, _colors(stage, 4), strict=False)):
        cell = Box(row.x + i * shift, row.y, row.width - (len(steps) - 1) * shift, row.height)
        stage.card(cell, color)
        stage.badge(str(i + 1), cell.x + 66, cell.middle, color, 34)
        drawn = stage.motif(
            step, Box(cell.right - 116, cell.middle - 42, 84, 84), color, always=False
        )
        inner = Box(
            cell.x + 126, cell.y + 12, cell.width - 160 - (110 if drawn else 0), cell.height - 24
        )
        stage.body(step, inner, size=46, lines=4)
        if i:
            x = cell.x - shift / 2
            stage.canvas.curve(
                [(x, rows[i - 1].bottom + 4), (x, cell.middle), (cell.x - 22, cell.middle)],
                stage.muted,
                5,
            )
            stage.canvas.arrow_head((cell.x - 6, cell.middle), 0, stage.muted)


def _rail(steps: tuple[str, ...], box: Box, stage: Stage) -> None:
    rows = box.rows(len(steps), 14)
    x = box.x + 44
    stage.canvas.line(
        (x, rows[0].middle),
        (x, rows[-1].middle),
        mixed(stage.look.palette.background, stage.muted, 0.5),
        6,
    )
    for i, (step, row, color) in enumerate(zip(steps, rows, _colors(stage, 4), strict=False)):
        stage.badge(str(i + 1), x, row.middle, color, 38)
        cell = Box(row.x + 118, row.y + 4, row.width - 118, row.height - 8)
        stage.card(cell)
        drawn = stage.motif(
            step, Box(cell.right - 104, cell.middle - 36, 72, 72), color, always=False
        )
        inner = Box(
            cell.x + PAD, cell.y + 8, cell.width - 2 * PAD - (96 if drawn else 0), cell.height - 16
        )
        stage.body(step, inner, size=44, lines=3)


def _circle(steps: tuple[str, ...], box: Box, stage: Stage) -> None:
    """Steps around a ring that the arrows close."""
    x, y, rx, ry = box.center, box.middle, 300.0, min(150.0, box.height / 2 - 90)
    colors = _colors(stage, len(steps))
    count = len(steps)
    angles = [-math.pi / 2 + 2 * math.pi * i / count for i in range(count)]
    ring = [(x + rx * math.cos(a / 50), y + ry * math.sin(a / 50)) for a in range(316)]
    stage.canvas.curve(
        ring, mixed(stage.look.palette.background, stage.look.accent, 0.5), 7, closed=True
    )
    cells = _around(count, box)
    for i, angle in enumerate(angles):
        middle = angle + math.pi / count
        tip = (x + rx * math.cos(middle), y + ry * math.sin(middle))
        ahead = math.atan2(ry * math.cos(middle), -rx * math.sin(middle))
        stage.canvas.arrow_head(tip, ahead, stage.look.accent, 30)
        cell = cells[i]
        stage.card(cell, colors[i])
        stage.badge(str(i + 1), cell.x + 48, cell.middle, colors[i], 26)
        stage.body(
            steps[i],
            Box(cell.x + 88, cell.y + 8, cell.width - 108, cell.height - 16),
            size=36,
            lines=4,
        )


def _around(count: int, box: Box) -> list[Box]:
    wide, high = 400.0, 150.0
    top, low = box.y, box.bottom - high
    if count == 3:
        return [Box(box.center - wide / 2, top, wide, high), Box(box.right - wide, low, wide, high),
                Box(box.x, low, wide, high)]  # fmt: skip
    mid = box.middle - high / 2
    return [Box(box.center - wide / 2, top, wide, high), Box(box.right - wide, mid, wide, high),
            Box(box.center - wide / 2, low, wide, high), Box(box.x, mid, wide, high)]  # fmt: skip
