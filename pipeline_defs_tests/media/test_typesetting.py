"""Text is measured as it is drawn, broken where it fits, and never becomes markup."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline_defs.media.typesetting import (
    BOLD,
    REGULAR,
    clean,
    escape,
    fitted_text,
    render_svg,
    text_width,
    wrapped,
)
from pipeline_defs_tests.media.specimens import opened

SENTENCE = "Chlorophyll absorbs red and blue light, which is why leaves look green to us."
HOSTILE = "</text><image href='file:///etc/passwd'/> & \"x\" \x00\x1b\ud800 \u202eevil"


def drawn_width(text: str, size: float, weight: int) -> int:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="2400" height="160">'
        '<rect width="2400" height="160" fill="#fff"/>'
        f'<text x="20" y="110" font-size="{size}" font-weight="{weight}">{escape(text)}</text>'
        "</svg>"
    )
    inked = (np.asarray(opened(render_svg(svg)).convert("L")) < 128).any(axis=0)
    return int(np.flatnonzero(inked)[-1]) - 19


@pytest.mark.parametrize("size", [16, 24, 48, 88])
@pytest.mark.parametrize("weight", [REGULAR, 500, BOLD])
def test_a_text_is_drawn_as_wide_as_it_was_measured(size: int, weight: int) -> None:
    """Optical size, weight and kerning are those of the drawing."""
    text = "Hamburgefonstiv AVATAR To 1,250"
    assert drawn_width(text, size, weight) == pytest.approx(
        text_width(text, size, weight), abs=1 + size * 0.08
    )


def test_bold_is_really_bolder() -> None:
    assert drawn_width(SENTENCE, 32, BOLD) > drawn_width(SENTENCE, 32, REGULAR) * 1.02


@pytest.mark.parametrize("width", [120, 300, 900])
def test_no_line_is_wider_than_its_column(width: int) -> None:
    lines = wrapped(SENTENCE + " " + "w" * 80, 40, BOLD, width)
    assert all(text_width(line, 40, BOLD) <= width + 1 for line in lines)
    assert "".join(lines).replace(" ", "") == (SENTENCE + "w" * 80).replace(" ", "")


def test_a_text_shrinks_until_it_fits_and_keeps_its_words() -> None:
    found = fitted_text(SENTENCE, weight=BOLD, width=500, lines=3, sizes=(96, 64, 48, 32))
    assert found.size == 48 or found.size == 32
    assert " ".join(found.lines) == SENTENCE
    assert len(found.lines) <= 3


def test_lines_come_out_about_equally_long() -> None:
    lines = fitted_text("one two three four five six", weight=400, width=300, lines=2, sizes=(30,))
    widths = [text_width(line, 30) for line in lines.lines]
    assert len(widths) == 2
    assert min(widths) > 0.7 * max(widths)


def test_a_long_word_is_set_smaller_rather_than_broken() -> None:
    found = fitted_text("Photosynthesis", weight=BOLD, width=330, lines=3, sizes=(68, 56, 44))
    assert found.lines == ("Photosynthesis",)


def test_what_fits_at_no_size_ends_in_an_ellipsis() -> None:
    found = fitted_text(SENTENCE * 9, weight=400, width=300, lines=2, sizes=(40, 30))
    assert len(found.lines) == 2
    assert found.lines[-1].endswith("…")
    assert text_width(found.lines[-1], 30) <= 300


def test_an_empty_text_has_no_lines() -> None:
    assert fitted_text(" \n ", weight=400, width=300, lines=2, sizes=(40,)).lines == ()


def test_hostile_text_stays_text() -> None:
    assert escape(HOSTILE) == (
        "&lt;/text&gt;&lt;image href=&#x27;file:///etc/passwd&#x27;/&gt; &amp; &quot;x&quot; evil"
    )
    opened(render_svg(f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
                      f"<text>{escape(HOSTILE)}</text></svg>"))  # fmt: skip


def test_characters_the_typeface_lacks_are_left_out() -> None:
    """They would be drawn as boxes that say NO GLYPH."""
    assert (
        clean("light \N{LEAF FLUTTERING IN WIND} and 光 ﬁne Ωβ → x₁²") == "light and fine Ωβ → x₁²"
    )


def test_what_is_no_drawing_is_refused() -> None:
    with pytest.raises(ValueError, match="root node"):
        render_svg("<svg")
