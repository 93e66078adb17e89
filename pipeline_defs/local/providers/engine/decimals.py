"""Numbers as they are spoken, where the voice would misread them: "3.14" becomes words."""

from __future__ import annotations

import re

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# Money keeps its own reading ("nine dollars and ninety nine cents"); so do times and versions.
_DECIMAL = re.compile(r"(?<![\d.$£€])(\d{1,3}(?:,\d{3})+|\d+)\.(\d+)(?![\d.]*\.\d)(%?)")
_BARE = re.compile(r"(?<![\w.])\.(\d+)(?![\w.]*\.\d)")


def with_spoken_decimals(text: str) -> str:
    """`text` with the digits after a decimal point as words, one by one."""
    text = _DECIMAL.sub(_spoken, text)
    return _BARE.sub(lambda found: f"point {_words(found[1])}", text)


def _spoken(found: re.Match[str]) -> str:
    percent = " percent" if found[3] else ""
    return f"{found[1]} point {_words(found[2])}{percent}"


def _words(digits: str) -> str:
    return " ".join(_DIGITS[int(digit)] for digit in digits)
