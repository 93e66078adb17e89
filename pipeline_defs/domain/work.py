"""What a unit needs next: one run's worth of work, or nothing for a while."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Work:
    """A job, the assets of it, and a contiguous range of the partitions called `space`."""

    job: str
    assets: tuple[str, ...]
    space: str
    partitions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do for so many seconds, unless something is heard before."""

    seconds: float
