"""The first and the last picture of a lecture."""

from __future__ import annotations

from pipeline_defs.local.providers.pictures.analysis.contents import Closing, Title
from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.canvas import WIDTH, Type
from pipeline_defs.local.providers.pictures.forms.stage import HEAVY, STRONG, Stage
from pipeline_defs.local.providers.pictures.frame import draw_wish

_TITLE = Box(84, 120, 700, 270)
_SUBTITLE = Box(84, 440, 680, 180)
_TITLE_RIGHT = 520.0  # where the title begins when it stands on the right
_DISC = (1000.0, 350.0, 215.0)
_THOUGHT = Box(300, 150, 890, 400)


def draw_title(content: Title, stage: Stage) -> None:
    """The lecture's title beside a large motif, and what it is about."""
    x, y, r = _DISC
    title, subtitle = _TITLE, _SUBTITLE
    if stage.look.flipped:
        x, shift = WIDTH - x, _TITLE_RIGHT - title.x
        title = Box(title.x + shift, title.y, title.width, title.height)
        subtitle = Box(subtitle.x + shift, subtitle.y, subtitle.width, subtitle.height)
    draw_wish(stage.canvas, stage.brief, stage.look, heading=False)
    stage.emblem(content.title, x, y, r, stage.look.accent)
    for i, color in enumerate((stage.look.second, stage.look.third)):
        stage.canvas.circle(x + (-1) ** i * r * 0.86, y + r * (0.62 - 1.2 * i), 20 - 6 * i, color)
    style = Type(88, stage.ink, 800, place="bottom", lines=3, least=44)
    placed = stage.canvas.text(content.title, title, style)
    below = placed.bottom + 30
    stage.canvas.rect(Box(title.x, below, 120, 8), stage.look.accent, radius=4)
    if content.subtitle and content.subtitle.rstrip(".") != content.title:
        box = Box(subtitle.x, below + 38, subtitle.width, 640 - below - 38)
        stage.canvas.text(content.subtitle, box, Type(38, stage.muted, 400, lines=4))


def draw_closing(content: Closing, stage: Stage) -> None:
    """The last thought, alone, with the lecture's name under it."""
    x, thought = 172.0, _THOUGHT
    if stage.look.flipped:
        x, thought = WIDTH - x, Box(90, thought.y, thought.width, thought.height)
    draw_wish(stage.canvas, stage.brief, stage.look, heading=False)
    stage.emblem(f"{content.thought}", x, 250, 92, stage.look.accent)
    placed = stage.canvas.text(
        content.thought, thought, Type(62, stage.ink, HEAVY, place="middle", lines=6)
    )
    stage.canvas.rect(Box(thought.x, placed.bottom + 26, 90, 7), stage.look.accent, radius=3.5)
    if stage.brief.lecture:
        below = Box(thought.x, placed.bottom + 52, thought.width, 46)
        style = Type(32, stage.muted, STRONG, place="middle", lines=1, least=26)
        stage.canvas.text(stage.brief.lecture, below, style)
