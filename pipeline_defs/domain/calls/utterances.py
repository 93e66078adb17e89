"""From words with times to utterances of speakers: whose channel is whose, and who speaks when.

Pure functions. Nobody is guessed silently: where it is not known who speaks, it says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
            Utterance(0, role, group[0].channel, tuple(spoken.word for spoken in group))
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
    scores = [fuzz.partial_ratio(plain(line), heard) if heard else 0.0 for line in spoken_by_us]
    return sum(s * w for s, w in zip(scores, weights, strict=True)) / max(1, sum(weights))


def plain(text: str) -> str:
    """Words alone, in lower case."""
    return WORD.sub(" ", text.lower()).strip()
