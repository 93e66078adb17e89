"""When each word of a narration is said, and from when to when its captions are shown.

Words that were heard back have their own times. The others share the time between them by length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from pipeline_defs import policies
from pipeline_defs.domain.lectures.sentences import spoken_chars

Span = tuple[float, float]
HeardWord = tuple[str, float, float]  # text, start and end in seconds
LEAST, MOST = policies.CAPTION_SECONDS_LEAST, policies.CAPTION_SECONDS_MOST
HOLD = policies.CAPTION_HOLD
_SOUNDLESS = re.compile(r"[\W_]+")


def word_times(
    words: Sequence[str], speech: Span, heard: Sequence[HeardWord], seconds: float
) -> list[Span]:
    """When each word begins and ends, in order, without overlap, within `seconds`."""
    known = _recognized(words, heard)
    begin, end = (min(max(limit, 0.0), seconds) for limit in speech)
    times: list[Span] = []
    now, first = begin, 0
    for place in (*sorted(known), len(words)):
        start, stop = known.get(place, (max(end, now), seconds))
        start = min(max(start, now), seconds)
        times += _shared(words[first:place], (now, start))
        if place in known:
            now = min(max(stop, start), seconds)
            times.append((start, now))
        first = place + 1
    return times


def shown(spoken: Sequence[Span], seconds: float) -> list[Span]:
    """From when to when captions are shown whose words are said in these spans of a segment.

    Each is shown long enough to be read, none overlaps another or leaves its segment.
    """
    if not spoken:
        return []
    starts = [start for start, _ in spoken]
    ends = [
        following if following - end <= HOLD else end + HOLD
        for (_, end), (following, _) in pairwise(spoken)
    ]
    ends.append(min(spoken[-1][1] + HOLD, seconds))
    least = min(LEAST, seconds / len(spoken))
    for n in range(len(starts)):  # later, where the one before needs its time
        starts[n] = max(starts[n], ends[n - 1]) if n else starts[n]
        ends[n] = max(min(ends[n], starts[n] + MOST), starts[n] + least)
    limit = seconds
    for n in reversed(range(len(starts))):  # earlier, where the segment ends
        ends[n] = min(ends[n], limit)
        starts[n] = min(starts[n], ends[n] - least)
        limit = starts[n]
    return [(max(0.0, start), end) for start, end in zip(starts, ends, strict=True)]


def _recognized(words: Sequence[str], heard: Sequence[HeardWord]) -> dict[int, Span]:
    """The times of the words that were heard as they are written, by their place."""
    written = [_SOUNDLESS.sub("", word).lower() for word in words]
    sounds = [_SOUNDLESS.sub("", word).lower() for word, _, _ in heard]
    blocks = SequenceMatcher(None, written, sounds, autojunk=False).get_matching_blocks()
    return {
        block.a + n: heard[block.b + n][1:]
        for block in blocks
        for n in range(block.size)
        if written[block.a + n]
    }


def _shared(words: Sequence[str], span: Span) -> list[Span]:
    """A span shared out over words by their spoken length."""
    weights = [spoken_chars(word) + 1 for word in words]
    begin, end = span
    times: list[Span] = []
    behind = 0
    for weight in weights:
        start = begin + (end - begin) * behind / sum(weights)
        behind += weight
        times.append((start, begin + (end - begin) * behind / sum(weights)))
    return times
