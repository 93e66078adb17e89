"""Captions can be read, stay within their segments, and their files are valid."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_defs import policies
from pipeline_defs.domain.lectures.captions import (
    CaptionSource,
    Chapter,
    Cue,
    chapters,
    chapters_vtt,
    cues,
    webvtt,
)
from pipeline_defs_tests.domain.lectures import vtt

SPEECH = (0.12, 9.67)
CUP = (
    "Caffeine is absorbed quickly, and it reaches its peak in the blood about 30 to 60 minutes "
    "after a cup. The liver then breaks it down."
)
WORDS = st.text(st.sampled_from("aeinstLM19-'&<>\u00e9"), min_size=1, max_size=14)
MARKS = st.sampled_from(["", "", "", "", ",", ".", "!", ";"])
TEXTS = st.lists(st.builds(str.__add__, WORDS, MARKS), min_size=1, max_size=50).map(" ".join)
SECONDS = st.floats(-1.0, 12.0)
HEARD = st.lists(st.tuples(WORDS, SECONDS, SECONDS), max_size=12)


@st.composite
def sources(draw: st.DrawFn) -> CaptionSource:
    """Segments of ten seconds, with measured speech and with words as badly heard as can be."""
    text = draw(TEXTS)
    heard = draw(HEARD)
    if draw(st.booleans()):
        heard = [(word, *draw(st.tuples(SECONDS, SECONDS))) for word in text.split()]
    span = draw(st.none() | st.tuples(st.floats(0, 4), st.floats(4, 10)))
    return CaptionSource(draw(st.integers(0, 179)) * 10.0, 10.0, text, span, heard or None)


def texts_of(found: list[Cue]) -> list[str]:
    return [cue.text for cue in found]


def test_a_text_is_cut_after_its_sentences_and_clauses() -> None:
    found = cues([CaptionSource(0, 10, CUP, SPEECH)])
    assert texts_of(found) == [
        "Caffeine is absorbed quickly,",
        "and it reaches its peak in the blood\nabout 30 to 60 minutes after a cup.",
        "The liver then breaks it down.",
    ]
    assert found[0].start == SPEECH[0]
    assert found[-1].end == 10.0
    assert all(a.end == b.start for a, b in pairwise(found))


def test_times_are_shared_by_length_within_the_measured_speech() -> None:
    twins = "First, six words are spoken here. Later, six words are spoken here."
    first, later = cues([CaptionSource(30, 10, twins, (1.0, 9.0))])
    assert first == Cue(31.0, pytest.approx(35.0, abs=0.01), "First, six words are spoken here.")
    assert later.start == first.end
    assert later.end == pytest.approx(39.0 + policies.CAPTION_HOLD)


def test_a_number_takes_the_time_of_its_words() -> None:
    found = cues([CaptionSource(0, 10, "In 1905 and 1923. But then it came.", (0.0, 9.0))])
    assert found[0].end > 5.5


def test_words_that_were_heard_say_when_a_caption_begins() -> None:
    heard = [("the", 5.5, 5.6), ("liver", 5.6, 6.0), ("than", 6.0, 6.2), ("breaks", 6.2, 6.5)]
    found = cues([CaptionSource(20, 10, CUP, SPEECH, heard)])
    assert found[-1].start == 25.5
    assert found[-1].text == "The liver then breaks it down."


def test_a_pause_between_captions_is_closed_when_it_is_short_and_kept_when_it_is_long() -> None:
    text = "One came here. Two went there."
    for begin, shown_until in ((4.6, 4.6), (7.0, 4.0 + policies.CAPTION_HOLD)):
        heard = [("here", 3.0, 4.0), ("two", begin, begin + 0.5)]
        first, second = cues([CaptionSource(0, 10, text, (1.0, 9.0), heard)])
        assert first.end == pytest.approx(shown_until)
        assert second.start == begin


def test_without_a_narration_the_text_is_shown_all_the_same() -> None:
    found = cues([CaptionSource(10, 10, CUP)])
    assert found[0].start == 10 + policies.NARRATION_LEAD
    assert found[-1].end <= 20


def test_a_single_word_does_not_stay_for_ever() -> None:
    (only,) = cues([CaptionSource(0, 10, "Silence.", (0.0, 9.9))])
    assert only.end == policies.CAPTION_SECONDS_MOST


def test_a_slow_text_is_cut_so_that_no_caption_vanishes_while_it_is_spoken() -> None:
    slow = "Seven quite ordinary words are spoken slowly"
    found = cues([CaptionSource(0, 10, slow, (0.0, 9.9))])
    assert len(found) == 2
    assert all(a.end == b.start for a, b in pairwise(found))


def test_neither_an_empty_film_nor_an_empty_text_has_captions() -> None:
    assert cues([]) == []
    assert cues([CaptionSource(0, 10, " \u200b", SPEECH)]) == []
    assert vtt.read(webvtt([], "en")) == []


def test_a_word_wider_than_a_line_is_cut() -> None:
    found = cues([CaptionSource(0, 10, "x" * 100 + ".", SPEECH)])
    assert "".join(texts_of(found)).replace("\n", "") == "x" * 100 + "."


@settings(max_examples=40)
@given(st.lists(sources(), max_size=3, unique_by=lambda s: s.start))
def test_captions_are_readable_and_lie_within_their_segments(found: list[CaptionSource]) -> None:
    for source in found:
        shown = cues([source])
        joined = " ".join(text.replace("\n", " ") for text in texts_of(shown))
        assert joined == " ".join(source.text.split())
        assert shown[0].start >= source.start
        assert shown[-1].end <= source.start + source.seconds
        for cue in shown:
            assert 1 <= len(cue.text.split("\n")) <= 2
            assert max(map(len, cue.text.split("\n"))) <= policies.CAPTION_LINE_CHARS
            least = min(policies.CAPTION_SECONDS_LEAST, source.seconds / len(shown))
            most = policies.CAPTION_SECONDS_MOST
            assert least - 0.002 <= cue.end - cue.start <= most + 0.002
        assert all(a.end <= b.start for a, b in pairwise(shown))


@settings(max_examples=40)
@given(st.lists(sources(), max_size=3, unique_by=lambda s: s.start))
def test_the_file_of_captions_is_valid_and_reads_back(found: list[CaptionSource]) -> None:
    shown = cues(sorted(found, key=lambda source: source.start))
    read = vtt.read(webvtt(shown, "en"))
    assert [(name, text) for name, _, _, text in read] == [
        (str(n), cue.text) for n, cue in enumerate(shown, 1)
    ]
    for (_, start, end, _), cue in zip(read, shown, strict=True):
        assert (start, end) == (pytest.approx(cue.start), pytest.approx(cue.end))


def test_hours_are_counted_and_the_language_is_noted() -> None:
    text = webvtt([Cue(3661.5, 3662.0004, "A --> B")], "de")
    assert "01:01:01.500 --> 01:01:02.000\nA --&gt; B" in text
    assert "language: de" in text


def test_neighbours_under_one_heading_are_one_chapter() -> None:
    assert chapters(["Origins", "origins ", "The  Plant", "", "Origins"], 10) == [
        Chapter(0, 20, "Origins"),
        Chapter(20, 40, "The Plant"),
        Chapter(40, 50, "Origins"),
    ]
    assert chapters([]) == []
    assert chapters(["\u200b", "A"])[0].title == "\u2026"


@given(st.lists(st.sampled_from(["A", "a", "B & <i>", "C\n\nD", "--> x", "", "\0"]), max_size=40))
def test_chapters_cover_the_film_without_gap_and_their_file_is_valid(headings: list[str]) -> None:
    found = chapters(headings, 10)
    read = vtt.read(chapters_vtt(found))
    assert [(start, end, text) for _, start, end, text in read] == [
        (chapter.start, chapter.end, chapter.title) for chapter in found
    ]
    edges = [0, *(chapter.end for chapter in found)]
    assert edges == [*(chapter.start for chapter in found), len(headings) * 10]
    assert all(a.title.casefold() != b.title.casefold() for a, b in pairwise(found))
