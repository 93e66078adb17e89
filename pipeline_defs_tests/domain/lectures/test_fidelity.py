"""Another notation of the same sounds is no error; a wrong, missing or added word is.

The pairs of `heard.json` are real: spoken by the local voice, transcribed by the local recognizer,
and counted by a reader.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.domain.lectures.fidelity import word_error_rate

SAME = [
    ("In 1905 he wrote it.", "In nineteen oh five, he wrote it."),
    ("In 1905 he wrote it.", "In nineteen hundred and five he wrote it."),
    ("In 2024 it ended.", "in twenty twenty four it ended"),
    ("in the 1960s", "in the nineteen sixties"),
    ("He has 5 of 1,480 books.", "He has five of one thousand four hundred and eighty books."),
    ("It rose by 12.5 % to 3.5 million.", "It rose by twelve point five percent to 3,500,000."),
    ("twenty-five per cent", "25%"),
    ("On the 21st of May, the third.", "on the twenty first of may the 3rd"),
    ("It costs $3.50, not \u20ac20.", "It costs three dollars and fifty cents, not twenty euros."),
    ("It weighs 75 kg at 300 km/h.", "It weighs 75 kilograms at 300 kilometres per hour."),
    ("after 1 km", "after one kilometer"),
    ("At 90 \u00b0C or -5 degrees C.", "At 90 degrees Celsius or minus five degrees celsius."),
    ("It took 3 1/2 hours, then \u00be of one.", "It took 3.5 hours, then three quarters of 1."),
    ("from 10-20 to 1914\u20131918", "from ten to 20 to nineteen fourteen to nineteen eighteen"),
    ("E = m c\u00b2 and t^2", "E equals M C squared and T to the power of two"),
    ("720 / 6 = 120", "Seven hundred twenty slash six equals one hundred and twenty."),
    ("World War II under Charles II", "World War Two under Charles the Second"),
    ("No. 5 vs. Fig. 2, i.e. Mt. Everest", "number five versus figure two that is mount everest"),
    ("the colour of a theatre", "the color of a theater"),
    ("A waterwheel, well-known", "A water wheel well known"),
    ("Whereas an air ship", "where as an airship"),
    ("The keeper's lamp of the ladies' room", "the keepers lamp of the ladies room"),
    ("Real flour by mail", "reel flower by male"),
    ("It is 1% or 1 percent, at 4 x 5.", "It is one percent or one per cent at four times five"),
    ("It can't, it's whose?", "it cannot its who's"),
    ("the D.N.A. of NASA", "The DNA of N.A.S.A."),
    ("The mill (a large one) [sic] stood.", "The mill, a large one, sic, stood."),
    ("Marie said \u201cna\u00efve\u201d \u2013 and left\u2026", "Marie said naive and left"),
    ("by O'Brien in Chang'an", "By O'Brien in Changan."),
]  # fmt: skip
HEARD = json.loads((Path(__file__).parent / "heard.json").read_text(encoding="utf-8"))
WRONG = [
    ("The wheel turned by day.", "The wheel turned by night.", 1 / 5),
    ("The wheel turned by day.", "The wheel turned.", 2 / 5),
    ("The wheel turned.", "The the wheel turned.", 1 / 3),
    ("It was 1905.", "It was 1950.", 1 / 3),
    ("It rose by 5 percent.", "It rose by 9 percent.", 1 / 5),
    ("It is 5 km long.", "It is 5 miles long.", 1 / 5),
    ("He knew Maria.", "He knew Moor.", 1 / 3),
    ("the main idea", "the man idea", 1 / 3),
    ("It did not move.", "It did now move.", 1 / 4),
    ("a keeper", "a keepers", 1 / 2),
]


@pytest.mark.parametrize(("written", "heard"), SAME)
def test_another_notation_is_no_error(written: str, heard: str) -> None:
    assert word_error_rate(written, heard) == 0
    assert word_error_rate(heard, written) == 0


@pytest.mark.parametrize("pair", HEARD, ids=[pair["heard"][:30] for pair in HEARD])
def test_of_what_was_really_heard_only_real_differences_count(pair: dict[str, Any]) -> None:
    rate = word_error_rate(pair["written"], pair["heard"])
    assert rate == pytest.approx(pair["wrong"] / pair["of"])


@pytest.mark.parametrize(("written", "heard", "rate"), WRONG)
def test_wrong_missing_and_added_words_count(written: str, heard: str, rate: float) -> None:
    assert word_error_rate(written, heard) == pytest.approx(rate)


def test_a_name_is_forgiven_its_spelling_and_a_common_word_is_not() -> None:
    assert word_error_rate("He met Neal there.", "He met Neil there.") == 0
    assert word_error_rate("He met table there.", "He met tuble there.") == 1 / 4
    assert word_error_rate("He met Neal there.", "He met Nora there.") == 1 / 4


def test_silence_and_noise_are_all_wrong() -> None:
    assert word_error_rate("One two.", "") == 1
    assert word_error_rate("", "One two.") == 1
    assert word_error_rate("...", "\u200b") == 0


def test_more_words_than_were_written_are_more_than_all_wrong() -> None:
    assert word_error_rate("One.", "One day there was a mill.") > 1


@pytest.mark.parametrize(
    ("written", "heard", "rate"),
    [
        ("Das M\u00fchlrad (gro\u00df) stand.", "das m\u00fchl rad, gro\u00df stand", 0),
        ("L'eau coulait d\u00e9j\u00e0.", "L'eau coulait d\u00e9j\u00e0", 0),
        ("Er traf Herrn Meier.", "Er traf Herrn Maier.", 0),
        ("Die M\u00fchle stand.", "Die M\u00fchle fiel.", 1 / 3),
    ],
)
def test_other_languages_are_compared_word_by_word(written: str, heard: str, rate: float) -> None:
    assert word_error_rate(written, heard, language="de") == pytest.approx(rate)


NOTATION = [
    "5", "$3", "1/2", "km", "\u00b0C", "II", "War", "-5", "oh", "point", "x^2", "%", "per", "cent",
    "'s", "double", "zero", "hundred", "'", "(", "]", "1,000.5", "a", "and a half",
]  # fmt: skip
NOISE = st.lists(st.sampled_from(NOTATION) | st.text(max_size=4), max_size=8)


@given(NOISE.map(" ".join), NOISE.map(" ".join), st.sampled_from(["en", "de"]))
def test_any_two_texts_can_be_compared(one: str, other: str, language: str) -> None:
    assert word_error_rate(one, one, language=language) == 0
    assert word_error_rate(one, other, language=language) >= 0
