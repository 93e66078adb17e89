"""From words with times to utterances of speakers: whose channel is whose, and who speaks when.

Pure functions. Nobody is guessed silently: where it is not known who speaks, it says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline_defs import policies
from pipeline_defs.domain.calls.transcripts import (
    Layout,
    Speaker,
    SpokenWord,
    Transcript,
    Utterance,
)

ROLE_MARGIN = 12.0  # points of 100 by which one channel has to resemble what we said more
ROLE_LEAST = 45.0  # points that it has to resemble it at least
TURN_COST = 1.0  # of another voice in the midst of a sentence, in leanings of a word
TURN_COST_AT_ENDS = 0.25  # of the same after a sentence or a short pause
WORD = re.compile(r"[^\w']+")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word with who spoke it: a channel, or a voice within one."""

    voice: int
    channel: int
    word: SpokenWord


def within(words: Sequence[SpokenWord], seconds: float) -> list[SpokenWord]:
    """Words in order, none beyond the recording and none that ends before it begins."""
    kept: list[SpokenWord] = []
    begun = 0.0
    for word in sorted(words, key=lambda w: w.start):
        if not word.text.strip() or word.start >= seconds:
            continue
        start = min(max(word.start, begun, 0.0), seconds)
        kept.append(replace(word, start=start, end=min(max(word.end, start), seconds)))
        begun = start
    return kept


def roles_of(said: Mapping[int, str], spoken_by_us: Sequence[str]) -> dict[int, Speaker] | None:
    """Which voice is the interviewer's: the one that says what we are known to say.

    None where that does not tell them apart.
    """
    if len(said) != 2 or not spoken_by_us:
        return None
    likeness = {voice: _likeness(text, spoken_by_us) for voice, text in said.items()}
    ours, other = sorted(likeness, key=lambda voice: -likeness[voice])
    clear = likeness[ours] - likeness[other] >= ROLE_MARGIN and likeness[ours] >= ROLE_LEAST
    return {ours: "AI", other: "HUMAN"} if clear else None


def voices_of(words: Sequence[SpokenWord], leanings: Sequence[float]) -> list[int]:
    """Which of two voices says each word: 0 says the first one.

    A leaning is positive for one voice and negative for the other, about 1 where it is clear. Of
    all sequences of voices the best one is taken (Viterbi), as turns are rarer than words and
    mostly come after a sentence or a pause.
    """
    best = [0.0, 0.0]
    came_from: list[list[int]] = []
    for number, leaning in enumerate(leanings):
        cost = _cost_of_turn(words[number - 1], words[number]) if number else 0.0
        before = [side if best[side] >= best[1 - side] - cost else 1 - side for side in (0, 1)]
        kept = [best[side] if before[side] == side else best[1 - side] - cost for side in (0, 1)]
        best = [kept[0] + leaning, kept[1] - leaning]
        came_from.append(before)
    side = int(best[1] > best[0])
    sides: list[int] = []
    for before in reversed(came_from):
        sides.append(side)
        side = before[side]
    sides.reverse()
    return [int(side != sides[0]) for side in sides]


def _cost_of_turn(before: SpokenWord, after: SpokenWord) -> float:
    at_end = before.text.endswith((".", "?", "!"))
    paused = after.start - before.end > policies.SHORT_PAUSE
    return TURN_COST_AT_ENDS if at_end or paused else TURN_COST


def transcript_of(
    words: Sequence[Spoken],
    roles: Mapping[int, Speaker],
    *,
    layout: Layout,
    seconds: float,
    warnings: Sequence[str],
) -> Transcript:
    """Utterances by pause, each of one voice, in the order in which they begin.

    Another voice in a pause ends an utterance too. Where two speak at once both stay, and overlap.
    """
    found: list[Utterance] = []
    for voice in sorted({spoken.voice for spoken in words}):
        own = [spoken for spoken in words if spoken.voice == voice]
        others = [spoken.word for spoken in words if spoken.voice != voice]
        role = roles.get(voice, "UNKNOWN")
        found += [
            Utterance(0, role, group[0].channel, voice + 1, tuple(s.word for s in group))
            for group in _turns(own, others)
        ]
    found.sort(key=lambda utterance: utterance.start)
    ordered = tuple(replace(u, order=number) for number, u in enumerate(found, start=1))
    return Transcript(ordered, layout, seconds, tuple(warnings))


def _turns(words: Sequence[Spoken], others: Sequence[SpokenWord]) -> list[list[Spoken]]:
    groups: list[list[Spoken]] = []
    for spoken in sorted(words, key=lambda s: s.word.start):
        if not groups or _is_break(groups[-1][-1].word, spoken.word, others):
            groups.append([])
        groups[-1].append(spoken)
    return groups


def _is_break(before: SpokenWord, after: SpokenWord, others: Sequence[SpokenWord]) -> bool:
    """Whether an utterance ends between two words."""
    if after.start - before.end > policies.UTTERANCE_PAUSE:
        return True
    between = [w for w in others if before.end <= (w.start + w.end) / 2 <= after.start]
    return len(between) >= policies.WORDS_OF_A_TURN


def _likeness(text: str, spoken_by_us: Sequence[str]) -> float:
    """How much of what we say is in a text, 0 to 100, weighed by length."""
    from rapidfuzz import fuzz

    heard = plain(text)
    weights = [len(line) for line in spoken_by_us]
    scores = [_found_in(plain(line), heard, fuzz.partial_ratio) for line in spoken_by_us]
    return sum(s * w for s, w in zip(scores, weights, strict=True)) / max(1, sum(weights))


def _found_in(line: str, heard: str, alike: Callable[[str, str], float]) -> float:
    """A text that is shorter than a line holds no more of it than its length."""
    if not line or not heard:
        return 0.0
    return alike(line, heard) * min(1.0, len(heard) / len(line))


def plain(text: str) -> str:
    """Words alone, in lower case."""
    return WORD.sub(" ", text.lower()).strip()
