"""Which beats a lecture consists of: the best ones that make exactly the number asked for.

Beats are chosen by dynamic programming: within a part along its places, then parts are shared out
within documents and documents within the topic. The first beat of a part or document is worth more
than the second, and so on, so that a short lecture goes round the topic and a long one goes deep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from pipeline_defs.local.providers.writer.lecture_beats import Beat
from pipeline_defs.local.providers.writer.lecture_lines import SpokenPart

PART = 0.5  # what the first beat of a part adds; the n-th adds an n-th of it
DOCUMENT = 1.2  # the same for documents
LINKED = 0.45  # a beat goes on where the last one ended
UNLINKED = 0.5  # cost of a beat that begins within a paragraph without what stands before
NOT_POSSIBLE = float("-inf")


class Before(Enum):
    """What stands before a place in a part."""

    OTHER = auto()  # something else, or nothing
    SAID = auto()  # the place before it has been said
    UNFINISHED = auto()  # the same, and it has to be answered


@dataclass(frozen=True)
class Chain:
    """Beats in their order and what they are worth together."""

    worth: float = 0.0
    beats: tuple[tuple[SpokenPart, Beat], ...] = ()

    def then(self, other: Chain) -> Chain:
        """This chain followed by another."""
        return Chain(self.worth + other.worth, self.beats + other.beats)

    def plus(self, worth: float) -> Chain:
        """The same beats, worth more."""
        return Chain(self.worth + worth, self.beats)


Chains = list[Chain]  # the best chain of each length, from none on


def along(
    part: SpokenPart, found: Iterable[Beat], worth: Callable[[Beat], float], *, strict: bool
) -> Chains:
    """The best chains of each length along one part; `strict` as in `Room`."""
    by_start: dict[int, list[tuple[Beat, float]]] = {}
    for beat in found:
        by_start.setdefault(beat.start, []).append((beat, worth(beat)))
    after: dict[tuple[int, Before], Chains] = {}
    for before in Before:
        after[part.places, before] = [] if before is Before.UNFINISHED else [Chain()]
    for place in range(part.places - 1, -1, -1):
        for before in Before:
            unfinished = before is Before.UNFINISHED
            best: Chains = [] if unfinished else list(after[place + 1, Before.OTHER])
            for beat, value in by_start.get(place, ()):
                if not _may_begin(beat, part, before, strict=strict):
                    continue
                head = Chain(value + _joint(beat, before), ((part, beat),))
                for count, rest in enumerate(after[beat.end, _left_by(beat, part)], start=1):
                    if rest.worth > NOT_POSSIBLE:
                        _keep(best, count, head.then(rest))
            after[place, before] = best
    return _rewarded(after[0, Before.OTHER], PART)


def _left_by(beat: Beat, part: SpokenPart) -> Before:
    """What a beat leaves to the one that begins where it ends."""
    if beat.open_ended:
        return Before.UNFINISHED
    goes_on = not beat.lines[-1].cut and beat.end not in part.ends
    return Before.SAID if goes_on else Before.OTHER


def _may_begin(beat: Beat, part: SpokenPart, before: Before, *, strict: bool) -> bool:
    """Whether a beat is understood after what was said before it."""
    first = beat.lines[0]
    if before is not Before.OTHER:
        return True
    known = first.opens or first.introduces or bool(first.subject & part.about)
    return not beat.leans and (known or not strict)


def _joint(beat: Beat, before: Before) -> float:
    """What it adds or costs that a beat goes on, or begins within a paragraph."""
    if before is not Before.OTHER:
        return LINKED
    return 0.0 if beat.lines[0].opens else -UNLINKED


def together(groups: Sequence[Chains], factor: float = 0.0) -> Chains:
    """The best chains of each length over several groups in their order.

    `factor` is what the first beat of all these groups together adds.
    """
    total: Chains = [Chain()]
    for group in groups:
        best: Chains = []
        for count, before in enumerate(total):
            for more, chain in enumerate(group):
                if chain.worth > NOT_POSSIBLE:
                    _keep(best, count + more, before.then(chain))
        total = best
    return _rewarded(total, factor)


def _rewarded(chains: Chains, factor: float) -> Chains:
    """Each chain with the reward for its number of beats: factor * (1 + 1/2 + 1/3 ...)."""
    rewarded: Chains = []
    reward = 0.0
    for count, chain in enumerate(chains):
        reward += factor / count if count else 0.0
        rewarded.append(chain.plus(reward))
    return rewarded


def _keep(best: Chains, count: int, chain: Chain) -> None:
    """Remember a chain of `count` beats if it is better than the one known."""
    while len(best) <= count:
        best.append(Chain(NOT_POSSIBLE))
    if chain.worth > best[count].worth:
        best[count] = chain
