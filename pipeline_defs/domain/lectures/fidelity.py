"""How faithfully a narration says its text: the word error rate of what was heard against it.

What only writes the same sounds differently is no error: figures and number words, symbols and
units, British and American spelling, words written together or apart, homophones, and a name that
a recognizer spells by ear. Everything else counts, also what the recognizer alone got wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from pipeline_defs.domain.articles.markup import INVISIBLE
from pipeline_defs.domain.lectures.homophones import SOUNDS_LIKE
from pipeline_defs.domain.lectures.notation import spoken_english
from pipeline_defs.domain.lectures.sentences import sentences

LONGEST_COMPOUND = 4  # words that another text may write as one
_BRACKETS = re.compile(r"[()\[\]{}<>]")
# A name by ear: how its consonants sound, and where it has vowels.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("ph", "f"), ("ck|[ck]h|q", "k"), ("c(?=[eiy])", "s"), ("c", "k"), ("x", "ks"), ("z", "s"),
        ("th", "t"), ("(?<=.)[hw]", ""), ("(?<=..)e$", ""), ("[aeiouy]+", "a"), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip


def word_error_rate(reference: str, heard: str, *, language: str = "en") -> float:
    """Wrong, missing and added words of `heard` as a share of the words of `reference`.

    0 is perfect; above 1 where more was heard than was written. Number words are compared by their
    value in English only.
    """
    wanted, found = _compounded(_words(reference, language), _words(heard, language))
    if language == "en":
        wanted, found = ([SOUNDS_LIKE.get(w, w) for w in words] for words in (wanted, found))
    if not wanted or not found:
        return float(bool(wanted or found))
    return _errors(wanted, found, _names(reference, language)) / len(wanted)


def _errors(wanted: Sequence[str], found: Sequence[str], names: frozenset[str]) -> int:
    import jiwer

    compared = jiwer.process_words(" ".join(wanted), " ".join(found))
    by_ear = sum(
        one in names and _sound(one) == _sound(other)
        for chunk in compared.alignments[0]
        if chunk.type == "substitute"
        for one, other in zip(
            wanted[chunk.ref_start_idx : chunk.ref_end_idx],
            found[chunk.hyp_start_idx : chunk.hyp_end_idx],
            strict=True,
        )
    )
    return compared.substitutions + compared.deletions + compared.insertions - by_ear


def _words(text: str, language: str) -> list[str]:
    words = _normalizer(language)(text).split()
    return [word for word in words if any(c.isalnum() for c in word)]


@cache
def _normalizer(language: str) -> Callable[[str], str]:
    """Makes a text plain words in lower case."""
    if language == "en":
        from whisper_normalizer.english import EnglishTextNormalizer

        english = EnglishTextNormalizer()
        return lambda text: str(english(spoken_english(INVISIBLE.sub("", text))))
    from whisper_normalizer.basic import BasicTextNormalizer

    basic = BasicTextNormalizer()
    return lambda text: str(basic(_BRACKETS.sub(" ", INVISIBLE.sub("", text))))


def _compounded(wanted: list[str], found: list[str]) -> tuple[list[str], list[str]]:
    """Both texts with runs of words joined where either of them writes the run as one word."""
    words = frozenset(wanted) | frozenset(found)
    return list(_joined(wanted, words)), list(_joined(found, words))


def _joined(text: list[str], words: frozenset[str]) -> Iterator[str]:
    place = 0
    while place < len(text):
        runs = range(min(LONGEST_COMPOUND, len(text) - place), 1, -1)
        length = next((n for n in runs if "".join(text[place : place + n]) in words), 1)
        yield "".join(text[place : place + length])
        place += length


def _names(reference: str, language: str) -> frozenset[str]:
    """The words with a capital within sentences, as they are compared."""
    capitals = (
        word
        for sentence in sentences(reference, language)
        for word in sentence.split()[1:]
        if word.lstrip("\"'(\u2018\u201c\u201e")[:1].isupper() and not word.isupper()
    )
    return frozenset(w for word in capitals for w in _words(word, language))


@cache
def _sound(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word)
    sound = "".join(c for c in plain if not unicodedata.combining(c))
    for pattern, heard in _SOUNDS:
        sound = pattern.sub(heard, sound)
    return sound
