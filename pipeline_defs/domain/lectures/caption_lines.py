"""How a text is cut into captions of at most two lines, rather after a sentence than within it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline_defs import policies
from pipeline_defs.domain.lectures.caption_times import LEAST, MOST, Span
from pipeline_defs.domain.lectures.sentences import clauses, sentences

WIDTH = policies.CAPTION_LINE_CHARS
# What an undesirable caption costs; only their proportions matter.
EACH = 1.0  # fewer are calmer
FULL = 2.0  # of all it can hold, and less by its square: equal ones are better
END_COSTS = {"sentence": 0.0, "clause": 1.5, "word": 4.0}
DANGLING = 1.0  # a short word at its end, mostly an article or a preposition
SHORT_WORD = 3
SENTENCE_WITHIN = 3.0  # a sentence that ends in the middle
SCRAP = 3.0  # of fewer characters than a third of a line
TOO_QUICK = 6.0
TOO_LONG = 20.0  # it would have to vanish while it is spoken


@dataclass(frozen=True, slots=True)
class CaptionWord:
    """A word, and whether a sentence, a clause or only the word ends with it."""

    text: str
    ends: str


def caption_words(text: str, language: str) -> list[CaptionWord]:
    """The words of a text; one wider than a line is cut."""
    found: list[CaptionWord] = []
    for sentence in sentences(text, language):
        parts = clauses(sentence)
        for number, part in enumerate(parts, 1):
            words = [piece for word in part.split() for piece in _pieces(word)]
            found += [CaptionWord(word, "word") for word in words[:-1]]
            last = "sentence" if number == len(parts) else "clause"
            found.append(CaptionWord(words[-1], last))
    return found


def cut(words: Sequence[CaptionWord], times: Sequence[Span]) -> list[tuple[int, int]]:
    """The best captions, as ranges of words; `times` are when the words are said."""
    best: list[tuple[float, int]] = [(0.0, 0)]  # the least cost of words[:n], and its last cut
    for end in range(1, len(words) + 1):
        best.append(
            min(
                (best[start][0] + _cost(words[start:end], times[start:end]), start)
                for start in _starts(words, end)
            )
        )
    ranges: list[tuple[int, int]] = []
    end = len(words)
    while end:
        start = best[end][1]
        ranges.append((start, end))
        end = start
    return ranges[::-1]


def lines(words: Sequence[str]) -> tuple[str, ...] | None:
    """Words as one line or two of about equal length; None where they do not fit."""
    text = " ".join(words)
    if len(text) <= WIDTH:
        return (text,)
    pairs = [
        (upper, lower)
        for n in range(1, len(words))
        if len(upper := " ".join(words[:n])) <= WIDTH and len(lower := " ".join(words[n:])) <= WIDTH
    ]
    return min(pairs, key=_unevenness, default=None)


def _unevenness(pair: tuple[str, str]) -> int:
    upper, lower = pair
    return abs(len(upper) - len(lower)) - (10 if upper[-1] in ",.;:!?" else 0)


def _pieces(word: str) -> Iterator[str]:
    for start in range(0, len(word), WIDTH):
        yield word[start : start + WIDTH]


def _starts(words: Sequence[CaptionWord], end: int) -> Iterator[int]:
    """Where a caption that ends before `end` may begin."""
    length = -1
    for start in range(end - 1, -1, -1):
        length += len(words[start].text) + 1
        if length > WIDTH and lines([word.text for word in words[start:end]]) is None:
            return
        yield start


def _cost(words: Sequence[CaptionWord], times: Sequence[Span]) -> float:
    seconds = times[-1][1] - times[0][0]
    length = sum(len(word.text) + 1 for word in words) - 1
    last = words[-1]
    cost = EACH + FULL * (length / (2 * WIDTH)) ** 2 + END_COSTS[last.ends]
    cost += DANGLING * (last.ends == "word" and len(last.text) <= SHORT_WORD)
    cost += SENTENCE_WITHIN * sum(word.ends == "sentence" for word in words[:-1])
    cost += SCRAP * (length < WIDTH / 3)
    cost += TOO_QUICK * (seconds < LEAST)
    return cost + TOO_LONG * (seconds > MOST)
