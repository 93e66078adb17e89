"""What a unit needs next: one run's worth of work."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Work:
    """A job, the assets of it, and a contiguous range of the partitions called `space`."""

    job: str
    assets: tuple[str, ...]
    space: str
    partitions: tuple[str, ...]
