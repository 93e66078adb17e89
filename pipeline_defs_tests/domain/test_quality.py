"""Measures, against values worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.domain.articles.quality import (
    citation_faults,
    cited_share,
    html_faults,
    jaccard,
    language_of,
    most_similar,
    shingles,
)
from pipeline_defs_tests.domain.builders import source

ONE = source("s1", "The lamp of the lighthouse turned once a minute.")
GOOD = {"source": "s1", "quote": "the lamp of the"}
TEXTS = {
    "en": "The keeper lit the lamp every evening, and ships far out could find the harbour.",
    "de": "Der Wärter zündete jeden Abend die Lampe an, damit Schiffe den Hafen finden konnten.",
    "fr": "Le gardien allumait la lampe chaque soir, et les navires pouvaient trouver le port.",
    "es": "El guardián encendía la lámpara cada noche, y los barcos podían encontrar el puerto.",
    "it": "Il guardiano accendeva la lampada ogni sera, così le navi potevano trovare il porto.",
    "nl": "De wachter stak elke avond de lamp aan, zodat de schepen de haven konden vinden.",
    "pt": "O faroleiro acendia a lâmpada todas as noites, e os navios não se perdiam no mar.",
    "pl": "Latarnik zapalał lampę każdego wieczoru, aby statki mogły bezpiecznie wejść do portu.",
}
WORDS = st.lists(st.sampled_from("abcde"), max_size=20).map(" ".join)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a b c d e", "a b c d e", 1.0),
        ("a b c d e f", "a b c d e g", 1 / 3),  # {abcde, bcdef} and {abcde, bcdeg}
        ("a b c d e f g", "b c d e f", 1 / 3),  # {abcde, bcdef, cdefg} and {bcdef}
        ("a b c d e f g h", "a b c d e f g x", 3 / 5),  # 4 each, 3 in common
        ("a b c d e", "v w x y z", 0.0),
        ("A, b; C-d (e)!", "a b c d e", 1.0),  # case and punctuation do not count
        ("a b.[@s1] c d e", "a b. c d e.[@s2]", 1.0),  # nor do marks
        ("a b c d", "a b c d", 0.0),  # too short to have a 5-gram
        ("", "", 0.0),
        ("", "a b c d e", 0.0),
        ("a a a a a a a", "a a a a a", 1.0),  # sets, not counts
    ],
)
def test_jaccard_by_hand(one: str, other: str, expected: float) -> None:
    assert jaccard(one, other) == pytest.approx(expected)


@given(WORDS, WORDS)
def test_jaccard_is_symmetric_and_between_0_and_1(one: str, other: str) -> None:
    assert jaccard(one, other) == jaccard(other, one)
    assert 0 <= jaccard(one, other) <= 1
    assert jaccard(one, one) == (1.0 if len(one.split()) >= 5 else 0.0)


def test_shingles_of_a_text() -> None:
    assert shingles("One two three four five six") == {
        ("one", "two", "three", "four", "five"),
        ("two", "three", "four", "five", "six"),
    }


def test_the_most_similar_pair_counts() -> None:
    assert most_similar(["a b c d e f", "v w x y z", "a b c d e g"]) == pytest.approx(1 / 3)
    assert most_similar(["a b c d e"]) == 0
    assert most_similar([]) == 0


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_a_text_is_recognized_as_its_language(language: str) -> None:
    assert language_of(TEXTS[language]) == language


@pytest.mark.parametrize(
    ("markdown", "share"),
    [
        ("A fact.[@s1] Another. A third![@s1][@s2] Why?", 0.5),
        ("A fact.[@s1]", 1.0),
        ("A fact. [@s1]", 1.0),
        ("A fact.", 0.0),
        ("### Is this a heading?\n\nA fact.[@s1]", 1.0),
        ("Built in 3.5 years.[@s12]", 1.0),
        ("", 0.0),
        ("no sentence", 0.0),
    ],
)
def test_share_of_cited_sentences(markdown: str, share: float) -> None:
    assert cited_share(markdown) == pytest.approx(share)


def test_citations_in_order_have_no_fault() -> None:
    assert citation_faults("A.[@s1] B.[@s1]", [GOOD], [ONE]) == []
    assert citation_faults("A.", [], []) == []


@pytest.mark.parametrize(
    ("markdown", "cited", "fault"),
    [
        ("A.[@s2]", [], "[@s2] names no source"),
        ("A.[@s1]", [], "[@s1] has no supporting span"),
        ("A.[@s1]", [GOOD | {"quote": "a lamp of the"}], "the span of [@s1] is not in its source"),
        ("A.[@s1]", [GOOD | {"quote": " "}], "the span of [@s1] is not in its source"),
        ("A.[@s1]", [GOOD, GOOD | {"source": "s2"}], "the span of [@s2] is not in its source"),
    ],
)
def test_faults_of_citations_are_named(
    markdown: str, cited: list[dict[str, str]], fault: str
) -> None:
    assert citation_faults(markdown, cited, [ONE]) == [fault]


@pytest.mark.parametrize(
    "fragment",
    [
        "<p>open <em>tags</p>",
        "<p>a < b</p>",
        "<p><h2>x</h2></p>",
        '<a href="x" href="y">z</a>',
        "text</p>",
        "<h2>a</h2><h4>b</h4>",
        "<li><ul></li></ul>",
    ],
)
def test_faulty_html_is_found(fragment: str) -> None:
    assert html_faults(fragment)


def test_a_jump_of_headings_is_named() -> None:
    assert html_faults("<h1>a</h1><h3>b</h3><h2>c</h2>") == ["h1 is followed by h3"]


def test_valid_html_has_no_fault() -> None:
    assert html_faults("<article><h1>a</h1><h2>b</h2><h3>c</h3><p>d &amp; e</p></article>") == []
