"""Waveforms as short texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.domain.calls.waves import heights_of, written


@given(st.lists(st.floats(0, 1), max_size=300))
def test_a_waveform_is_kept_to_a_thirty_fifth(heights: list[float]) -> None:
    text = written(heights)
    assert len(text) == len(heights)
    assert heights_of(text) == pytest.approx(heights, abs=0.5 / 35 + 1e-9)


def test_what_is_beyond_the_scale_is_its_end() -> None:
    assert written([-1.0, 0.0, 1.0, 7.0]) == "00zz"
