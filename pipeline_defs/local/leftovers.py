"""Processes of this copy that outlived a killed supervisor.

Every process of a stack carries the variable `PIPELINE_STACK_MEMBER=<state directory>`, so what is
ours is known for certain and nothing else is ever ended.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import psutil

from pipeline_defs.local.guard import MEMBER


def find(state: Path) -> list[psutil.Process]:
    """Live processes of the stack in this state directory, the calling one apart."""
    others = (process for process in psutil.process_iter() if process.pid != os.getpid())
    return [process for process in others if _belongs(process, str(state))]


def _belongs(process: psutil.Process, state: str) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and process.environ().get(MEMBER) == state
    except (psutil.Error, OSError):
        return False


def end(state: Path, grace: float = 3.0) -> int:
    """End them: ask first, then kill. Returns how many there were."""
    found = find(state)
    for process in found:
        _signal(process.terminate)
    _, remaining = psutil.wait_procs(found, timeout=grace)
    for process in remaining:
        _signal(process.kill)
    psutil.wait_procs(remaining, timeout=5)
    return len(found)


def _signal(send: Callable[[], None]) -> None:
    with contextlib.suppress(psutil.Error):
        send()
