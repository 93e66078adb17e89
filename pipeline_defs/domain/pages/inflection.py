"""Whether and how often a text speaks of a search term, in whatever form its words take."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache

from pipeline_defs.domain.languages import LANGUAGES, Language
from pipeline_defs.domain.pages.plain_text import words

SLACK = 2  # words that may stand between those of a term
SENTENCE_END = re.compile(r"[.!?…]+\s|\n")
POLISH_ENDING = re.compile(
    r"(?<=\w{3})(?:owych|owymi|owego|owemu|owej|owym|owie|owa|owe|owy|ach|ami|ych|ymi|ich|imi|ego|emu|"
    r"owi|iej|iem|ów|om|em|ej|ie|ia|ią|ię|ym|im|ą|ę|a|e|i|o|u|y)$"
)
# Words a term may have and a text may leave out.
FUNCTION_WORDS: Mapping[Language, frozenset[str]] = {
    "en": frozenset({"a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the",
                     "to", "with"}),
    "de": frozenset({"am", "an", "auf", "aus", "das", "dem", "den", "der", "die", "ein", "eine",
                     "für", "im", "in", "mit", "oder", "und", "von", "zu", "zum", "zur"}),
    "fr": frozenset({"à", "au", "aux", "avec", "d", "de", "des", "du", "en", "et", "l", "la", "le",
                     "les", "ou", "pour", "un", "une"}),
    "es": frozenset({"a", "al", "con", "de", "del", "e", "el", "en", "la", "las", "los", "o",
                     "para", "por", "un", "una", "y"}),
    "it": frozenset({"a", "al", "con", "d", "da", "dei", "del", "della", "delle", "di", "e", "ed",
                     "gli", "i", "il", "in", "l", "la", "le", "lo", "o", "per", "un", "una"}),
    "nl": frozenset({"aan", "de", "een", "en", "het", "in", "met", "of", "op", "te", "tot", "van",
                     "voor"}),
    "pt": frozenset({"a", "ao", "as", "com", "da", "das", "de", "do", "dos", "e", "em", "na", "no",
                     "o", "os", "ou", "para", "por", "um", "uma"}),
    "pl": frozenset({"a", "dla", "do", "i", "lub", "na", "od", "po", "pod", "w", "we", "z", "za",
                     "ze"}),
}  # fmt: skip


def occurrences(term: str, text: str, language: Language) -> int:
    """How often all words of the term stand close together in a text, in any order and form."""
    wanted = _stems_of(term, language)
    if not wanted:
        return 0
    reach = len(words(term)) + SLACK
    return sum(
        _times(wanted, reach, [_stem(word, language) for word in words(sentence)])
        for sentence in SENTENCE_END.split(text)
    )


def _times(wanted: frozenset[str], reach: int, stems: list[str]) -> int:
    found = position = 0
    while position < len(stems):
        near = stems[position : position + reach]
        if stems[position] in wanted and wanted <= set(near):
            found += 1
            position += max(near.index(stem) for stem in wanted) + 1
        else:
            position += 1
    return found


def _stems_of(term: str, language: Language) -> frozenset[str]:
    told = [word.lower() for word in words(term)]
    content = [word for word in told if word not in FUNCTION_WORDS[language]]
    return frozenset(_stem(word, language) for word in content or told)


def _stem(word: str, language: Language) -> str:
    lower = word.lower()
    stemmed = POLISH_ENDING.sub("", lower) if language == "pl" else _stemmer(language)(lower)
    apart = unicodedata.normalize("NFKD", stemmed)
    return "".join(c for c in apart if not unicodedata.combining(c))


@cache
def _stemmer(language: Language) -> Callable[[str], str]:
    """Snowball's for the language; its releases before 3.1 have none for Polish."""
    import Stemmer  # pyright: ignore[reportMissingTypeStubs]

    return Stemmer.Stemmer(LANGUAGES[language].lower()).stemWord
