"""How long the queue will take."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median


def eta_seconds(
    waiting: int, processing: int, at_once: int, recent: Sequence[float]
) -> float | None:
    """Seconds until what waits and is in work is finished, by the median of `recent` durations.

    What is in work is half done on average. None while nothing has been finished yet.
    """
    durations = [seconds for seconds in recent if seconds > 0]
    if not durations:
        return 0.0 if not waiting and not processing else None
    return round((waiting + processing / 2) * median(durations) / max(1, at_once), 1)
