"""Things named together: tiles, rows or a fan."""

from __future__ import annotations

from pipeline_defs.local.providers.pictures.analysis.contents import Listing
from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.canvas import Type
from pipeline_defs.local.providers.pictures.forms.stage import STRONG, Stage
from pipeline_defs.local.providers.pictures.motifs import draw_motif, own_motif
from pipeline_defs.local.providers.pictures.palettes import mixed

_LEAD = 46.0
_LEAD_HIGH = 120.0


def draw_listing(content: Listing, stage: Stage) -> None:
    """The lead above the items, or below where the items are its subject."""
    box = stage.heading()
    area = box
    if content.lead:
        style = Type(_LEAD, stage.ink, 700, place="bottom" if content.after else "top", lines=2)
        if content.after:
            foot = Box(box.x, box.bottom - _LEAD_HIGH, box.width, _LEAD_HIGH)
            placed = stage.canvas.text(content.lead, foot, style)
            area = Box(box.x, box.y, box.width, placed.y - 26 - box.y)
        else:
            placed = stage.canvas.text(
                content.lead, Box(box.x, box.y - 6, box.width, _LEAD_HIGH), style
            )
            area = Box(box.x, placed.bottom + 24, box.width, box.bottom - placed.bottom - 24)
    layouts = (_tiles, _rows, _pills) if len(content.items) <= 4 else (_tiles, _pills)
    stage.look.turn(layouts)(content.items, area, stage)


def _colors(stage: Stage) -> tuple[str, ...]:
    return (stage.look.accent, stage.look.second, stage.look.third)


def _marks(items: tuple[str, ...], stage: Stage) -> tuple[str, ...]:
    """A motif for each item if all have one of their own; else none has."""
    names = tuple(own_motif(item, stage.about) for item in items)
    return names if all(names) and len(set(names)) == len(names) else ("",) * len(items)


def _mark(name: str, box: Box, color: str, stage: Stage, number: int) -> None:
    """The item's motif, else its number."""
    if name:
        draw_motif(stage.canvas, name, box, color)
    else:
        stage.badge(str(number), box.center, box.middle, color, min(box.width, 76) * 0.46)


def _tiles(items: tuple[str, ...], area: Box, stage: Stage) -> None:
    count, names = len(items), _marks(items, stage)
    rows = 1 if count <= 4 else 2
    per_row = -(-count // rows)
    high = min(330.0, (area.height - 26 * (rows - 1)) / rows)
    top = area.y + (area.height - high * rows - 26 * (rows - 1)) / 2
    for i, item in enumerate(items):
        line, place = divmod(i, per_row)
        across = min(per_row, count - line * per_row)
        width = (area.width - 26 * (per_row - 1)) / per_row
        left = area.x + (area.width - across * width - 26 * (across - 1)) / 2
        cell = Box(left + place * (width + 26), top + line * (high + 26), width, high)
        color = _colors(stage)[i % 3]
        stage.card(cell, color, edge="top")
        side = 96.0 if high > 240 else 64.0
        _mark(
            names[i],
            Box(cell.center - side / 2, cell.y + high * 0.12, side, side),
            color,
            stage,
            i + 1,
        )
        text_top = high * 0.12 + side + 10
        inner = Box(cell.x + 18, cell.y + text_top, cell.width - 36, high - text_top - 14)
        stage.body(item, inner, size=42, align="middle", weight=STRONG, lines=3)


def _rows(items: tuple[str, ...], area: Box, stage: Stage) -> None:
    gap = 18.0
    names = _marks(items, stage)
    high = min(124.0, (area.height - gap * (len(items) - 1)) / len(items))
    top = area.y + (area.height - (high + gap) * len(items) + gap) / 2
    for i, item in enumerate(items):
        cell = Box(area.x, top + i * (high + gap), area.width, high)
        color = _colors(stage)[i % 3]
        stage.card(cell, color)
        _mark(names[i], Box(cell.x + 36, cell.middle - 36, 72, 72), color, stage, i + 1)
        stage.body(
            item,
            Box(cell.x + 144, cell.y + 6, cell.width - 174, high - 12),
            size=48,
            weight=STRONG,
            lines=2,
        )


def _pills(items: tuple[str, ...], area: Box, stage: Stage) -> None:
    """Two columns of wide capsules."""
    rows, names = -(-len(items) // 2), _marks(items, stage)
    gap = 24.0
    high = min(140.0, (area.height - gap * (rows - 1)) / rows)
    top = area.y + (area.height - rows * high - gap * (rows - 1)) / 2
    wide = (area.width - gap) / 2
    for i, item in enumerate(items):
        line, side = divmod(i, 2)
        alone = i == len(items) - 1 and side == 0
        left = area.x + (wide + gap) / 2 if alone else area.x + side * (wide + gap)
        cell = Box(left, top + line * (high + gap), wide, high)
        color = _colors(stage)[i % 3]
        fill = mixed(stage.look.palette.background, color, 0.15)
        stage.canvas.rect(cell, fill, radius=high / 2, stroke=color, width=2.5)
        mark = high * 0.5
        _mark(
            names[i],
            Box(cell.x + high * 0.3, cell.middle - mark / 2, mark, mark),
            color,
            stage,
            i + 1,
        )
        inner = Box(
            cell.x + high * 0.3 + mark + 22, cell.y + 8, wide - high * 0.6 - mark - 30, high - 16
        )
        stage.body(item, inner, size=42, weight=STRONG, lines=2)
