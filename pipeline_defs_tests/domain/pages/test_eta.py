"""How long pages will still take."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.domain.pages.eta import eta_seconds


def test_nothing_left_takes_no_time_and_nothing_known_says_nothing() -> None:
    assert eta_seconds(0, 0, 5, []) == 0
    assert eta_seconds(10, 2, 5, []) is None
    assert eta_seconds(10, 2, 5, [float("nan"), -4]) is None


def test_pages_are_made_side_by_side() -> None:
    assert eta_seconds(100, 0, 5, [10]) == 200
    assert eta_seconds(100, 0, 1, [10]) == 1000
    assert eta_seconds(95, 5, 5, [10]) == 195


def test_a_page_that_waits_takes_as_long_as_a_page_takes() -> None:
    assert eta_seconds(1, 0, 50, [10]) == 10
    assert eta_seconds(1, 4, 50, [10]) == 10
    assert eta_seconds(0, 1, 50, [10]) == 5


def test_one_page_that_hung_does_not_count() -> None:
    assert eta_seconds(10, 0, 1, [10, 11, 3600]) == 110


@given(
    st.integers(-5, 20_000),
    st.integers(-5, 100),
    st.integers(-5, 100),
    st.lists(st.floats(), max_size=5),
)
def test_it_is_never_negative(
    waiting: int, processing: int, at_once: int, recent: list[float]
) -> None:
    remaining = eta_seconds(waiting, processing, at_once, recent)
    assert remaining is None or remaining >= 0
