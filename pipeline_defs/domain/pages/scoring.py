"""How pages are ranked in the queue: the score, the priority that follows, and when both change.

A user's priority wins over the score. Within a priority the higher score goes first, then the
older page. Points and limits stand in policies.py (docs/pages.md has the table).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline_defs import policies
from pipeline_defs.domain.pages.requests import PRIORITIES, PageRequest, Priority

LANES: Mapping[Priority, int] = {name: lane for lane, name in enumerate(PRIORITIES, start=1)}


@dataclass(frozen=True, slots=True)
class Rank:
    """A page's place in its organization's queue: lane 1 is HIGH, 3 is LOW.

    `reconsider_at`: when a deadline that comes nearer changes the score.
    """

    priority: Priority
    score: int
    reconsider_at: datetime | None

    @property
    def lane(self) -> int:
        """The priority as a number that sorts."""
        return LANES[self.priority]


def rank(request: PageRequest, now: datetime, given: Priority | None = None) -> Rank:
    """Where a page stands at `now`; `given` is a priority that was asked for later."""
    score = score_of(request, now)
    priority = given or request.priority or priority_of(score)
    return Rank(priority, score, _next_change(request.deadline, now))


def score_of(request: PageRequest, now: datetime) -> int:
    """20 to 110 points: products, searches, state of the content, time that is left."""
    about = request.metadata
    return (
        _points(policies.PAGE_SKU_POINTS, request.sku_count)
        + _points(policies.PAGE_SEARCH_POINTS, about.monthly_searches or 0)
        + policies.PAGE_CONTENT_POINTS.get(about.content_status or "", 0)
        + _urgency(request.deadline, now)
    )


def priority_of(score: int) -> Priority:
    """The priority that a score stands for."""
    if score >= policies.PAGE_HIGH_FROM:
        return "HIGH"
    return "NORMAL" if score >= policies.PAGE_NORMAL_FROM else "LOW"


def _points(table: tuple[tuple[int, int], ...], number: int) -> int:
    return next((points for above, points in table if number > above), policies.PAGE_LEAST_POINTS)


def _urgency(deadline: datetime | None, now: datetime) -> int:
    if deadline is None:
        return 0
    return next(
        (points for within, points in policies.PAGE_DEADLINE_POINTS if deadline - now < within), 0
    )


def _next_change(deadline: datetime | None, now: datetime) -> datetime | None:
    if deadline is None:
        return None
    coming = [
        deadline - within for within, _ in policies.PAGE_DEADLINE_POINTS if deadline - within >= now
    ]
    return min(coming) + timedelta(seconds=1) if coming else None
