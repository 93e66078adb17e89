"""Sources as passages: paragraphs of whole, quotable sentences under their heading."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from pipeline_defs.domain.articles.drafts import SourceText
from pipeline_defs.local.providers.engine.language import count_words, sentences, stems

LEAST_SENTENCE_WORDS = 4
_HEADING = re.compile(r"^#{1,6}\s+(.*\S)\s*#*$")
_NOT_PROSE = re.compile(
    r"https?://|www\.|[<>{}|`\[\]]|@\w|\*\*"
    r"|\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|prompt|rule|above|previous)"
    r"|\b(?:system prompt|language model|as an ai|you are (?:an? )?(?:ai|assistant|chatbot))\b"
    r"|\b(?:click here|subscribe|sign up|cookie|all rights reserved)\b",
    re.IGNORECASE,
)
_DANGLING = re.compile(
    r"^[\"'\u2018\u201c(]*(?:it|its|he|his|him|she|her|hers|they|their|them|this|that|these|those"
    r"|such|another|however|also|thus|hence|therefore|moreover|furthermore|besides|instead|then"
    r"|next|finally|second|secondly|third|thirdly|otherwise|nevertheless|nonetheless|meanwhile"
    r"|still|yet|but|and|or|nor|so|too|similarly|likewise|consequently|accordingly|afterward"
    r"|afterwards|later|both|neither|either|here|there|one such|the (?:latter|former|same|other)"
    r"|for (?:example|instance|that reason)|in (?:contrast|turn|addition|other words|that|this)"
    r"|on the (?:other hand|contrary)|as a result|by contrast|at the same time|even so"
    r"|at that|after that|from then)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Passage:
    """A run of neighbouring sentences of one paragraph of a source, each quoted word for word."""

    source: str
    source_title: str
    heading: str | None
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """The sentences as one paragraph."""
        return " ".join(self.sentences)

    @cached_property
    def words(self) -> int:
        """How many words it has."""
        return count_words(self.text)

    @cached_property
    def stems(self) -> frozenset[str]:
        """Distinct stems of heading and text."""
        return frozenset(stems(f"{self.heading or ''} {self.text}"))

    @property
    def group(self) -> tuple[str, str | None]:
        """What it is read together with: the paragraphs of the same source under one heading."""
        return self.source, self.heading


def passages(sources: Iterable[SourceText]) -> list[Passage]:
    """All passages of the sources in their order; a paragraph found twice counts once."""
    found: list[Passage] = []
    seen: set[str] = set()
    for source in sources:
        heading: str | None = None
        for block in re.split(r"\n\s*\n", source.text):
            lines = block.strip().splitlines()
            while lines and (match := _HEADING.match(lines[0])):
                heading = match[1]
                lines = lines[1:]
            run = whole_run(sentences(" ".join(lines)))
            text = " ".join(run).casefold()
            if run and text not in seen:
                seen.add(text)
                found.append(Passage(source.id, source.title, heading, run))
    return _without_starts(found)


def whole_run(found: list[str]) -> tuple[str, ...]:
    """The first run of usable sentences that can be understood on its own.

    What is no prose for readers is left out, and with it all that follows: it may refer to it.
    """
    start = 0
    while start < len(found) and (not _usable(found[start]) or dangles(found[start])):
        start += 1
    end = start
    while end < len(found) and _usable(found[end]):
        end += 1
    return tuple(found[start:end])


def dangles(sentence: str) -> bool:
    """Whether a sentence begins with a word that points back."""
    return _DANGLING.match(sentence) is not None


def is_prose(sentence: str) -> bool:
    """Whether it is prose for readers: no markup, address, or instruction to a model."""
    return not _NOT_PROSE.search(sentence)


def _usable(sentence: str) -> bool:
    return is_prose(sentence) and count_words(sentence) >= LEAST_SENTENCE_WORDS


def _without_starts(found: list[Passage]) -> list[Passage]:
    """Leave out passages that only begin a longer one: texts may have been cut at a limit."""
    longer = [(p.source, p.sentences) for p in found]
    return [
        passage
        for passage in found
        if not any(
            source == passage.source
            and len(run) > len(passage.sentences)
            and run[: len(passage.sentences)] == passage.sentences
            for source, run in longer
        )
    ]
