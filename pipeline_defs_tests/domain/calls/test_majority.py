"""How sure it is that most people are on a side, against closed forms and against simulation."""

from __future__ import annotations

import random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.domain.calls.majority import most_hold

CONFIDENCES = st.lists(st.floats(0, 1), max_size=12)


@pytest.mark.parametrize("people", [0, 1, 3, 12, 400])
@pytest.mark.parametrize("understood", [0.6, 0.8, 1.0])
def test_where_all_agree_it_is_the_integral_in_closed_form(people: int, understood: float) -> None:
    power = people + 1
    other = 1 - understood
    wanted = (understood**power - 0.5**power) / (understood**power - other**power)
    assert most_hold([understood] * people, []) == pytest.approx(wanted, abs=1e-6)


@given(supporting=CONFIDENCES, opposing=CONFIDENCES)
def test_both_sides_are_treated_alike(supporting: list[float], opposing: list[float]) -> None:
    held = most_hold(supporting, opposing)
    assert 0 <= held <= 1
    assert held + most_hold(opposing, supporting) == pytest.approx(1)


@given(opposing=CONFIDENCES, supporting=CONFIDENCES, another=st.floats(0.5, 1))
def test_another_voice_never_speaks_against_its_side(
    supporting: list[float], opposing: list[float], another: float
) -> None:
    before = most_hold(supporting, opposing)
    assert most_hold([*supporting, another], opposing) >= before - 1e-9


def test_who_is_not_understood_decides_nothing() -> None:
    assert most_hold([0.5, 0.2, 0.0], [0.4]) == pytest.approx(0.5)


def test_of_those_of_whom_it_says_so_many_so_many_hold() -> None:
    """People drawn as the formula has it: of cases called p sure, a share of p is right."""
    chance = random.Random(3)
    cases: list[tuple[float, bool]] = []
    for _ in range(4000):
        share = chance.random()
        sides: tuple[list[float], list[float]] = ([], [])
        for _ in range(chance.randint(3, 8)):
            understood = chance.uniform(0.6, 1.0)
            holds = chance.random() < share
            misheard = chance.random() > understood
            sides[holds == misheard].append(understood)
        cases.append((most_hold(*sides), share > 0.5))
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        within = [(p, held) for p, held in cases if low <= p < low + 0.2]
        assert fmean(p for p, _ in within) == pytest.approx(
            fmean(held for _, held in within), abs=0.05
        )
