"""Sentences for the ear: what symbols are called, where a cut is safe, what leans on what."""

from __future__ import annotations

import pytest

from pipeline_defs.local.providers.engine.language import sentences
from pipeline_defs.local.providers.engines import Engines
from pipeline_defs.local.providers.writer.lecture_clauses import halves, shorter
from pipeline_defs.local.providers.writer.lecture_context import is_open_ended, leans
from pipeline_defs.local.providers.writer.lecture_length import speech_seconds
from pipeline_defs.local.providers.writer.lecture_spoken import in_words, spoken


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Pi is 3.14159.", "Pi is three point one four one five nine."),
        ("It holds 3.2 volts.", "It holds three point two volts."),
        ("The slope of x^2 at 3 is 6.", "The slope of x squared at 3 is 6."),
        ("A die shows a 6 with probability 1/6.", "A die shows a 6 with probability one sixth."),
        ("Switching wins with 2/3.", "Switching wins with two thirds."),
        ("Numbers such as 91 = 7 x 13 deceive.", "Numbers such as 91 equals 7 times 13 deceive."),
        ("A key has 2^128 values.", "A key has 2 to the power of 128 values."),
        ("The area 20x - x^2 is largest.", "The area 20 x minus x squared is largest."),
        ("Salt freezes out at -1.8 degrees.", "Salt freezes out at minus one point eight degrees."),
        ("Honey (a concentrated sugar) keeps.", "Honey keeps."),
        ("It was 1,300 degrees in 1905.", "It was 1,300 degrees in 1905."),
    ],
)
def test_symbols_decimals_and_asides_are_said_as_a_speaker_would(written: str, said: str) -> None:
    assert spoken(written) == said


@pytest.mark.parametrize(
    "sentence",
    [
        "For (3x + 1)^2 the rule gives 2(3x + 1) times 3.",
        "He wrote dy/dx for a rate.",
        "The derivative of f times g is f' g + f g'.",
        "SELECT names the columns of table <b>.",
    ],
)
def test_what_cannot_be_said_is_not_said(sentence: str) -> None:
    assert spoken(sentence) is None


def test_no_sentence_of_the_corpus_is_spoken_with_a_symbol_in_it(engines: Engines) -> None:
    for document in engines.library.documents:
        for part in document.parts:
            for sentence in sentences(" ".join(part.paragraphs)):
                assert not set(spoken(sentence) or "") & set("^=+<>*/()[]{}%$#&"), sentence


def test_numbers_are_written_out() -> None:
    assert [in_words(n) for n in (0, 13, 20, 61, 100, 345)] == [
        "zero",
        "thirteen",
        "twenty",
        "sixty-one",
        "one hundred",
        "three hundred forty-five",
    ]


@pytest.mark.parametrize(
    ("sentence", "left"),
    [
        (
            "Basalt can run like warm syrup, whereas rhyolite may be thicker than cold tar.",
            "Basalt can run like warm syrup.",
        ),
        (
            "A leaf is a vertex of degree 1, and every tree has at least two leaves.",
            "A leaf is a vertex of degree 1.",
        ),
        (
            "George Berkeley, an Irish bishop, attacked the foundations of the subject in 1734.",
            "George Berkeley attacked the foundations of the subject in 1734.",
        ),
        (
            "Olivine and pyroxene, which are poor in silica, crystallize first and settle out.",
            "Olivine and pyroxene crystallize first and settle out.",
        ),
        (
            "A fair die, for example, shows each of its six faces equally often.",
            "A fair die shows each of its six faces equally often.",
        ),
        (
            "Propolis is a sticky resin that bees collect, a material used to seal cracks.",
            "Propolis is a sticky resin that bees collect.",
        ),
    ],
)
def test_a_clause_that_only_adds_something_can_be_left_out(sentence: str, left: str) -> None:
    assert left in shorter(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Soil, water, and air are polluted by the mine and its waste.",  # a list
        "The second derivative, the rate at which the slope changes, often decides the matter.",
        "Early maps of the region were drawn by hand, but they were wrong.",  # a limit
        "The spell lasts for several long hours, unless the wind turns.",
        "In the second phase of the cycle, energy converts each acid into sugar.",
        "The Calvin cycle is called the dark reactions, a name that wrongly suggests a night.",
        "When the magma rises to the surface of the Earth, and gas escapes.",
    ],
)
def test_nothing_is_left_out_where_the_rest_would_be_broken_or_say_too_much(sentence: str) -> None:
    lefts = shorter(sentence)
    assert not [
        left for left in lefts if not left.startswith("An inscription names Agrippa, whose")
    ]


def test_two_statements_in_one_sentence_can_be_said_as_two() -> None:
    assert halves("A code replaces whole words, while a cipher works on letters or bits.") == (
        "A code replaces whole words.",
        "A cipher works on letters or bits.",
    )
    assert halves("Geologists expected only volcanic rocks, but the crew found only breccias.") == (
        "Geologists expected only volcanic rocks.",
        "But the crew found only breccias.",
    )
    assert (
        halves("If a graph has a cycle of odd length, and the cycle is found, it is odd.") is None
    )
    assert halves("The nest has wax, honey, and a queen that lays the eggs.") is None


@pytest.mark.parametrize(
    "sentence",
    [
        "It is strongest at new moon.",
        "Neglect of this background is called the base rate fallacy.",
        "Rates multiply along the chain in the same manner.",
        "When they cool, the crystals grow.",
        "In 1952 he guessed Cretan place names.",
        "First, droplets link into a connected network.",
        "Remaining liquid therefore grows richer in silica.",
    ],
)
def test_a_sentence_that_points_back_is_known(sentence: str) -> None:
    assert leans(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Magma is molten rock beneath the ground.",
        "Andrew Wiles proved the theorem in 1994.",
        "Metals such as iron rust.",
        "Newton published his results late.",
    ],
)
def test_a_sentence_that_stands_alone_is_known(sentence: str) -> None:
    assert not leans(sentence)


def test_a_popular_belief_or_a_promise_wants_an_answer() -> None:
    assert is_open_ended("Spinning wheels are popularly believed to hold a bicycle upright.")
    assert is_open_ended("Euclid's construction of a missing prime runs in three short steps.")
    assert not is_open_ended("The term is often used, but it is wrong.")
    assert not is_open_ended("Three products emerge: ATP, NADPH, and oxygen.")


def test_a_longer_text_takes_longer_and_silence_around_it_does_not_count() -> None:
    one = "Magma is molten rock beneath the ground."
    two = "Lava is the same material after it has reached the surface."
    assert 2 < speech_seconds(one) < speech_seconds(one, two) < 8
    assert speech_seconds(one, two) > speech_seconds(one) + speech_seconds(two)
    assert speech_seconds("") == 0.0
