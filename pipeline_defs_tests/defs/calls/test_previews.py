"""What the Dagster UI shows of a transcript."""

from __future__ import annotations

from dataclasses import replace

from pipeline_defs.defs.calls import previews
from pipeline_defs.domain.calls.transcripts import SpokenWord, Transcript, Utterance
from pipeline_defs_tests.domain.calls.samples import call, campaign

WORDS = tuple(SpokenWord(text, n, n + 0.5) for n, text in enumerate(("Yes,", "I", "do.")))
SAID = Transcript((Utterance(1, "HUMAN", 0, 1, WORDS),), "two_channel", 3.0)


def test_the_word_error_rate_is_told_where_the_truth_is_known_and_only_there() -> None:
    one = call()
    shown = previews.transcript(campaign(one), one, SAID)
    assert "word_error_rate" not in shown
    rehearsed = replace(one, script="Yes, I really do.")
    shown = previews.transcript(campaign(rehearsed), rehearsed, SAID)
    assert shown["word_error_rate"] == 0.25
