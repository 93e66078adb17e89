"""Cells that a spreadsheet would run."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline_defs.domain.spreadsheets import as_it_was, harmless

RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@pytest.mark.parametrize("start", RUN)
def test_what_would_run_begins_with_an_apostrophe(start: str) -> None:
    assert harmless(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


def test_other_cells_stay_as_they_are() -> None:
    assert [harmless(cell) for cell in ("", "tent", "a=b", "'tent'", "5-7")] == [
        "", "tent", "a=b", "'tent'", "5-7",
    ]  # fmt: skip


@given(st.one_of(st.text(), st.from_regex("'{0,3}[=+@-].{0,3}")))
@example("'=1")
@example("''=1")
def test_every_cell_is_read_back_as_it_was(cell: str) -> None:
    written = harmless(cell)
    assert as_it_was(written) == cell
    assert not written.startswith(RUN)
