"""Cards and posters are set well with any text."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.media.cards import poster, title_card
from pipeline_defs.media.pictures import Picture, read_picture
from pipeline_defs_tests.media.specimens import encoded, opened, scene

TEXTS = {
    "short": "Light",
    "usual": "How leaves catch light",
    "long": "Why the caravans stopped: plague, powder and the price of the sea " * 6,
    "one word": "Donaudampfschifffahrtsgesellschaftskapitänswitwenrente" * 3,
    "hostile": "</text><script>alert(1)</script>&\x00\"'<image href='file:///etc/passwd'/>",
    "foreign": "光合作用 \N{LEAF FLUTTERING IN WIND}",
    "nothing": "",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("size", [(640, 360), (360, 640)])
def test_a_card_keeps_its_margins_with_any_text(text: str, size: tuple[int, int]) -> None:
    card = title_card(lecture=text, heading=text, number=180, width=size[0], height=size[1])
    assert read_picture(card) == Picture(*size, "image/png")
    white = (np.asarray(opened(card).convert("L"), np.int_) > 240).any(axis=0)
    edge = round(0.05 * min(size))
    assert not white[:edge].any()
    assert not white[-edge:].any()


def test_a_card_is_not_taken_for_black() -> None:
    card = opened(title_card(lecture="Light", heading="Light", number=1, width=640, height=360))
    assert np.asarray(card.convert("L")).min() > 30


def test_cards_of_a_lecture_share_colours_and_differ_in_number() -> None:
    first, second = (
        np.asarray(opened(title_card(lecture="L", heading="H", number=n, width=640, height=360)))
        for n in (1, 2)
    )
    assert (first[:100] == second[:100]).all()
    assert (first != second).any()


def test_the_same_text_gives_the_same_card() -> None:
    cards = {
        title_card(lecture="L", heading="H", number=1, width=640, height=360) for _ in range(2)
    }
    assert len(cards) == 1


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("with_picture", [True, False], ids=["picture", "no picture"])
def test_a_poster_is_made_with_any_text(text: str, with_picture: bool) -> None:
    picture = encoded(scene()) if with_picture else None
    made = poster(title=text, subtitle=text, picture=picture, width=640, height=360)
    assert read_picture(made) == Picture(640, 360, "image/jpeg")


def test_a_poster_of_a_broken_picture_is_refused() -> None:
    with pytest.raises(Permanent, match="BAD_MEDIA"):
        poster(title="T", subtitle="S", picture=b"no picture", width=640, height=360)
