"""A term, what it is, and what marks it."""

from __future__ import annotations

from pipeline_defs.local.providers.pictures.analysis.contents import Concept
from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.canvas import Type
from pipeline_defs.local.providers.pictures.forms.stage import HEAVY, PAD, STRONG, Stage
from pipeline_defs.local.providers.pictures.palettes import mixed


def draw_concept(content: Concept, stage: Stage) -> None:
    """Draws the term at the side or on top; layouts take turns."""
    box = stage.heading()
    layouts = (_beside, _below, _opposite) if content.marks else (_beside, _opposite)
    stage.look.turn(layouts)(content, box, stage)


def _beside(content: Concept, box: Box, stage: Stage) -> None:
    """The term in a disc at one side, branches to what it is and what marks it."""
    r = 158.0
    flip = stage.look.flipped
    sign = -1 if flip else 1
    x, y = box.right - r if flip else box.x + r, box.y + r + 10
    texts = [content.kind, *content.marks]
    area = Box(
        box.x + (0 if flip else 2 * r + 120), box.y + 6, box.width - 2 * r - 120, box.height - 12
    )
    heights = [_weight(text) for text in texts]
    top = area.y
    room = area.height - 22 * (len(texts) - 1)
    for i, (text, part) in enumerate(zip(texts, heights, strict=True)):
        cell = Box(area.x, top, area.width, room * part / sum(heights))
        top = cell.bottom + 22
        color = stage.look.accent if i == 0 else stage.look.second if i == 1 else stage.look.third
        bend, end = x + sign * (r + 60), cell.right if flip else cell.x
        path = [(x + sign * r * 0.7, y), (bend, y), (bend, cell.middle), (end, cell.middle)]
        stage.canvas.curve(path, mixed(stage.look.palette.background, color, 0.75), 5)
        stage.card(cell, color)
        stage.body(
            text,
            cell.inset(PAD + 6, 12),
            size=(48 if len(texts) > 1 else 60) if i == 0 else 42,
            weight=700 if i == 0 else 400,
            lines=4,
        )
    stage.canvas.circle(x, y, r, stage.look.palette.background)
    stage.medallion(content.term, x, y, r, stage.look.accent)
    name = Box(x - r - 30, y + r + 10, 2 * r + 60, box.bottom - y - r - 10)
    stage.body(content.term, name, size=46, align="middle", place="top", weight=HEAVY, lines=3)


def _weight(text: str) -> float:
    return 1 + len(text) / 90


def _below(content: Concept, box: Box, stage: Stage) -> None:
    """The term as a headline, its kind under it, the marks as cards."""
    stage.motif(content.term, Box(box.right - 190, box.y - 16, 180, 180), stage.look.accent)
    head = Box(box.x, box.y - 6, box.width - 220, 110)
    placed = stage.canvas.text(content.term, head, Type(82, stage.ink, 800, lines=2, least=44))
    kind = Box(box.x, placed.bottom + 8, box.width - 220, 120)
    below = stage.canvas.text(content.kind, kind, Type(46, stage.look.accent, STRONG, lines=2))
    rest = Box(box.x, below.bottom + 30, box.width, min(260, box.bottom - below.bottom - 30))
    colors = (stage.look.second, stage.look.third, stage.look.accent)
    cells = rest.columns(len(content.marks), 28)
    for mark, cell, color in zip(content.marks, cells, colors, strict=False):
        stage.card(cell, color)
        stage.body(mark, cell.inset(PAD + 8, 14), size=46, lines=5)


def _opposite(content: Concept, box: Box, stage: Stage) -> None:
    """The term filled with colour at one side, its explanation as lines at the other."""
    if stage.look.flipped:
        right, left = box.inset(0, 4).left_part(0.64, 40)
    else:
        left, right = box.inset(0, 4).left_part(0.36, 40)
    color = stage.look.accent
    stage.canvas.rect(left, color, radius=26)
    on = stage.look.palette.on(color)
    stage.motif(content.term, Box(left.center - 80, left.y + 50, 160, 160), on)
    stage.canvas.text(
        content.term, Box(left.x + 24, left.y + 225, left.width - 48, left.height - 250),
        Type(56, on, HEAVY, "middle", "middle", 4, least=34),
    )  # fmt: skip
    texts = [content.kind, *content.marks]
    for i, (text, row) in enumerate(zip(texts, right.rows(len(texts), 20), strict=True)):
        if i:
            stage.canvas.line(
                (row.x, row.y - 10),
                (row.right, row.y - 10),
                mixed(stage.look.palette.background, stage.muted, 0.4),
                2,
            )
            stage.canvas.circle(row.x + 16, row.middle, 10, stage.look.second)
        inner = Box(
            row.x + (48 if i else 0), row.y + 4, row.width - (48 if i else 0), row.height - 8
        )
        stage.body(text, inner, size=54 if i == 0 else 44, weight=700 if i == 0 else 400, lines=4)
