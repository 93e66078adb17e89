"""What stands on a picture stays on it, is large enough, stands apart, and covers nothing."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import pytest

from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.brief import Brief, read_brief
from pipeline_defs.local.providers.pictures.canvas import (
    BODY_LEAST,
    HEIGHT,
    SMALLEST,
    WIDTH,
    Canvas,
    Type,
)
from pipeline_defs.local.providers.pictures.draw import composed
from pipeline_defs.local.providers.pictures.frame import MARGIN
from pipeline_defs.local.providers.pictures.look import look_of
from pipeline_defs.local.providers.pictures.motifs import motif_for, motifs, own_motif
from pipeline_defs.local.providers.pictures.palettes import (
    CONTRAST_LEAST,
    Palette,
    contrast,
    mixed,
    palette_of,
    palettes,
)
from pipeline_defs_tests.local.providers.picture_briefs import briefs, topics
from pipeline_defs_tests.local.providers.test_pictures import HOSTILE

SHEET = Box(0, 0, WIDTH, HEIGHT)
TOUCHING = 6.0  # units by which the boxes of two lines may overlap: their letters do not


def inside(inner: Box, outer: Box) -> bool:
    return (
        inner.x >= outer.x
        and inner.y >= outer.y
        and inner.right <= outer.right
        and inner.bottom <= outer.bottom
    )


def problems(brief: Brief) -> list[str]:
    """What is wrong with the picture of a brief."""
    canvas = composed(brief)
    edge = SHEET.inset(MARGIN / 2, 40)
    found = [f"text outside: {text}" for text in canvas.texts if not inside(text.box, edge)]
    found += [f"shape outside: {box}" for box in canvas.shapes if not inside(box, SHEET)]
    found += [f"too small: {text}" for text in canvas.texts if text.size < SMALLEST]
    found += [
        f"{one.text!r} covers {other.text!r}"
        for one, other in combinations(canvas.texts, 2)
        if one.box.overlaps(other.box, TOUCHING)
    ]
    return found


@pytest.mark.parametrize("topic", topics())
def test_nothing_leaves_the_canvas_or_covers_another_text(topic: str) -> None:
    for brief in briefs(topic, 14):
        for variation in (1, 2):
            assert problems(dataclasses.replace(brief, variation=variation)) == [], brief


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_prompts_keep_within_the_canvas(name: str) -> None:
    assert problems(read_brief(HOSTILE[name])) == []


def test_body_text_is_large() -> None:
    small = [
        text
        for topic in topics()
        for brief in briefs(topic, 3)
        for text in composed(brief).texts
        if text.size < BODY_LEAST and text.text != brief.heading
    ]
    assert len(small) <= 2, small  # labels of arrows, steps of a full page


def test_a_long_word_is_made_smaller_rather_than_broken() -> None:
    canvas = Canvas()
    canvas.text("Pneumonoultramicroscopic siliceous", Box(0, 0, 400, 300), Type(80, "#FFFFFF"))
    assert [placed.text for placed in canvas.texts] == ["Pneumonoultramicroscopic", "siliceous"]
    assert all(placed.box.width <= 400 for placed in canvas.texts)


@pytest.mark.parametrize("palette", palettes(), ids=lambda palette: palette.name)
def test_colours_stand_apart_for_every_text(palette: Palette) -> None:
    grounds = [palette.background, palette.deep, palette.surface]
    grounds += [mixed(palette.background, palette.surface, 0.5)]
    for ground in grounds:
        for color in (palette.ink, palette.muted, *palette.accents):
            assert contrast(color, ground) >= CONTRAST_LEAST, (color, ground)
    for accent in palette.accents:
        assert contrast(palette.on(accent), accent) >= CONTRAST_LEAST, accent
        tinted = mixed(palette.background, accent, 0.16)
        assert contrast(palette.ink, tinted) >= CONTRAST_LEAST, tinted


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_a_lecture_keeps_its_palette_and_lectures_differ() -> None:
    assert palette_of("Bread Baking") is palette_of("bread baking")
    assert len({palette_of(topic).name for topic in topics()}) >= 7
    assert len(palettes()) >= 8


def test_accents_change_from_segment_to_segment() -> None:
    looks = [
        look_of(Brief("Water flows.", lecture="Rivers", segment=n, segments=9)) for n in (4, 5)
    ]
    assert looks[0].palette is looks[1].palette
    assert looks[0].accent != looks[1].accent


@pytest.mark.parametrize(
    ("text", "context", "motif"),
    [
        ("Sunlight warms the sea", "Weather", "sun"),
        ("A battery stores charge", "Batteries", "battery"),
        ("The cells divide", "The immune system", "lifecell"),
        ("The cells are charged", "Batteries", "battery"),
        ("Caravans crossed the desert", "The Silk Road", "camel"),
        ("Nothing here", "Volcanoes", "volcano"),
    ],
)
def test_the_motif_goes_with_the_words(text: str, context: str, motif: str) -> None:
    assert motif_for(text, context) == motif


def test_no_motif_is_forced_on_a_text() -> None:
    assert own_motif("Nothing in particular") == ""
    assert len(motifs()) >= 70
