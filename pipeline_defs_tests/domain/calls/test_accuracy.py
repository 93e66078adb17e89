"""Words heard wrong, where it is known what was said."""

from __future__ import annotations

import pytest

from pipeline_defs.domain.calls.accuracy import word_error_rate
from pipeline_defs.domain.calls.transcripts import Speaker, SpokenWord, Transcript, Utterance


def said(*turns: tuple[Speaker, str]) -> Transcript:
    utterances = tuple(
        Utterance(
            order, speaker, 0, 1, tuple(SpokenWord(word, order, order + 1) for word in text.split())
        )
        for order, (speaker, text) in enumerate(turns, start=1)
    )
    return Transcript(utterances, "two_channel", 20.0)


def test_wrong_missing_and_added_words_are_counted_of_the_respondent_alone() -> None:
    heard = said(("AI", "Do you bake?"), ("HUMAN", "Yes, I bake bed"), ("HUMAN", "on Sundays."))
    assert word_error_rate("Yes, I bake bread, on most Sundays.", heard) == pytest.approx(2 / 7)


def test_spelling_is_no_error() -> None:
    heard = said(("HUMAN", "I'm 20, um, and my favorite colour is gray"))
    assert word_error_rate("I am twenty and my favourite color is grey.", heard) == 0


def test_without_a_script_or_without_knowing_who_speaks_there_is_no_rate() -> None:
    assert word_error_rate(None, said(("HUMAN", "Yes."))) is None
    assert word_error_rate("Yes.", said(("UNKNOWN", "Yes."))) is None


def test_where_nothing_was_heard_everything_is_wrong() -> None:
    assert word_error_rate("Yes.", said(("AI", "Do you bake?"))) == 1.0
