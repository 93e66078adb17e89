"""A sentence of the corpus as a voice can say it: symbols and decimals in words, asides left out.

Everything else stays word for word. A sentence that would still hold symbols is not for speaking.
"""

from __future__ import annotations

import re

_WORDS_TO_NINETEEN = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen
"""
_WORDS_OF_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES = _WORDS_TO_NINETEEN.split()
_TENS = _WORDS_OF_TENS.split()
_PARTS = {
    2: ("half", "halves"),
    3: ("third", "thirds"),
    4: ("quarter", "quarters"),
    5: ("fifth", "fifths"),
    6: ("sixth", "sixths"),
    7: ("seventh", "sevenths"),
    8: ("eighth", "eighths"),
    9: ("ninth", "ninths"),
    10: ("tenth", "tenths"),
    12: ("twelfth", "twelfths"),
}
_POWERS = {"2": "squared", "3": "cubed"}
_SPELLED_UP_TO = 999  # whole parts of decimals beyond stay in digits

_ASIDE = re.compile(r"\s\((?=[^()]*[A-Za-z]{3})[^()]*\)")
_POWER = re.compile(r"(\b[a-zA-Z]|\d)\^(-?\w+)\b(?!\()")
_FRACTION = re.compile(r"(?<![\d/^.,])(\d{1,3})\s?/\s?(\d{1,3})(?![\d/^.,]\d)")
_LETTER_FRACTION = re.compile(r"(?<![\w/])(pi|\d+|[a-z]) ?/ ?(\d+|[a-z])(?![\w/^(])")
_DECIMAL = re.compile(r"(?<![\d.,])(\d[\d,]*)\.(\d+)(?![\d.]*\d)")
_COEFFICIENT = re.compile(r"\b(\d+)([abkmnptxy])\b")
_BETWEEN = r"(?<=[\w)]) {} (?=[\w(])"
_SIGNS = (
    (re.compile(_BETWEEN.format("=")), " equals "),
    (re.compile(_BETWEEN.format(r"\+")), " plus "),
    (re.compile(_BETWEEN.format("-")), " minus "),
    (re.compile(r"(?<![\w.])-(?=\d|[a-z]\b)"), "minus "),
    (re.compile(r"(?<=\d) x (?=\d)"), " times "),
    (re.compile(r"\bA\*(?=\W)"), "A star"),
    (re.compile(r"\bIPv(?=\d)"), "IP version "),
)
_UNSPEAKABLE = re.compile(
    r"[\^=+<>*/&@#$%|_~`\\(){}\[\]]|\b[a-z]'(?=[ .,])|\bd[xyt]\b"
    r"|\d\.\d|\b(?!UNESCO)[A-Z]{6,}\b|\b[A-Z]+[a-z]*\d{3,}"
)


def spoken(sentence: str) -> str | None:
    """The sentence for a voice, or None where it cannot be said as it stands."""
    text = _ASIDE.sub("", sentence)
    text = _POWER.sub(_power, text)
    text = _COEFFICIENT.sub(r"\1 \2", text)
    for sign, word in _SIGNS:
        text = sign.sub(word, text)
    text = _FRACTION.sub(_fraction, text)
    text = _LETTER_FRACTION.sub(r"\1 over \2", text)
    text = _DECIMAL.sub(_decimal, text)
    text = " ".join(text.split())
    return None if _UNSPEAKABLE.search(text) else text[:1].upper() + text[1:]


def in_words(number: int) -> str:
    """A whole number from 0 to 999 in words: 61 is `sixty-one`."""
    if number < len(_ONES):
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens - 2] + (f"-{_ONES[ones]}" if ones else "")
    hundreds, rest = divmod(number, 100)
    return f"{_ONES[hundreds]} hundred" + (f" {in_words(rest)}" if rest else "")


def _power(match: re.Match[str]) -> str:
    base, exponent = match.groups()
    if exponent in _POWERS:
        return f"{base} {_POWERS[exponent]}"
    sign = "minus " if exponent.startswith("-") else ""
    return f"{base} to the power of {sign}{exponent.removeprefix('-')}"


def _fraction(match: re.Match[str]) -> str:
    above, below = int(match[1]), int(match[2])
    if below not in _PARTS or not 0 < above < below:
        return f"{above} over {below}"
    one, many = _PARTS[below]
    return f"{in_words(above)} {one if above == 1 else many}"


def _decimal(match: re.Match[str]) -> str:
    digits = int(match[1].replace(",", ""))
    whole = in_words(digits) if digits <= _SPELLED_UP_TO else match[1]
    return f"{whole} point {' '.join(_ONES[int(digit)] for digit in match[2])}"
