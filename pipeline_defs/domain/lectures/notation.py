"""English texts as they are spoken: two ways of writing the same sounds become one.

Units, signs, fractions, Roman numerals, abbreviations, possessives. Figures and number words, and
British and American spelling, are left to Whisper's normalizer, which follows.
"""

from __future__ import annotations

import re

_UNITS = {
    "km/h": "kilometers per hour", "kph": "kilometers per hour", "mph": "miles per hour",
    "m/s": "meters per second", "km/s": "kilometers per second", "km\u00b2": "square kilometers",
    "m\u00b2": "square meters", "m\u00b3": "cubic meters", "km": "kilometers", "cm": "centimeters",
    "mm": "millimeters", "nm": "nanometers", "m": "meters", "ft": "feet", "kg": "kilograms",
    "mg": "milligrams", "g": "grams", "lb": "pounds", "lbs": "pounds", "ml": "milliliters",
    "mL": "milliliters", "l": "liters", "L": "liters", "kWh": "kilowatt hours",
    "kW": "kilowatts", "MW": "megawatts", "GW": "gigawatts", "W": "watts", "V": "volts",
    "Hz": "hertz", "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz",
    "kB": "kilobytes", "MB": "megabytes", "GB": "gigabytes", "TB": "terabytes",
}  # fmt: skip
_UNIT = re.compile(
    rf"(?<=\d)\s?({'|'.join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))})(?![\w/])"
)
# 1 km: the abbreviation does not say whether it is spoken as one or as several.
_PLURALS = {
    word.removesuffix("s"): word for spoken in _UNITS.values()
    if (word := spoken.split()[0]).endswith("s")
}  # fmt: skip
_SINGULAR = re.compile(rf"\b({'|'.join(_PLURALS)})\b")
_NUMERALS = {
    "II": 2, "III": 3, "IV": 4, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "XI": 11, "XII": 12,
    "XIII": 13, "XIV": 14, "XV": 15, "XVI": 16, "XVII": 17, "XVIII": 18,
}  # fmt: skip
_NUMERAL = re.compile(rf"\b([A-Z]\w+) ({'|'.join(_NUMERALS)})\b")
_COUNTED = frozenset(
    {"War", "Part", "Act", "Phase", "Type", "Volume", "Chapter", "Class", "Apollo"}
)
_CONTRACTED = "[Hh]e|[Ss]he|[Tt]hat|[Ww]hat|[Tt]here|[Hh]ere|[Ww]here|[Hh]ow|[Ll]et"
_RULES = tuple(
    (re.compile(pattern), spoken)
    for pattern, spoken in (
        ("[\u2018\u2019\u02bc]", "'"), (r"\.{2,}|\u2026", " "),
        (r"\s?%|\b[Pp]er\s?cent\b", " percents"),  # which the normalizer drops after a 1
        (r"\b([Ww])ho's\b", r"\1hose"), (r"\b([Ii])t's\b", r"\1ts"),  # they sound alike
        (rf"\b(?!(?:{_CONTRACTED})')(\w+)'s\b", r"\1s"),
        (r"\b([A-Z]\w*)'(?!(?:[sdmt]|re|ll|ve)\b)(\w+)", r"\1\2"),  # O'Brien
        (r"\bvs\b\.?", "versus"), (r"\be\.g\.", "for example"), (r"\bi\.e\.", "that is"),
        (r"\betc\.", "et cetera"), (r"\bapprox\.", "approximately"), (r"\bMt\.", "Mount"),
        (r"\b[Nn]o\.(?=\s*\d)|#(?=\d)", "number "), (r"\b[Ff]ig\.(?=\s*\d)", "figure"),
        ("\u00bd", " 1/2"), ("\u00bc", " 1/4"), ("\u00be", " 3/4"), ("\u2044", "/"),
        (r"(\d)(?: 1/2| and a half)\b", r"\1.5"),
        (r"(?<![\d/])1/2(?![\d/])", "one half"), (r"(?<![\d/])1/3(?![\d/])", "one third"),
        (r"(?<![\d/])2/3(?![\d/])", "two thirds"), (r"(?<![\d/])1/4(?![\d/])", "one quarter"),
        (r"(?<![\d/])3/4(?![\d/])", "three quarters"),
        (r"(?<=\d)\s*/\s*(?=\d)", " slash "),
        (r"(?<!\S)[-\u2212](?=\d)", " minus "),
        (r"(?<=\d)\s?[-\u2013]\s?(?=\d)", " to "),
        (r"\u00b0\s?C\b|\bdegrees? C\b", " degrees Celsius"),
        (r"\u00b0\s?F\b|\bdegrees? F\b", " degrees Fahrenheit"),
        ("\u00b0", " degrees "),
    )
)  # fmt: skip
_AFTER_UNITS = tuple(
    (re.compile(pattern), spoken)
    for pattern, spoken in (
        (r"(?<=\w)\s?\^\s?", " to the power of "),
        (r"\bto the power of (?:2|two)\b|(?<=\w)\u00b2", " squared"),
        (r"\bto the power of (?:3|three)\b|(?<=\w)\u00b3", " cubed"),
        (r"(?<=\w)\s*[\u00d7*]\s*(?=\w)|(?<=\d)\s?[xX]\s?(?=\d)", " times "),
        ("=", " equals "), (r"(?<=\w)\s*\+\s*(?=\w)", " plus "), ("&", " and "),
        (r"[()\[\]{}<>|_~]", " "),  # what stands in brackets is spoken too
    )
)  # fmt: skip


def spoken_english(text: str) -> str:
    """A text with everything but its numbers in the words that are spoken for it."""
    for pattern, spoken in _RULES:
        text = pattern.sub(spoken, text)
    text = _UNIT.sub(lambda match: f" {_UNITS[match[1]]}", text)
    text = _SINGULAR.sub(lambda match: _PLURALS[match[1]], text)
    for pattern, spoken in _AFTER_UNITS:
        text = pattern.sub(spoken, text)
    return _NUMERAL.sub(_numeral, text)


def _numeral(match: re.Match[str]) -> str:
    """`World War II` is counted, `Charles II` is the second of his name."""
    name, number = match[1], _NUMERALS[match[2]]
    ordinal = {2: "2nd", 3: "3rd"}.get(number, f"{number}th")
    return f"{name} {number}" if name in _COUNTED else f"{name} the {ordinal}"
