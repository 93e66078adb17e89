"""Quantities of one unit as bars, true to length."""

from __future__ import annotations

from pipeline_defs.local.providers.pictures.analysis.contents import Chart
from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.canvas import Type
from pipeline_defs.local.providers.pictures.forms.stage import HEAVY, STRONG, Stage
from pipeline_defs.local.providers.pictures.palettes import mixed

_BAR_LEAST = 8.0  # units: a bar is always seen


def draw_chart(content: Chart, stage: Stage) -> None:
    """Bars lying or standing; layouts take turns."""
    box = stage.heading()
    stage.look.turn((_lying, _standing))(content, box, stage)


def _colors(stage: Stage) -> tuple[str, ...]:
    return (stage.look.accent, stage.look.second, stage.look.third, stage.look.accent)


def _shown(shown: str, unit: str) -> str:
    return f"{shown} {unit}".strip()


def _whole(content: Chart) -> float:
    """What the full length stands for: all of it for shares, the largest one otherwise."""
    if all(bar.shown.endswith("%") for bar in content.bars):
        return max(100.0, *(bar.value for bar in content.bars))
    return max(bar.value for bar in content.bars)


def _lying(content: Chart, box: Box, stage: Stage) -> None:
    most = _whole(content)
    track = mixed(stage.look.palette.background, stage.muted, 0.2)
    for bar, row, color in zip(
        content.bars, box.rows(len(content.bars), 24), _colors(stage), strict=False
    ):
        label = Box(row.x, row.y, row.width * 0.66, row.height * 0.5)
        stage.body(bar.label, label, size=42, weight=STRONG, place="bottom", lines=2)
        value = Box(row.x + row.width * 0.66, row.y, row.width * 0.34, row.height * 0.5)
        stage.canvas.text(
            _shown(bar.shown, content.unit),
            value,
            Type(46, color, HEAVY, "end", "bottom", 1, least=26),
        )
        high = min(64.0, row.height * 0.38)
        whole = Box(row.x, row.y + row.height * 0.5 + 14, row.width, high)
        stage.canvas.rect(whole, track, radius=high / 2)
        length = max(high, row.width * bar.value / most, _BAR_LEAST)
        stage.canvas.rect(Box(whole.x, whole.y, length, high), color, radius=high / 2)


def _standing(content: Chart, box: Box, stage: Stage) -> None:
    most = _whole(content)
    floor, tallest = box.bottom - 120, box.height - 200
    stage.canvas.line(
        (box.x, floor),
        (box.right, floor),
        mixed(stage.look.palette.background, stage.muted, 0.6),
        4,
    )
    for bar, cell, color in zip(
        content.bars, box.columns(len(content.bars), 30), _colors(stage), strict=False
    ):
        high = max(_BAR_LEAST, tallest * bar.value / most)
        wide = min(190.0, cell.width * 0.6)
        stage.canvas.rect(
            Box(cell.center - wide / 2, floor - high, wide, high), color, radius=min(14, high / 2)
        )
        value = Box(cell.x, floor - high - 66, cell.width, 56)
        stage.canvas.text(
            _shown(bar.shown, content.unit),
            value,
            Type(46, color, HEAVY, "middle", "bottom", 1, least=26),
        )
        stage.body(
            bar.label,
            Box(cell.x, floor + 14, cell.width, 106),
            size=38,
            align="middle",
            place="top",
            weight=STRONG,
            lines=2,
        )
