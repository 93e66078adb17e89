"""Things that act on each other: cards joined by arrows that say how."""

from __future__ import annotations

from pipeline_defs.local.providers.pictures.analysis.contents import Links
from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.canvas import Type
from pipeline_defs.local.providers.pictures.forms.stage import PAD, STRONG, Stage
from pipeline_defs.media.typesetting import text_width

_LABEL = 34.0


def draw_links(content: Links, stage: Stage) -> None:
    """One or two rows."""
    box = stage.heading()
    if len(content.rows) > 1:
        _two(content.rows, box, stage)
        return
    layout = stage.look.turn((_beside, _above, _disc))
    for row in content.rows:
        layout(row, box, stage)


def _beside(row: tuple[str, str, str], box: Box, stage: Stage) -> None:
    """From left to right."""
    one, verb, two = row
    label = max(150.0, min(260.0, text_width(verb, _LABEL, STRONG) + 40))
    area = Box(box.x, box.y + 30, box.width, min(400.0, box.height - 60))
    share = 0.44 if len(one) < len(two) else 0.5
    left, right = area.left_part(share, label)
    first = stage.look.chance(70) > 0.5
    _node(one, left, stage.look.second, stage, fills=first)
    _node(two, right, stage.look.accent, stage, fills=not first)
    _labelled((left.right + 12, area.middle), (right.x - 10, area.middle), verb, stage)


def _above(row: tuple[str, str, str], box: Box, stage: Stage) -> None:
    """From top to bottom."""
    one, verb, two = row
    area = box.inset(0, 2)
    top = Box(area.x, area.y, area.width * 0.72, 170)
    low = Box(area.x + area.width * 0.16, area.bottom - 200, area.width * 0.84, 200)
    _wide(one, top, stage.look.second, stage)
    _wide(two, low, stage.look.accent, stage)
    x = area.x + area.width * 0.3
    stage.canvas.arrow((x, top.bottom + 8), (x, low.y - 6), stage.look.accent, 7)
    label = Box(x + 34, top.bottom, area.right - x - 34, low.y - top.bottom)
    stage.canvas.text(
        verb, label, Type(_LABEL + 2, stage.look.accent, STRONG, place="middle", lines=1)
    )


def _disc(row: tuple[str, str, str], box: Box, stage: Stage) -> None:
    """The one who acts as a disc with its motif, what it does beside it."""
    one, verb, two = row
    r = 150.0
    x, y = box.x + r + 10, box.y + r + 20
    stage.medallion(one, x, y, r, stage.look.second)
    name = Box(box.x - 20, y + r + 16, 2 * r + 60, box.bottom - y - r - 16)
    stage.body(one, name, size=40, align="middle", place="top", weight=700, lines=4)
    right = Box(box.x + 2 * r + 90, y - r + 76, box.width - 2 * r - 90, box.bottom - y + r - 116)
    stage.canvas.text(
        verb, Box(right.x, right.y - 72, right.width, 48),
        Type(_LABEL + 4, stage.look.accent, STRONG, place="middle", lines=1, least=26),
    )  # fmt: skip
    stage.canvas.arrow((x + r + 14, y), (right.x - 8, y), stage.look.accent, 7)
    stage.card(right, stage.look.accent)
    stage.body(two, right.inset(PAD + 10, 20), size=54, lines=5)


def _two(rows: tuple[tuple[str, str, str], ...], box: Box, stage: Stage) -> None:
    """Two statements, one below the other."""
    colors = ((stage.look.second, stage.look.accent), (stage.look.third, stage.look.accent))
    flip = stage.look.number % 2
    for i, (row, cell) in enumerate(zip(rows, box.rows(2, 34), strict=False)):
        one, verb, two = row
        label = max(120.0, min(230.0, text_width(verb, 30, STRONG) + 36))
        left, right = cell.left_part(0.42 if flip else 0.38, label)
        _node(one, left, colors[i][0], stage, fills=bool(flip), size=40)
        _node(two, right, colors[i][1], stage, fills=False, size=40)
        _labelled((left.right + 10, cell.middle), (right.x - 8, cell.middle), verb, stage, 30)


def _labelled(
    start: tuple[float, float], end: tuple[float, float], verb: str, stage: Stage,
    size: float = _LABEL,
) -> None:  # fmt: skip
    label = Box(start[0] - 4, start[1] - size * 2.7, end[0] - start[0] + 8, size * 2.45)
    style = Type(size, stage.look.accent, STRONG, "middle", "bottom", 2, least=24)
    stage.canvas.text(verb, label, style)
    stage.canvas.arrow(start, end, stage.look.accent, 7)


def _node(text: str, box: Box, color: str, stage: Stage, *, fills: bool, size: float = 48) -> None:
    """A card with its motif on top if there is room; filled with colour or lifted."""
    ink = stage.ink
    if fills:
        stage.panel(box, color)
    else:
        stage.card(box, color)
    tall = box.height > 280
    drawn = tall and stage.motif(text, Box(box.center - 52, box.y + 34, 104, 104), color)
    top = 148 if drawn else 16
    inner = Box(box.x + PAD, box.y + top, box.width - 2 * PAD, box.height - top - 18)
    stage.body(text, inner, size=size, align="middle", lines=6, color=ink)


def _wide(text: str, box: Box, color: str, stage: Stage) -> None:
    stage.card(box, color)
    drawn = stage.motif(text, Box(box.x + 36, box.middle - 46, 92, 92), color, always=False)
    left = 160 if drawn else 44
    stage.body(
        text,
        Box(box.x + left, box.y + 14, box.width - left - PAD, box.height - 28),
        size=50,
        lines=4,
    )
