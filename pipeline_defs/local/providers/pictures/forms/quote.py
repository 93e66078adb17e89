"""Words and deeds of persons, and sentences to remember."""

from __future__ import annotations

from pipeline_defs.local.providers.pictures.analysis.contents import Quote
from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.canvas import Type
from pipeline_defs.local.providers.pictures.forms.stage import HEAVY, STRONG, Stage
from pipeline_defs.local.providers.pictures.palettes import mixed


def draw_quote(content: Quote, stage: Stage) -> None:
    """A person beside the words; without a person, the sentence large with its key word."""
    box = stage.heading()
    if content.who or content.literal:
        _of_person(content, box, stage)
    else:
        stage.look.turn((_beside_motif, _on_band, _motif_left))(content, box, stage)


def _style(content: Quote, stage: Stage, size: float) -> Type:
    return Type(
        size, stage.ink, 600, place="middle", lines=7,
        marked=content.key, mark_color=stage.look.accent,
    )  # fmt: skip


def _of_person(content: Quote, box: Box, stage: Stage) -> None:
    flip = stage.look.number % 2 == 1
    wide = 300.0
    side = Box(box.right - wide if flip else box.x, box.y + 8, wide, box.height - 8)
    words = Box(
        box.x if flip else box.x + wide + 50, box.y + 8, box.width - wide - 50, box.height - 16
    )
    if content.who:
        _portrait(content, side, stage)
    else:
        stage.emblem(content.text, side.center, side.y + 150, 140, stage.look.second)
    if content.literal:
        stage.canvas.text(
            "“", Box(words.x - 4, words.y - 8, 160, 150), Type(190, stage.look.accent, 800, lines=1)
        )
        words = Box(words.x, words.y + 104, words.width, words.height - 104)
    else:
        stage.canvas.rect(
            Box(words.x, words.y + 20, 8, words.height - 60), stage.look.accent, radius=4
        )
        words = Box(words.x + 40, words.y, words.width - 40, words.height)
    stage.canvas.text(content.text, words, _style(content, stage, 56))


def _portrait(content: Quote, box: Box, stage: Stage) -> None:
    """A disc with the initials, the name and the year."""
    color = stage.look.second
    x, y, r = box.center, box.y + 140, 126.0
    stage.canvas.circle(x, y, r, mixed(stage.look.palette.background, color, 0.18))
    stage.canvas.circle(x, y, r - 12, "none", stroke=color, width=4)
    names = [name for name in content.who.split() if name[:1].isupper()]
    initials = "".join(name[0] for name in (names[:1] + names[-1:] if len(names) > 1 else names))
    stage.canvas.text(
        initials, Box(x - r, y - r, 2 * r, 2 * r), Type(96, color, 700, "middle", "middle", 1)
    )
    name = Box(box.x, y + r + 14, box.width, 130)
    placed = stage.canvas.text(content.who, name, Type(40, stage.ink, HEAVY, "middle", lines=3))
    if content.when:
        when = Box(box.x, placed.bottom + 6, box.width, 46)
        stage.canvas.text(
            content.when, when, Type(36, stage.look.accent, STRONG, "middle", lines=1)
        )


def _beside_motif(content: Quote, box: Box, stage: Stage) -> None:
    stage.emblem(content.text, box.right - 170, box.middle, 165, stage.look.accent)
    words = Box(box.x, box.y + 6, box.width - 390, box.height - 12)
    stage.canvas.text(content.text, words, _style(content, stage, 68))


def _motif_left(content: Quote, box: Box, stage: Stage) -> None:
    stage.emblem(content.text, box.x + 150, box.middle, 150, stage.look.second)
    words = Box(box.x + 350, box.y + 6, box.width - 350, box.height - 12)
    stage.canvas.text(content.text, words, _style(content, stage, 68))


def _on_band(content: Quote, box: Box, stage: Stage) -> None:
    card = box.inset(0, 20)
    stage.card(card, stage.look.accent)
    stage.motif(content.text, Box(card.x + 60, card.y + 40, 110, 110), stage.look.accent)
    words = Box(card.x + 60, card.y + 166, card.width - 120, card.height - 190)
    stage.canvas.text(content.text, words, _style(content, stage, 64))
