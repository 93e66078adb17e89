"""Texts are cut where a voice may breathe, and nothing of them is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.domain.lectures.sentences import clauses, sentences, spoken_chars

WHOLE = [
    "Dr. Smith paid 3.50 dollars to Mr. Jones at No. 5, St. James Street.",
    "It was written by J. S. Bach and printed by John F. Kennedy.",
    "See Fig. 3, vol. 2, pp. 4 and p. 7, i.e. the last ones.",
    "The U.S. Army used it, e.g. Patton did.",
    "He asked \u201cWhy not?\u201d and left.",
    "It rose by 12.5 percent at 3.15 p.m. on that day.",
    "Wait... there is more.",
]
GERMAN = "Am 3. Mai kam Prof. Weber, d. h. z. B. nicht 1.000 Leute."


@pytest.mark.parametrize("sentence", WHOLE)
def test_abbreviations_initials_and_decimals_end_no_sentence(sentence: str) -> None:
    assert sentences(f"{sentence} Then it ended.") == [sentence, "Then it ended."]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Is it so? No. It is not!", ["Is it so?", "No.", "It is not!"]),
        ("He said \u201cno.\u201d She left.", ["He said \u201cno.\u201d", "She left."]),
        ("It was in the U.S. The rest is known.", ["It was in the U.S.", "The rest is known."]),
        ("It costs 5. 6 are left.", ["It costs 5.", "6 are left."]),
        ("It has 2,600 W. Of these few are used.", ["It has 2,600 W.", "Of these few are used."]),
        ("It gives 5 V. Others do not.", ["It gives 5 V.", "Others do not."]),
        ("In 1939 W. Auden came. He stayed.", ["In 1939 W. Auden came.", "He stayed."]),
        ("Buy from Acme Inc. They sell.", ["Buy from Acme Inc.", "They sell."]),
        ("A heading\n\nA text that\nis wrapped.", ["A heading", "A text that is wrapped."]),
        ("(One.) [Two.] \u00abThree.\u00bb 4", ["(One.)", "[Two.]", "\u00abThree.\u00bb", "4"]),
        ("\u00bfQue es? \u00a1Nada!", ["\u00bfQue es?", "\u00a1Nada!"]),
        ("Fin\u2026 Ya.", ["Fin\u2026", "Ya."]),
        ("no end", ["no end"]),
        ("  \n\n \t", []),
        ("", []),
    ],
)  # fmt: skip
def test_sentences_end_where_a_reader_ends_them(text: str, found: list[str]) -> None:
    assert sentences(text) == found


def test_a_day_of_the_month_ends_a_sentence_in_english_only() -> None:
    assert sentences("Am 3. Mai kam Prof. Weber an. Er blieb.", "de") == [
        "Am 3. Mai kam Prof. Weber an.", "Er blieb.",
    ]  # fmt: skip
    assert len(sentences("There were 3. May came.", "en")) == 2


def test_clauses_end_at_punctuation_within_a_sentence() -> None:
    sentence = (
        "Yes, 1,000 men (all of them) came: some \u2013 the old \u2013 slept; others did not."
    )
    assert clauses(sentence) == [
        "Yes,", "1,000 men (all of them)", "came:", "some \u2013", "the old \u2013", "slept;",
        "others did not.",
    ]  # fmt: skip
    assert clauses("From 1914\u20131918 well-known and/or 3:15") == [
        "From 1914\u20131918 well-known and/or 3:15"
    ]


def test_a_digit_is_as_long_as_the_word_it_becomes() -> None:
    assert spoken_chars("In May") == 6
    assert spoken_chars("In 1905") == 3 + 16


@given(st.text(), st.sampled_from(["en", "de", "pl"]))
def test_no_character_that_is_spoken_is_lost(text: str, language: str) -> None:
    found = sentences(text, language)
    assert all(piece == " ".join(piece.split()) for piece in found)
    visible = [c for c in text if c.isprintable() and not c.isspace()]
    kept = [c for c in "".join(found) if c.isprintable() and not c.isspace()]
    assert set(kept) <= set(visible)
    for sentence in found:
        assert " ".join(clauses(sentence)) == sentence


@given(st.lists(st.sampled_from([*WHOLE, "Short.", "What?", GERMAN]), min_size=1, max_size=6))
def test_sentences_join_to_their_text(parts: list[str]) -> None:
    text = " ".join(parts)
    assert " ".join(sentences(text)) == text
    assert len(sentences(text)) >= len(parts)
