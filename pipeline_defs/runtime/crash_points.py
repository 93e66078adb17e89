"""Named points at which a test may kill the process, once: `CRASH_AT=<point>`.

The point is armed by the environment and disarmed by a marker file, so the next process passes it.
Without `CRASH_AT` a point costs one comparison.
"""

from __future__ import annotations

import os
import signal

from pipeline_defs.settings import get_settings


def crash_point(name: str) -> None:
    """Die here by SIGKILL if this point is armed and was not passed before."""
    settings = get_settings()
    armed = _armed(settings.crash_at, name)
    if armed is None or settings.crash_marker_dir is None:
        return
    try:
        marker = settings.crash_marker_dir / armed
        os.close(os.open(marker, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def _armed(crash_at: str | None, name: str) -> str | None:
    """The armed point that `name` is, of a comma-separated list."""
    points = crash_at.split(",") if crash_at else []
    return name if name in points else None
