"""How long pages will still take, by how long the last ones took."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from statistics import median

HALF_DONE = 0.5  # of a page in work, on average


def eta_seconds(
    waiting: int, processing: int, at_once: int, recent: Sequence[float]
) -> float | None:
    """Seconds until `waiting` and `processing` pages are finished; None where nothing tells.

    `recent`: seconds that finished pages took, of which the middle one counts, so that a page that
    hung does not. `at_once`: pages that may be in work at a time.
    """
    waiting, processing = max(0, waiting), max(0, processing)
    if waiting + processing == 0:
        return 0.0
    taken = [seconds for seconds in recent if isfinite(seconds) and seconds >= 0]
    if not taken:
        return None
    abreast = min(max(1, at_once), waiting + processing)
    turns = (waiting + processing * HALF_DONE) / abreast
    return round(median(taken) * max(turns, 1.0 if waiting else HALF_DONE), 1)
