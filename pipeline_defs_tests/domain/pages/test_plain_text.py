"""Texts as they can be shown."""

from __future__ import annotations

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.domain.pages.plain_text import plain, text_of, words
from pipeline_defs_tests.domain.pages.samples import XSS


def test_nothing_hidden_stays() -> None:
    assert plain("a\x00b\x1b[31mc\u202egnp.exe\u2066\ufeff") == "ab[31mcgnp.exe"
    assert plain("  two\n\tlines\u2028here ") == "two lines here"
    assert plain("soft\u00adhyphen zero\u200bwidth") == "softhyphen zerowidth"
    assert plain("\x00\u200b") == ""


def test_scripts_and_emoji_stay() -> None:
    assert plain("שלום مرحبا 東京 زبان\u200cها") == "שלום مرحبا 東京 زبان\u200cها"
    assert plain("👩\u200d👩\u200d👧 🏕️") == "👩\u200d👩\u200d👧 🏕️"


@given(st.text(max_size=80) | st.sampled_from(XSS))
def test_what_is_plain_is_valid_in_html(text: str) -> None:
    shown = plain(text)
    assert plain(shown) == shown
    escaped = shown.replace("&", "&amp;").replace("<", "&lt;")
    parser = html5lib.HTMLParser()
    parser.parseFragment(f"<p>{escaped}</p>")
    assert parser.errors == []


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one <a href='x'>two</a></p><ul><li>three</li></ul>", "one two\nthree"),
        ('<img alt="a > b"><p>a &lt; b &amp; c</p>', "a < b & c"),
        ("<table><tr><th>a</th><td>b</td></tr></table>", "a\nb"),
        ("", ""),
    ],
)
def test_the_text_of_a_fragment(html: str, text: str) -> None:
    assert text_of(html) == text


def test_words_are_counted_as_people_do() -> None:
    assert words("It weighs 1.9 kg – don’t worry, mother-in-law!") == [
        "It", "weighs", "1.9", "kg", "don’t", "worry", "mother-in-law",
    ]  # fmt: skip
