"""How much a passage has to do with a section, and whether it rather belongs to another one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from pipeline_defs.domain.articles.drafts import SectionTask
from pipeline_defs.local.providers.engine.language import STOP_WORDS, stems, words
from pipeline_defs.local.providers.writer.passages import Passage

TITLE_WEIGHT = 3.0
POINT_WEIGHT = 2.0
FOCUS_WEIGHT = 1.0
OF_SAME_NAME = 1.5  # factor for passages of a source named like the section
ELSEWHERE = 0.2  # factor for what another section of the outline is about
OFF_TOPIC = 0.05  # factor for sources that hardly name the article's topic
LONGEST_TERM = 3  # words of a title that may be one term
SECTIONS_WITH_TERMS = 24  # only outlines this long give single paragraphs sections of their own


class Relevance:
    """Scores passages for one section; words that all passages share count for little."""

    def __init__(self, task: SectionTask, found: Sequence[Passage]) -> None:
        self._count = len(found)
        self._frequency = Counter(stem for passage in found for stem in passage.stems)
        self._title = plain(task.section.title)
        self._focus = plain(task.section.focus)
        self._wanted = _wanted(task)
        self._points = [plain(p.partition(":")[0]) for p in task.section.key_points]
        self._others = [plain(t) for t in task.outline if plain(t) != self._title]
        named = {plain(name) for p in found for name in (p.heading or "", p.source_title)}
        is_term = {t for t in (self._title, *self._others) if len(t.split()) <= LONGEST_TERM}
        terms = [t for t in self._others if t in is_term - named]
        self._terms = terms if len(task.outline) > SECTIONS_WITH_TERMS else []
        self._openings = _openings(found)
        topic = set(stems(task.topic))
        mentions = Counter(p.source for p in found if _related(p.stems, topic))
        titled = {p.source for p in found if _related(stems(p.source_title), topic)}
        self._on_topic = {s for s, count in mentions.items() if count > 1} | titled
        own = self._wanted.keys() - topic
        self.names_nothing = not any(p.stems & own for p in found)
        self._term = self._title if self._title in is_term - named else ""

    def of(self, passage: Passage) -> float:
        """0 for nothing in common with the section; comparable within one section only."""
        held = passage.stems & self._wanted.keys()
        score = sum(self._wanted[stem] * self.weight(stem) for stem in held)
        score /= math.sqrt(8 + len(passage.stems))
        if plain(passage.source_title) == self._title:
            score *= OF_SAME_NAME
        if self.is_elsewhere(passage):
            score *= ELSEWHERE
        return score if self.is_on_topic(passage) else score * OFF_TOPIC

    def is_on_topic(self, passage: Passage) -> bool:
        """Whether its source speaks of the article's topic by name."""
        return passage.source in self._on_topic

    def opens(self, passage: Passage) -> bool:
        """Whether it is the first of a source on the topic, and no other section's."""
        ours = self.is_on_topic(passage) and not self.is_elsewhere(passage)
        first = next(p for p in self._openings if p.source == passage.source)
        return ours and first == passage

    def weight(self, stem: str) -> float:
        """How much a stem tells one passage from the others."""
        return math.log((1 + self._count) / (0.5 + self._frequency[stem]))

    def likeness(self, passage: Passage, other: Passage) -> float:
        """How much of their particular words two passages share, 0..1."""
        shared = sum(self.weight(stem) for stem in passage.stems & other.stems)
        own = sum(self.weight(stem) for stem in passage.stems)
        return shared / own if own > 0 else 0.0

    def point(self, passage: Passage) -> int | None:
        """The number of the key point that names the passage's heading or its term."""
        heading = plain(passage.heading or "")
        if heading and heading in self._points:
            return self._points.index(heading)
        if heading and heading == self._title:
            return 0
        if begins_with(passage, self._term) and (not self._terms or holds(self._focus, heading)):
            return 0
        return None

    def is_elsewhere(self, passage: Passage) -> bool:
        """Whether another section's title names the passage's source, its heading or its term."""
        has_term = passage not in self._openings and any(
            begins_with(passage, term) for term in self._terms
        )
        if self.point(passage) is not None:
            return has_term
        heading, title = plain(passage.heading or ""), plain(passage.source_title)
        owned = any(
            (heading and holds(other, heading)) or (title and holds(other, title))
            for other in self._others
        )
        return owned or has_term


def _related(found: Iterable[str], topic: Iterable[str]) -> bool:
    """Whether any stem is of the topic's family, as volcanic is of volcano."""
    roots = tuple(stem[: max(5, len(stem) - 2)] for stem in topic)
    return any(stem.startswith(roots) for stem in found)


def _openings(found: Sequence[Passage]) -> list[Passage]:
    """The first passage of each headed part."""
    first: dict[tuple[str, str | None], Passage] = {}
    for passage in found:
        first.setdefault(passage.group, passage)
    return list(first.values())


def begins_with(passage: Passage, term: str) -> bool:
    """Whether the first sentence of a passage speaks of a term."""
    return holds(plain(passage.sentences[0]), term)


def holds(text: str, phrase: str) -> bool:
    """Whether a plain text holds a plain phrase as whole words."""
    return bool(phrase) and f" {phrase} " in f" {text} "


def plain(text: str) -> str:
    """Words only, in lower case, without articles."""
    return " ".join(word for word in words(text) if word not in {"a", "an", "the"})


def _wanted(task: SectionTask) -> dict[str, float]:
    """Weight of each stem the section asks for; the article's topic itself tells little."""
    wanted: dict[str, float] = {}
    asked = [
        (task.section.title, TITLE_WEIGHT),
        (task.section.focus, FOCUS_WEIGHT),
        *((point, POINT_WEIGHT) for point in task.section.key_points),
    ]
    for text, weight in asked:
        for stem in stems(text):
            if stem not in STOP_WORDS:
                wanted[stem] = max(wanted.get(stem, 0.0), weight)
    for stem in stems(f"{task.topic} {task.article_title}"):
        if stem in wanted and stem not in stems(task.section.title):
            wanted[stem] = min(wanted[stem], FOCUS_WEIGHT / 2)
    return wanted
