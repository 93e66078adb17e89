"""How loud a channel is over a recording, as a short text: a figure for each bar. No I/O here."""

from __future__ import annotations

from collections.abc import Sequence

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
BARS = 200  # of a channel


def written(heights: Sequence[float]) -> str:
    """Heights from 0 to 1, a character each."""
    most = len(DIGITS) - 1
    return "".join(DIGITS[round(min(max(height, 0.0), 1.0) * most)] for height in heights)


def heights_of(text: str) -> list[float]:
    """The same back."""
    most = len(DIGITS) - 1
    return [DIGITS.index(digit) / most for digit in text]
