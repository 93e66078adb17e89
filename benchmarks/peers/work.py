"""The two pieces of work, in numbers, and the count of bodies that ran to their end.

A body is one execution of step A, step B or of a no-op step; the join of W is not counted. Bodies
run in many processes, so each writes one byte to a shared file when it is through: the length of
that file is the count, whoever is killed in between.
"""

import functools
import os
from pathlib import Path

WORKS = ("W", "W2")

# W: one lecture.
ITEMS = 30
A_SECONDS = 0.2
B_SECONDS = 0.3
STEPS_AT_ONCE = 5  # of A, and again of B

# W2: many queued jobs of sequential steps that do nothing.
JOBS = 100
STEPS_PER_JOB = 7
JOBS_AT_ONCE = 10

WARM_UP_UNITS = 2  # run once before the clock starts, so that imports and pools are not measured


def bodies(work: str, units: int) -> int:
    """Bodies in one repetition over so many items (W) or jobs (W2)."""
    return 2 * units if work == "W" else STEPS_PER_JOB * units


@functools.cache
def _descriptor(path: str, _pid: int) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)


def body_done() -> None:
    """Call as the last thing a body does."""
    os.write(_descriptor(os.environ["BENCH_BODIES"], os.getpid()), b".")


def bodies_done() -> int:
    path = Path(os.environ["BENCH_BODIES"])
    return path.stat().st_size if path.exists() else 0


def forget_bodies() -> None:
    os.truncate(os.environ["BENCH_BODIES"], 0)
