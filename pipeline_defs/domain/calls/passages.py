"""What respondents said, in pieces that a model may read: without what is addressed to a machine.

A transcript is data. A model never sees a piece that reads like an instruction: it is flagged,
shown to people, and no claim is taken from it. Whatever slips through can do no more than choose
among numbers of words of its own piece, see `domain/calls/prompts.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pipeline_defs import policies
from pipeline_defs.domain.calls.transcripts import SpokenWord, Transcript, Utterance

SENTENCE_END = re.compile(r"[.?!…]['\"”]?$")


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one utterance of the respondent, and the question before it.

    `first` is the number of its first word within the utterance, from 0.
    """

    utterance: Utterance
    first: int
    words: tuple[SpokenWord, ...]
    question: str

    @property
    def text(self) -> str:
        """Its words."""
        return " ".join(word.text for word in self.words)

    @property
    def name(self) -> str:
        """What it is called within its call."""
        return f"{self.utterance.order}.{self.first}"


@dataclass(frozen=True, slots=True)
class Flagged:
    """What was kept from the model."""

    utterance: int
    text: str


def passages_of(transcript: Transcript) -> tuple[list[Passage], list[Flagged]]:
    """The respondent's passages with the question each follows, and what was left out of them."""
    passages: list[Passage] = []
    flagged: list[Flagged] = []
    question: list[str] = []
    answered = False
    for utterance in transcript.utterances:
        if utterance.speaker == "AI":
            question = [] if answered else question
            question.append(utterance.text)
            answered = False
        elif utterance.speaker == "HUMAN":
            answered = True
            asked = " ".join(question)[-policies.QUESTION_CHARS :]
            kept, left_out = _parts(utterance, asked)
            passages += kept
            flagged += left_out
    return passages, flagged


def is_instruction(text: str) -> bool:
    """Whether a piece of a transcript reads as if it were addressed to a machine."""
    return any(pattern.search(text) for pattern in _instructions())


@cache
def _instructions() -> tuple[re.Pattern[str], ...]:
    lines = files("pipeline_defs.domain.calls").joinpath("instructions.txt").read_text("utf-8")
    patterns = (line for line in lines.splitlines() if line and not line.startswith("# "))
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


def _parts(utterance: Utterance, question: str) -> tuple[list[Passage], list[Flagged]]:
    sentences = list(_sentences(utterance.words))
    suspect = {n for n, (_, words) in enumerate(sentences) if is_instruction(_text(words))}
    whole = " ".join(word.text for word in utterance.words)
    if not suspect and is_instruction(whole):  # one that is spread over sentences
        suspect = set(range(len(sentences)))
    flagged = [Flagged(utterance.order, _text(sentences[n][1])) for n in sorted(suspect)]
    clean = [sentence for n, sentence in enumerate(sentences) if n not in suspect]
    kept = [Passage(utterance, first, words, question) for first, words in _joined(clean) if words]
    return kept, flagged


def _sentences(words: Sequence[SpokenWord]) -> Iterator[tuple[int, tuple[SpokenWord, ...]]]:
    first = 0
    for number, word in enumerate(words):
        if SENTENCE_END.search(word.text) or number == len(words) - 1:
            yield first, tuple(words[first : number + 1])
            first = number + 1


def _joined(
    sentences: Sequence[tuple[int, tuple[SpokenWord, ...]]],
) -> list[tuple[int, tuple[SpokenWord, ...]]]:
    """Neighbouring sentences together, up to the length of a passage."""
    joined: list[tuple[int, tuple[SpokenWord, ...]]] = []
    for first, words in sentences:
        if joined:
            begun, before = joined[-1]
            follows = begun + len(before) == first
            if follows and len(before) + len(words) <= policies.PASSAGE_WORDS:
                joined[-1] = (begun, before + words)
                continue
        joined.append((first, words))
    return joined


def _text(words: Sequence[SpokenWord]) -> str:
    return " ".join(word.text for word in words)
