"""What a unit needs next: one run's worth of work."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Work:
    """A job, the assets of it, and a contiguous range of partitions."""

    job: str
    assets: tuple[str, ...]
    partitions: tuple[str, ...]
