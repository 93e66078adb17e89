"""One striking number with its meaning."""

from __future__ import annotations

import math

from pipeline_defs.local.providers.pictures.analysis.contents import Figure
from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.canvas import Type
from pipeline_defs.local.providers.pictures.forms.stage import STRONG, Stage
from pipeline_defs.local.providers.pictures.palettes import mixed

_SHORT = 64  # characters of a sentence that can be set larger
_DOTS = 10  # a side of the square of one hundred


def draw_figure(content: Figure, stage: Stage) -> None:
    """The number beside a ring or a hundred dots for a share, beside a motif otherwise."""
    box = stage.heading()
    if content.share is None:
        stage.look.turn((_beside_motif, _over_line))(content, box, stage)
    else:
        stage.look.turn((_ring, _dots))(content, box, stage)


def _words(content: Figure, box: Box, stage: Stage, size: float) -> None:
    """The number with its unit, and the sentence it comes from."""
    number = Box(box.x, box.y, box.width, size * 1.15)
    style = Type(size, stage.look.accent, 800, place="middle", lines=1, least=60)
    placed = stage.canvas.text(content.figure, number, style)
    below = placed.bottom
    if content.unit:
        unit = Box(box.x, below - 6, box.width, 60)
        below = stage.canvas.text(
            content.unit, unit, Type(46, stage.look.accent, STRONG, lines=1)
        ).bottom
    stage.canvas.rect(Box(box.x, below + 20, 110, 7), stage.look.second, radius=3.5)
    rest = Box(box.x, below + 46, box.width, box.bottom - below - 46)
    number_words = f"{content.figure.strip('%°C<>≤≥ ')} {content.unit}"
    stage.canvas.text(
        content.meaning, rest,
        Type(54 if len(content.meaning) < _SHORT else 46, stage.ink, 500, lines=5,
             marked=number_words, mark_color=stage.look.accent),
    )  # fmt: skip


def _beside_motif(content: Figure, box: Box, stage: Stage) -> None:
    flip = (stage.look.number % 4 < 2) is not stage.look.flipped
    x = box.x + 170 if flip else box.right - 170
    stage.emblem(content.meaning, x, box.y + 230, 170, stage.look.second)
    left = box.x + 400 if flip else box.x
    _words(content, Box(left, box.y, box.width - 400, box.height), stage, 168)


def _over_line(content: Figure, box: Box, stage: Stage) -> None:
    """Centered, with rays of length around it."""
    wide = box.width * (1 - 0.2 * stage.look.chance(80))
    left = box.x + (box.width - wide) * round(2 * stage.look.chance(81)) / 2
    card = Box(left, box.y + 2, wide, box.height - 4)
    stage.card(card, stage.look.accent, edge="top" if stage.look.chance(82) > 0.5 else "left")
    style = Type(170, stage.look.accent, 800, "middle", "middle", 1, least=60)
    shown = f"{content.figure} {content.unit}".strip()
    long = len(shown) > 14
    if long:
        shown = content.figure
    placed = stage.canvas.text(shown, Box(card.x + 40, card.y + 34, card.width - 80, 190), style)
    if long and content.unit:
        unit = Box(card.x + 40, placed.bottom - 4, card.width - 80, 60)
        style = Type(46, stage.look.accent, STRONG, "middle", lines=1)
        placed = stage.canvas.text(content.unit, unit, style)
    stage.canvas.rect(
        Box(card.center - 60, placed.bottom + 16, 120, 7), stage.look.second, radius=3.5
    )
    rest = Box(card.x + 80, placed.bottom + 42, card.width - 160, card.bottom - placed.bottom - 66)
    number_words = f"{content.figure.strip('%°C<>≤≥ ')} {content.unit}"
    stage.canvas.text(
        content.meaning, rest,
        Type(50, stage.ink, 500, "middle", "middle", 4, marked=number_words,
             mark_color=stage.look.accent),
    )  # fmt: skip


def _ring(content: Figure, box: Box, stage: Stage) -> None:
    share = content.share or 0.0
    flip = stage.look.flipped
    x, y, r = box.right - 225 if flip else box.x + 225, box.y + 232, 186.0
    track = mixed(stage.look.palette.background, stage.muted, 0.25)
    stage.canvas.circle(x, y, r, "none", stroke=track, width=46)
    stage.canvas.curve(_arc(x, y, r, share), stage.look.accent, 46)
    style = Type(92, stage.ink, 800, "middle", "middle", 1, least=40)
    stage.canvas.text(content.figure, Box(x - r + 40, y - 70, 2 * r - 80, 140), style)
    words = Box(box.x + (0 if flip else 500), box.y + 30, box.width - 500, 410)
    stage.canvas.text(
        content.meaning, words,
        Type(54, stage.ink, 500, place="middle", lines=6, marked=content.figure.strip("%<>≤≥ "),
             mark_color=stage.look.accent),
    )  # fmt: skip


def _arc(x: float, y: float, r: float, share: float) -> list[tuple[float, float]]:
    steps = max(2, round(120 * share))
    turns = [2 * math.pi * share * i / steps - math.pi / 2 for i in range(steps + 1)]
    return [(x + r * math.cos(turn), y + r * math.sin(turn)) for turn in turns]


def _dots(content: Figure, box: Box, stage: Stage) -> None:
    """A hundred dots, as many of them lit as the share says."""
    lit = round((content.share or 0) * _DOTS**2)
    step = 44.0
    flip = stage.look.flipped
    left = box.x if flip else box.right - step * _DOTS + 10
    dark = mixed(stage.look.palette.background, stage.muted, 0.3)
    for i in range(_DOTS**2):
        row, column = divmod(i, _DOTS)
        color = stage.look.accent if i < lit else dark
        stage.canvas.circle(left + column * step + 16, box.y + 20 + row * step + 16, 16, color)
    aside = step * _DOTS + 50
    words = Box(box.x + (aside if flip else 0), box.y, box.width - aside, box.height)
    _words(content, words, stage, 150)
