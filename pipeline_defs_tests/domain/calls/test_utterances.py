"""Words to utterances: whose voice, whose channel, what an utterance is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.domain.calls.transcripts import SpokenWord
from pipeline_defs.domain.calls.utterances import (
    Spoken,
    roles_of,
    transcript_of,
    voices_of,
    within,
)


def words(text: str, *, begin: float = 0.0, each: float = 0.3) -> list[SpokenWord]:
    """One after the other without a pause."""
    return [
        SpokenWord(word, begin + n * each, begin + (n + 1) * each)
        for n, word in enumerate(text.split())
    ]


def test_one_word_that_leans_the_other_way_is_no_turn() -> None:
    said = words("I bake my bread at home on Sundays")
    assert voices_of(said, [1, 1, 1, -0.3, 1, 1, 1, 1]) == [0] * 8


def test_a_turn_after_a_sentence_needs_less_than_one_in_its_midst() -> None:
    asked, answered = words("Do you like bread?"), words("Oh yes", begin=1.2)
    unsure = [1.0, 1.0, 1.0, 1.0, -0.2, -0.2]
    assert voices_of([*asked, *answered], unsure) == [0, 0, 0, 0, 1, 1]
    unpunctuated = words("Do you like bread Oh yes")
    assert voices_of(unpunctuated, unsure) == [0] * 6


def test_a_turn_after_a_pause_counts_like_one_after_a_sentence() -> None:
    said = [*words("so I think"), *words("well no", begin=1.4)]
    assert voices_of(said, [1.0, 1.0, 1.0, -0.2, -0.2]) == [0, 0, 0, 1, 1]


def test_the_voice_that_speaks_first_is_the_first_whatever_its_sign() -> None:
    said = words("Hello there. Good morning")
    assert voices_of(said, [-1, -1, 1, 1]) == [0, 0, 1, 1]


@given(st.lists(st.floats(-3, 3, allow_nan=False), min_size=1, max_size=7))
def test_no_other_sequence_of_voices_fits_better(leanings: list[float]) -> None:
    said = words("a b. c d e. f g")[: len(leanings)]
    costs = [0.25 if word.text.endswith(".") else 1.0 for word in said]

    def fit(sides: list[int]) -> float:
        turns = [n for n in range(1, len(sides)) if sides[n] != sides[n - 1]]
        gained = sum(v if side == 0 else -v for v, side in zip(leanings, sides, strict=True))
        return gained - sum(costs[n - 1] for n in turns)

    every = [[number >> n & 1 for n in range(len(said))] for number in range(1 << len(said))]
    found = voices_of(said, leanings)
    reached = max(fit(found), fit([1 - side for side in found]))
    assert reached >= max(map(fit, every)) - 1e-9


def test_utterances_carry_the_voice_that_says_them() -> None:
    spoken = [
        *[Spoken(0, 0, word) for word in words("Do you like bread?")],
        *[Spoken(1, 0, word) for word in words("I do indeed", begin=1.5)],
    ]
    said = transcript_of(spoken, {1: "HUMAN"}, layout="mono", seconds=3.0, warnings=())
    assert [(u.order, u.voice, u.speaker, u.text) for u in said.utterances] == [
        (1, 1, "UNKNOWN", "Do you like bread?"),
        (2, 2, "HUMAN", "I do indeed"),
    ]


def test_a_hm_of_the_other_one_does_not_end_an_utterance_but_two_words_in_a_pause_do() -> None:
    first = [Spoken(0, 0, w) for w in [*words("I think so"), *words("and more", begin=1.6)]]
    hm = [Spoken(1, 1, SpokenWord("Mm-hm.", 1.0, 1.3))]
    kept = transcript_of([*first, *hm], {}, layout="two_channel", seconds=3.0, warnings=())
    assert [u.text for u in kept.utterances] == ["I think so and more", "Mm-hm."]
    turn = [Spoken(1, 1, w) for w in words("Go on", begin=1.0, each=0.25)]
    cut = transcript_of([*first, *turn], {}, layout="two_channel", seconds=3.0, warnings=())
    assert [u.text for u in cut.utterances] == ["I think so", "Go on", "and more"]


def test_words_beyond_the_recording_and_backward_times_are_put_right() -> None:
    found = within(
        [SpokenWord("b", 1.0, 0.5), SpokenWord("a", 0.2, 9.0), SpokenWord("late", 4.0, 5.0)], 3.0
    )
    assert [(w.text, w.start, w.end) for w in found] == [("a", 0.2, 3.0), ("b", 1.0, 1.0)]


def test_who_says_what_we_say_is_the_interviewer_and_nobody_is_guessed() -> None:
    ours = ["Hello, this is an interview.", "How often do you buy bread?"]
    said = {0: "never I bake it myself", 1: "hello this is an interview how often do you buy bread"}
    assert roles_of(said, ours) == {0: "HUMAN", 1: "AI"}
    assert roles_of({0: "yes indeed", 1: "yes indeed"}, ours) is None
    assert roles_of({0: "yes", 1: "no"}, ours) is None, "a word is in many a line"
    assert roles_of(said, []) is None
