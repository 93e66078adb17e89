"""How easily a text reads: by Flesch's formula as made for each language, in Polish by Pisarek's.

Flesch (higher is easier, 100 very easy, 60 plain, 30 academic); W words per sentence, S syllables
per word:
    en  206.835 - 1.015 W - 84.6 S   Flesch 1948
    de  180 - W - 58.5 S             Amstad 1978
    fr  207 - 1.015 W - 73.6 S       Kandel and Moles 1958
    es  206.84 - 1.02 W - 60 S       Fernández Huerta 1959
    it  217 - 1.3 W - 60 S           Vacca and Franchina 1972
    nl  206.84 - 0.93 W - 77 S       Douma 1960
    pt  248.835 - 1.015 W - 84.6 S   Martins and others 1996
There is no accepted form for Polish. Pisarek 1969: half the root of W² + P², with P the percentage
of words of four and more syllables; lower is easier.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pipeline_defs import policies
from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.lectures.sentences import sentences
from pipeline_defs.domain.pages.plain_text import words
from pipeline_defs.domain.pages.syllables import syllables

FLESCH: Mapping[Language, tuple[float, float, float]] = {
    "en": (206.835, 1.015, 84.6),
    "de": (180.0, 1.0, 58.5),
    "fr": (207.0, 1.015, 73.6),
    "es": (206.84, 1.02, 60.0),
    "it": (217.0, 1.3, 60.0),
    "nl": (206.84, 0.93, 77.0),
    "pt": (248.835, 1.015, 84.6),
}
LONG_POLISH_WORD = 4  # syllables


@dataclass(frozen=True, slots=True)
class Readability:
    """A value on a scale; `reads_easily` by the product's own limit on it."""

    scale: Literal["flesch", "pisarek"]
    value: float

    @property
    def reads_easily(self) -> bool:
        """Whether people read it without effort."""
        if self.scale == "pisarek":
            return self.value <= policies.PAGE_QUALITY.pisarek_most
        return self.value >= policies.PAGE_QUALITY.flesch_least


def readability(text: str, language: Language) -> Readability | None:
    """Of running text, without headings and tables; None where it has no words."""
    spoken = [word for word in words(text) if any(c.isalpha() for c in word)]
    lengths = [syllables(word, language) for word in spoken]
    if not spoken:
        return None
    per_sentence = len(spoken) / max(1, len(sentences(text, language)))
    if language == "pl":
        long_words = 100 * sum(n >= LONG_POLISH_WORD for n in lengths) / len(lengths)
        return Readability("pisarek", math.hypot(per_sentence, long_words) / 2)
    base, of_sentence, of_word = FLESCH[language]
    value = base - of_sentence * per_sentence - of_word * sum(lengths) / len(lengths)
    return Readability("flesch", value)
