"""A user's own script, shared out over segments in whole sentences of about equal length.

Lengths are spoken characters (see `spoken_chars`): what counts is how long a voice takes. Sentences
stay whole unless they would not fit; then they are cut at clauses, and only then between words.
Every script of a request's size is shared out in milliseconds: each step is linear in its length.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, pairwise
from math import ceil
from typing import Literal, NamedTuple

from pipeline_defs import policies
from pipeline_defs.domain.lectures.narration import AIM, FASTEST, LONGEST
from pipeline_defs.domain.lectures.sentences import clauses, sentences, spoken_chars

USUAL = policies.SPEECH_CHARS_PER_SECOND * AIM  # spoken characters that fill a segment
EASY = int(USUAL * FASTEST)  # said by a voice at its quickest
MOST = int(policies.SPEECH_CHARS_PER_SECOND * LONGEST * FASTEST**2)  # and stretched on top
MAX_SEGMENTS = policies.LECTURE_MAX_SECONDS // policies.SEGMENT_SECONDS
MORE_SEGMENTS = 0.25  # rather so many segments more than to cut between words

Cut = Literal["sentence", "clause", "word"]
# How many characters a cut may lie off its place to end with a sentence or at least a clause.
CUT_COSTS: dict[Cut, int] = {"sentence": 0, "clause": 40, "word": 120}


class Piece(NamedTuple):
    """A part of a script that stays together, its spoken length, and what ends with it."""

    text: str
    length: int
    ends: Cut


def shared_out(script: str, segments: int | None, *, language: str = "en") -> tuple[str, ...]:
    """The texts of exactly `segments` segments, or of as many as the script takes to be said.

    ValueError, in a sentence for users, where it cannot be said in that time, has too little to
    cut, or takes longer than the longest lecture.
    """
    whole = sentences(script, language)
    if not whole:
        raise ValueError("has no words to be said")
    if segments is None:
        return _freely(whole)
    parts = len(_pieces(whole, "clause", EASY))
    if parts < segments:
        raise ValueError(
            f"is too long for this script, which makes {parts} "
            f"{'segments' if parts > 1 else 'segment'} at most: set it to {minutes_of(parts)} or "
            "leave it out"
        )
    return _exactly(whole, segments)


def minutes_of(segments: int) -> str:
    """So many segments as a value of `minutes`: `0.5`, `2` or `1.667`."""
    return f"{segments * policies.SEGMENT_SECONDS / 60:.4g}"


def _freely(whole: list[str]) -> tuple[str, ...]:
    needed = max(1, ceil(_length(whole) / USUAL))
    ways: tuple[tuple[Cut, int, float], ...] = (
        ("sentence", EASY, MORE_SEGMENTS),
        ("clause", EASY, MORE_SEGMENTS),
        ("clause", MOST, MORE_SEGMENTS),
        ("word", MOST, 1.0),
    )
    for finest, limit, more in ways:
        pieces = _pieces(whole, finest, limit)
        least = _fewest(pieces, limit)
        segments = min(max(needed, least), len(pieces))
        if least <= segments <= needed * (1 + more) + 1:
            return _texts(pieces, _allowed(segments), limit, tight=finest == "sentence")
    raise ValueError("has a word that is too long to be said in a segment")


def _exactly(whole: list[str], segments: int) -> tuple[str, ...]:
    for limit in (EASY, MOST):
        for finest in CUT_COSTS:
            pieces = _pieces(whole, finest, limit)
            if _fewest(pieces, limit) <= segments <= len(pieces):
                return _texts(pieces, segments, limit, tight=finest == "sentence")
    enough = len(_freely(whole))
    share = min(0.95, segments * USUAL / _length(whole))
    raise ValueError(
        f"is too short for this script: set it to {minutes_of(enough)}, leave it out, or shorten "
        f"the script to about {share:.0%} of its length"
    )


def _length(whole: list[str]) -> int:
    return spoken_chars(" ".join(whole))


def _allowed(segments: int) -> int:
    if segments > MAX_SEGMENTS:
        most = policies.LECTURE_MAX_SECONDS // 60
        raise ValueError(f"takes longer than {most} minutes to be said: shorten it")
    return segments


def _pieces(whole: list[str], finest: Cut, limit: int) -> list[Piece]:
    """Sentences, clauses or words; what is longer than `limit` is cut finer than that."""
    return [piece for sentence in whole for piece in _sentence(sentence, finest, limit)]


def _sentence(sentence: str, finest: Cut, limit: int) -> Iterator[Piece]:
    length = spoken_chars(sentence)
    if finest == "sentence" and length <= limit:
        yield Piece(sentence, length, "sentence")
        return
    parts = clauses(sentence)
    for number, part in enumerate(parts, 1):
        yield from _clause(part, "sentence" if number == len(parts) else "clause", finest, limit)


def _clause(clause: str, ends: Cut, finest: Cut, limit: int) -> Iterator[Piece]:
    length = spoken_chars(clause)
    if finest != "word" and length <= limit:
        yield Piece(clause, length, ends)
        return
    words = clause.split()
    for number, word in enumerate(words, 1):
        yield Piece(word, spoken_chars(word), ends if number == len(words) else "word")


def _fewest(pieces: list[Piece], cap: int) -> int:
    """Into how few groups of at most `cap` the pieces can be put; too many where one is longer."""
    if max(piece.length for piece in pieces) > cap:
        return len(pieces) + 1
    return _groups_from(pieces, cap)[0]


def _groups_from(pieces: list[Piece], cap: int) -> list[int]:
    """For each place: into how few groups of at most `cap` what follows it can be put."""
    end = len(pieces)
    groups = [0] * (end + 1)
    length = -1
    for start in range(end - 1, -1, -1):
        length += pieces[start].length + 1
        while length > cap:
            end -= 1
            length -= pieces[end].length + 1
        groups[start] = groups[end] + 1
    return groups


def _smallest_cap(pieces: list[Piece], segments: int, limit: int) -> int:
    """The least that the longest of so many groups can be, at most `limit`."""
    low, high = max(piece.length for piece in pieces), limit
    while low < high:
        middle = (low + high) // 2
        if _groups_from(pieces, middle)[0] <= segments:
            high = middle
        else:
            low = middle + 1
    return low


def _texts(pieces: list[Piece], segments: int, limit: int, *, tight: bool) -> tuple[str, ...]:
    """Cut near equal lengths, no text longer than `limit`, so that every segment gets one.

    `tight`: no text longer than it must be, either.
    """
    cap = _smallest_cap(pieces, segments, limit) if tight else limit
    behind = [0, *accumulate(piece.length + 1 for piece in pieces)]
    groups = _groups_from(pieces, cap)
    ends = [0]
    for left in range(segments - 1, 0, -1):
        start = ends[-1]
        aim = behind[start] + (behind[-1] - behind[start]) / (left + 1)
        possible = (
            end for end in _reached(behind, start, cap) if groups[end] <= left <= len(pieces) - end
        )
        ends.append(
            min(possible, key=lambda e: abs(behind[e] - aim) + CUT_COSTS[pieces[e - 1].ends])
        )
    ends.append(len(pieces))
    return tuple(" ".join(piece.text for piece in pieces[a:b]) for a, b in pairwise(ends))


def _reached(behind: list[int], start: int, cap: int) -> Iterator[int]:
    """Where a group that begins at `start` may end."""
    end = start + 1
    while end < len(behind) and behind[end] - behind[start] - 1 <= cap:
        yield end
        end += 1
