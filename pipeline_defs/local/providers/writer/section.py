"""Writes a section from its sources: whole paragraphs chosen, ordered, quoted; nothing invented."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline_defs.domain.articles.drafts import (
    Evidence,
    Paragraph,
    SectionDraft,
    SectionTask,
    Sentence,
)
from pipeline_defs.local.providers.writer.novelty import Novelty
from pipeline_defs.local.providers.writer.passages import Passage, passages
from pipeline_defs.local.providers.writer.refusal import Refusal
from pipeline_defs.local.providers.writer.relevance import Relevance

AIM_WORDS = 420
AIM_WORDS_OF_FEW = 560  # where the article has at most FEW_SECTIONS
FEW_SECTIONS = 3
SLACK = 1.12  # of the aim, before anything is left out
MOST_GROUPS = 4
GROUPS_KEPT = 3
MOST_SECTIONS_THAT_BORROW = 9  # with more, earlier texts come as summaries and cannot be compared
_COUNTED = re.compile(r"^(?:the )?(?:two|three|four|five|six|seven)\b", re.IGNORECASE)
ENOUGH = 0.75  # of the aim: then no group is added
RELEVANT = 0.4  # of the best group's score, for groups that no key point names
FILLING = 0.2  # the same, while the section has fewer than SHORT_WORDS
SHORT_WORDS = 200
AT_HOME = 1.5  # factor for groups of the best group's own source
GUEST_LIKENESS = 0.12  # least likeness of a second source's paragraph to what it follows
SUMMARY_SENTENCES = 2
_LEANING = re.compile(r"\b(?:as well|also|too|another|other|such|same|so far)\b", re.IGNORECASE)


@dataclass
class Group:
    """Paragraphs that are read together, with the heading of their source."""

    heading: str | None
    passages: list[Passage]
    scores: list[float]
    point: int | None = None
    guests: list[Passage] = field(default_factory=list)

    @property
    def score(self) -> float:
        """The best paragraph's score, and a little of the others."""
        return max(self.scores) + 0.2 * (sum(self.scores) - max(self.scores))

    @property
    def words(self) -> int:
        """Words of all its paragraphs."""
        return sum(passage.words for passage in self.all)

    @property
    def counted(self) -> bool:
        """Whether its heading announces a number of things, so that none may be left out."""
        return bool(self.heading and _COUNTED.match(self.heading))

    @property
    def all(self) -> list[Passage]:
        """Its own paragraphs, then the guests."""
        return [*self.passages, *self.guests]


def write_section(task: SectionTask, most_words: int | None = None) -> SectionDraft:
    """The section, in whole sentences of its sources; shorter than asked for where they are thin.

    `most_words` is what the answer has room for, where that is less than the task allows.
    """
    if task.language != "en":
        raise Refusal(f"its sources and its rules are English; it does not write '{task.language}'")
    found = passages(task.sources)
    novelty = Novelty(section.text for section in task.earlier_sections)
    fresh = [rest for passage in found if (rest := novelty.rest_of(passage)) is not None]
    relevance = Relevance(task, fresh)
    if relevance.names_nothing:  # as "Introduction" does: then how the sources begin
        fresh = [passage for passage in fresh if relevance.opens(passage)]
    groups = _chosen(_groups(fresh, relevance), task)
    if not groups:
        raise Refusal(f"no source given has anything new to say on '{task.section.title[:80]}'")
    most = min(task.max_words, most_words or task.max_words)
    _shorten(groups, int(_aim(task) * SLACK), most)
    if _may_borrow(task):
        _invite(groups, fresh, relevance, most)
    return SectionDraft(paragraphs=tuple(_paragraphs(groups, task)), summary=_summary(groups))


def _aim(task: SectionTask) -> int:
    few = len(task.outline) <= FEW_SECTIONS
    return max(task.min_words, min(AIM_WORDS_OF_FEW if few else AIM_WORDS, task.max_words))


def _may_borrow(task: SectionTask) -> bool:
    return len(task.outline) <= MOST_SECTIONS_THAT_BORROW


def _groups(fresh: Sequence[Passage], relevance: Relevance) -> list[Group]:
    """Groups in the order of the sources, without what belongs to another section."""
    found: dict[tuple[str, str | None], Group] = {}
    for passage in fresh:
        if relevance.is_elsewhere(passage):
            continue
        point = relevance.point(passage)
        group = found.setdefault(passage.group, Group(passage.heading, [], [], point))
        group.passages.append(passage)
        group.scores.append(relevance.of(passage))
        group.point = point if group.point is None else group.point
    groups = list(found.values())
    return [g for g in groups if g.score > 0 or g.point is not None or relevance.names_nothing]


def _chosen(groups: list[Group], task: SectionTask) -> list[Group]:
    """What key points name, in their order; else what is most relevant, in the sources' order."""
    named = [group for group in groups if group.point is not None]
    named.sort(key=lambda group: group.point or 0)
    chosen = named[: MOST_GROUPS + 1]
    if not named or (_total(chosen) < task.min_words and _may_borrow(task)):
        _fill(chosen, [group for group in groups if group.point is None], task)
    rest = [group for group in groups if group in chosen and group.point is None]
    return [*(g for g in chosen if g.point is not None), *rest]


def _fill(chosen: list[Group], others: list[Group], task: SectionTask) -> None:
    """Add the most relevant groups until the section is long enough, or nothing fits any more.

    What stands in the same source as the best of them may be less close than others.
    """
    best = max(others, key=lambda group: group.score, default=None)
    if best is None:
        return
    home = best.passages[0].source
    worth = {id(g): g.score * (AT_HOME if g.passages[0].source == home else 1) for g in others}
    for group in sorted(others, key=lambda group: -worth[id(group)]):
        total = _total(chosen)
        floor = RELEVANT if total >= SHORT_WORDS else FILLING
        if total >= _aim(task) * ENOUGH or len(chosen) >= MOST_GROUPS:
            return
        if worth[id(group)] >= floor * best.score:
            chosen.append(group)


def _shorten(groups: list[Group], aim: int, most: int) -> None:
    """Leave out the least relevant, whole groups first, until the section has its length."""
    limit = min(aim, most)
    while _total(groups) > limit and len(groups) > GROUPS_KEPT:
        groups.remove(min(groups[1:], key=lambda group: group.score))
    while _total(groups) > limit and (offers := [g for g in groups if _can_give(g)]):
        giving = min(offers, key=lambda group: group.scores[-1])
        giving.passages.pop()
        giving.scores.pop()
    while _total(groups) > most and len(groups) > 1:
        groups.remove(min(groups[1:], key=lambda group: group.score))
    if _total(groups) > most:
        del groups[0].passages[1:], groups[0].scores[1:]
        _cut(groups[0], most)


def _total(groups: Sequence[Group]) -> int:
    return sum(group.words for group in groups)


def _can_give(group: Group) -> bool:
    """Whether its last paragraph can be spared."""
    return len(group.passages) > 1 and not group.counted


def _cut(group: Group, most: int) -> None:
    """Keep as many first sentences of a single paragraph as fit."""
    passage = group.passages[0]
    kept = list(passage.sentences)
    while len(kept) > 1 and _with(passage, kept).words > most:
        kept.pop()
    group.passages[0] = _with(passage, kept)


def _with(passage: Passage, kept: Sequence[str]) -> Passage:
    return Passage(passage.source, passage.source_title, passage.heading, tuple(kept))


def _invite(groups: list[Group], fresh: Sequence[Passage], relevance: Relevance, most: int) -> None:
    """Where all is of one source, add the paragraph of another that continues a group best."""
    used = {passage.source for group in groups for passage in group.all}
    if len(used) != 1:
        return
    away = _kept_away(fresh, relevance)
    room = most - _total(groups)
    apart = [p.source in used or p in away or not relevance.is_on_topic(p) for p in fresh]
    offers = [
        (relevance.likeness(passage, own), -number, -index)
        for number, passage in enumerate(fresh)
        if not apart[number] and passage.words <= room
        for index, group in enumerate(groups)
        for own in group.passages
    ]
    likeness, number, index = max(offers, default=(0.0, 0, 0))
    if likeness >= GUEST_LIKENESS:
        groups[-index].guests.append(fresh[-number])


def _kept_away(fresh: Sequence[Passage], relevance: Relevance) -> list[Passage]:
    """What is needed where it stands: openings of others' parts, and what leans on others."""
    first: dict[tuple[str, str | None], Passage] = {}
    leaning: list[Passage] = []
    for passage in fresh:
        if relevance.is_elsewhere(passage):
            first.setdefault(passage.group, passage)
        if _LEANING.search(passage.sentences[0]) or _COUNTED.match(passage.heading or ""):
            leaning.append(passage)
    return [*first.values(), *leaning]


def _paragraphs(groups: Sequence[Group], task: SectionTask) -> list[Paragraph]:
    """The first group without a heading, as the section's own title stands above it."""
    found: list[Paragraph] = []
    for index, group in enumerate(groups):
        repeats = (group.heading or "").casefold() == task.section.title.casefold()
        heading = None if index == 0 or repeats else group.heading
        for number, passage in enumerate(group.all):
            sentences = tuple(
                Sentence(text=text, evidence=(Evidence(source=passage.source, quote=text),))
                for text in passage.sentences
            )
            found.append(Paragraph(heading=None if number else heading, sentences=sentences))
    return found


def _summary(groups: Sequence[Group]) -> str:
    """The sentences that open the first parts."""
    firsts = [group.all[0].sentences[0] for group in groups]
    return " ".join(firsts[:SUMMARY_SENTENCES])
