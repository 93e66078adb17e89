"""Events on the axis of time."""

from __future__ import annotations

import math

from pipeline_defs.local.providers.pictures.analysis.contents import Event, Timeline
from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.canvas import Align, Type
from pipeline_defs.local.providers.pictures.forms.stage import HEAVY, PAD, Stage
from pipeline_defs.local.providers.pictures.palettes import mixed


def draw_timeline(content: Timeline, stage: Stage) -> None:
    """One date large, several along an axis."""
    box = stage.heading()
    if len(content.events) == 1:
        _one(content.events[0], box, stage)
    else:
        stage.look.turn((_across, _down))(content.events, box, stage)


def _colors(stage: Stage) -> tuple[str, ...]:
    return (stage.look.accent, stage.look.second, stage.look.third, stage.look.accent)


def _axis_color(stage: Stage) -> str:
    return mixed(stage.look.palette.background, stage.muted, 0.55)


def _one(event: Event, box: Box, stage: Stage) -> None:
    flip = stage.look.number % 2 == 1
    disc = box.x + 150 if flip else box.right - 150
    left = box.x + 360 if flip else box.x
    wide = box.width - 360
    placed = stage.canvas.text(
        event.when,
        Box(left, box.y + 6, wide, 150),
        Type(128, stage.look.accent, 800, place="middle", lines=1, least=50),
    )
    y = placed.bottom + 34
    _scale(event.at, Box(left, y, wide, 60), stage)
    words = Box(left, y + 92, wide, box.bottom - y - 92)
    stage.body(event.text, words, size=54, place="top", lines=4)
    stage.emblem(event.text, disc, box.y + 220, 140, stage.look.second)


def _scale(at: float, box: Box, stage: Stage) -> None:
    """The century or the millennium around a date, with the date on it."""
    span = 100 if at % 100 else 1000
    start = math.floor(at / span) * span
    color = _axis_color(stage)
    stage.canvas.line((box.x, box.y), (box.right, box.y), color, 5)
    for i in range(11):
        x = box.x + box.width * i / 10
        high = 15 if i % 10 == 0 else 8
        stage.canvas.line((x, box.y - high), (x, box.y + high), color, 3)
    ends: tuple[tuple[int, Align], ...] = ((start, "start"), (start + span, "end"))
    for year, align in ends:
        style = Type(30, stage.muted, 500, align, lines=1)
        stage.canvas.text(_year(year), Box(box.x, box.y + 22, box.width, 40), style)
    x = box.x + box.width * (at - start) / span
    stage.canvas.circle(x, box.y, 16, stage.look.accent)
    stage.canvas.circle(x, box.y, 28, "none", stroke=stage.look.accent, width=4)


def _year(year: int) -> str:
    return f"{-year} BCE" if year < 0 else str(year or 1)


def _across(events: tuple[Event, ...], box: Box, stage: Stage) -> None:
    y = box.y + 100
    stage.canvas.arrow((box.x, y), (box.right, y), _axis_color(stage), 6)
    cells = Box(box.x, y, box.width - 30, box.bottom - y).columns(len(events), 26)
    for event, cell, color in zip(events, cells, _colors(stage), strict=False):
        x = cell.x + 40
        when = Box(cell.x + 4, box.y - 4, cell.width - 4, 70)
        stage.canvas.text(event.when, when, Type(50, color, HEAVY, place="bottom", lines=2))
        stage.canvas.circle(x, y, 18, color)
        stage.canvas.line((x, y + 22), (x, y + 54), color, 4)
        card = Box(cell.x, y + 54, cell.width, min(310, cell.height - 60))
        stage.card(card, color, edge="top")
        drawn = card.width > 300 and stage.motif(
            event.text, Box(card.right - 96, card.y + 26, 68, 68), color, always=False
        )
        top = 100 if drawn else 24
        inner = Box(card.x + 24, card.y + top, card.width - 48, card.height - top - 18)
        stage.body(event.text, inner, size=42, lines=7)


def _down(events: tuple[Event, ...], box: Box, stage: Stage) -> None:
    rows = box.rows(len(events), 18)
    x = box.x + 330
    stage.canvas.line((x, rows[0].y + 6), (x, rows[-1].bottom - 6), _axis_color(stage), 6)
    for event, row, color in zip(events, rows, _colors(stage), strict=False):
        when = Box(box.x, row.y, 290, row.height)
        stage.canvas.text(event.when, when, Type(60, color, HEAVY, "end", "middle", 2, least=32))
        stage.canvas.circle(x, row.middle, 20, color)
        card = Box(x + 50, row.y + 4, box.right - x - 50, row.height - 8)
        stage.card(card, color)
        drawn = stage.motif(
            event.text, Box(card.right - 108, card.middle - 38, 76, 76), color, always=False
        )
        inner = Box(
            card.x + PAD + 6,
            card.y + 10,
            card.width - 2 * PAD - (96 if drawn else 0),
            card.height - 20,
        )
        stage.body(event.text, inner, size=46, lines=4)
