"""Python loads this first in processes that go by the clock of a simulated week.

libfaketime 0.9.10 takes Python's way to sleep (until a moment of the monotonic clock) for one that
goes by the faked time, and refuses it; waiting for no file at all sleeps as well.
"""

import select
import time


def _sleep(seconds: float) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = _sleep
