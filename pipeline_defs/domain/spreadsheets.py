"""Cells that a spreadsheet would run as a formula, written so that it does not, and read back.

Such a cell gets an apostrophe before it (OWASP, CSV injection). One that looks like an escaped cell
already gets another, so that what is written here is read here as it was.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_RUN = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_ESCAPED = re.compile("'+[=+\\-@\t\r\n＝＋－＠]")


def harmless(cell: str) -> str:
    """The text of a cell as it may be written into a file for spreadsheets."""
    return f"'{cell}" if _RUN.match(cell) else cell


def as_it_was(cell: str) -> str:
    """What `harmless` was given, by what it gave."""
    return cell[1:] if _ESCAPED.match(cell) else cell


def harmless_table(frame: pd.DataFrame) -> pd.DataFrame:
    """The same table without cells that a spreadsheet would run."""
    return frame.map(_harmless) if len(frame) else frame


def _harmless(cell: Any) -> Any:
    return harmless(cell) if isinstance(cell, str) else cell
