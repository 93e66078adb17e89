"""A user's own script is shared out whole, in order, evenly; or refused with what would help."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs import policies
from pipeline_defs.domain.lectures.sentences import sentences, spoken_chars
from pipeline_defs.domain.lectures.splitting import (
    EASY,
    MAX_SEGMENTS,
    MOST,
    USUAL,
    minutes_of,
    shared_out,
)

MILL = (
    "The first mill had a wheel. Dr. Baker ground 12.5 tons in it, day and night. Water drove it. "
    "When the river froze, nobody had bread; when it flooded, nobody had a mill. It stood for 80 "
    "years. Then a larger one was built, of stone, on the other bank."
)
SENTENCES = sentences(MILL)
WORDS = st.sampled_from(["wheel", "a", "1905", "nevertheless", "mill", "of", "Dr."])
SENTENCE = st.builds(
    lambda words, comma, end: (
        " ".join(
            word + ("," if n % 5 == comma else "") for n, word in enumerate(words)
        ).capitalize()
        + end
    ),
    st.lists(WORDS, min_size=1, max_size=30),
    st.integers(0, 9),
    st.sampled_from([".", "!", "?"]),
)
SCRIPTS = st.lists(SENTENCE, min_size=1, max_size=30).map(" ".join)


@pytest.mark.parametrize("segments", [3, 4, 5, 6])
def test_sentences_stay_whole_while_there_are_enough(segments: int) -> None:
    texts = shared_out(MILL, segments)
    assert len(texts) == segments
    assert " ".join(texts) == MILL
    assert [s for text in texts for s in sentences(text)] == SENTENCES


@pytest.mark.parametrize("segments", [3, 4, 5])
def test_the_longest_text_is_as_short_as_whole_sentences_allow(segments: int) -> None:
    longest = max(spoken_chars(text) for text in shared_out(MILL, segments))
    cuts = _all_cuts(len(SENTENCES), segments)
    best = min(
        max(spoken_chars(" ".join(SENTENCES[a:b])) for a, b in pairwise([0, *cut, len(SENTENCES)]))
        for cut in cuts
    )
    assert longest == best


def _all_cuts(count: int, segments: int) -> list[tuple[int, ...]]:
    return list(combinations(range(1, count), segments - 1))


def test_with_fewer_sentences_than_segments_clauses_are_cut() -> None:
    texts = shared_out(MILL, 8)
    assert len(texts) == 8
    assert " ".join(texts) == MILL
    assert all(text[-1] in ".,;" for text in texts)


def test_a_sentence_is_cut_rather_than_spoken_too_quickly() -> None:
    first, second = shared_out(MILL, 2)
    assert first.endswith("When the river froze,")
    assert max(spoken_chars(first), spoken_chars(second)) <= EASY


def test_a_sentence_longer_than_a_segment_is_cut_at_clauses_and_else_between_words() -> None:
    long = "The wheel turned " + "and turned " * 8 + "all day, while the miller slept " + "on " * 30
    texts = shared_out(long + "and on.", 2)
    assert texts[0].endswith("all day,")
    endless = "wheel " * 60
    texts = shared_out(endless, 3)
    assert " ".join(texts) == endless.strip()
    assert max(len(text) for text in texts) - min(len(text) for text in texts) <= len("wheel ")


def test_without_a_number_a_script_takes_as_many_segments_as_it_needs() -> None:
    assert len(shared_out("A short one.", None)) == 1
    texts = shared_out(MILL * 12, None)
    assert len(texts) == pytest.approx(12 * spoken_chars(MILL) / USUAL, rel=0.3)
    assert all(spoken_chars(text) <= EASY for text in texts)


def test_two_sentences_that_fill_a_segment_each_are_two_segments() -> None:
    full = ("word " * 28).strip().capitalize() + "."
    assert USUAL < spoken_chars(full) <= EASY
    assert shared_out(f"{full} {full}", None) == (full, full)


def test_digits_count_as_the_words_they_become() -> None:
    plain, figures = "Many of them are seen here. " * 9, "In 1905 and 1923 it was 1950. " * 9
    assert len(shared_out(figures, None)) > len(shared_out(plain, None))


def test_abbreviations_are_read_in_the_language_of_the_script() -> None:
    script = "Es begann am 3. Mai, und alle kamen. Es endete am 5. Juni, und alle gingen."
    assert shared_out(script, 2, language="de")[0].endswith("kamen.")


@pytest.mark.parametrize("script", ["", "  \n", "\u200b\u200b"])
def test_a_script_without_words_is_refused(script: str) -> None:
    with pytest.raises(ValueError, match="no words"):
        shared_out(script, None)


def test_too_little_time_is_refused_with_the_time_it_takes() -> None:
    with pytest.raises(
        ValueError, match=r"set it to 0.5, leave it out, or shorten the script"
    ) as e:
        shared_out(MILL, 1)
    assert "about 51% of its length" in str(e.value)
    assert len(shared_out(MILL, 3)) == 3


def test_too_much_time_is_refused_with_the_time_it_fills() -> None:
    with pytest.raises(ValueError, match=r"makes 3 segments at most: set it to 0.5 or leave"):
        shared_out("One, two. Three.", 12)
    with pytest.raises(ValueError, match=r"makes 1 segment at most"):
        shared_out("One", 2)


def test_a_script_beyond_the_longest_lecture_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than 30 minutes"):
        shared_out(MILL * 110, None)


def test_a_word_nobody_can_say_in_a_segment_is_refused() -> None:
    for segments in (None, 1):
        with pytest.raises(ValueError, match="word that is too long"):
            shared_out("x" * (MOST + 1), segments)


@pytest.mark.parametrize(
    "script", ["a. " * 8000, "a " * 12_000, "A b, " * 3500, "word, and " * 2000, MILL * 80]
)
def test_the_largest_scripts_are_shared_out_too(script: str) -> None:
    texts = shared_out(script, None)
    assert len(texts) <= MAX_SEGMENTS
    assert len(shared_out(script, len(texts))) == len(texts)


def test_minutes_are_written_so_that_a_request_accepts_them() -> None:
    assert [minutes_of(n) for n in (1, 3, 6, 12, 180)] == ["0.1667", "0.5", "1", "2", "30"]
    for segments in range(1, MAX_SEGMENTS + 1):
        seconds = float(minutes_of(segments)) * 60
        assert round(seconds) == segments * policies.SEGMENT_SECONDS


@given(SCRIPTS)
def test_a_free_script_is_kept_word_for_word_and_can_be_said(script: str) -> None:
    texts = shared_out(script, None)
    assert " ".join(texts) == " ".join(script.split())
    assert all(0 < spoken_chars(text) <= MOST for text in texts)
    assert shared_out(script, None) == texts


@given(SCRIPTS, st.integers(1, 40))
def test_a_number_of_segments_is_kept_exactly_or_refused(script: str, segments: int) -> None:
    try:
        texts = shared_out(script, segments)
    except ValueError as problem:
        better = _proposed(str(problem))
        assert len(shared_out(script, better)) == better
        assert better != segments
        return
    assert len(texts) == segments
    assert " ".join(texts) == " ".join(script.split())
    assert all(0 < spoken_chars(text) <= MOST for text in texts)


def _proposed(message: str) -> int:
    """The segments of the minutes that a refusal proposes."""
    words = message.split("set it to ")[1].split()
    return round(float(words[0].rstrip(",")) * 60) // policies.SEGMENT_SECONDS
