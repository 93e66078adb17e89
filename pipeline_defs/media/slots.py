"""Turns at the encoder: at most one job per core of this machine, over all processes of the user.

Every slot is a lock on a file, so the kernel frees it when its holder dies.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from pipeline_defs import policies
from pipeline_defs.media import folders

# Waiters of one process stand in line and only the first of them looks for a free slot: so each
# process has the same chance, however many jobs it has waiting.
_lines: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


@asynccontextmanager
async def encoder_slot() -> AsyncGenerator[None]:
    """Wait for a slot, and hold it for the block."""
    async with _lines.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        while (slot := _take()) is None:
            await asyncio.sleep(policies.ENCODER_SLOT_POLL * random.uniform(0.5, 1.5))  # noqa: S311
    try:
        yield
    finally:
        os.close(slot)


def slot_count() -> int:
    """How many encoders this machine runs at once."""
    return os.cpu_count() or 1


def _take() -> int | None:
    folder = folders.own_folder("encoders")
    for number in range(slot_count()):
        path = folder / f"slot-{number}"
        path.touch(mode=0o600)
        if (held := folders.lock(path)) is not None:
            return held
    return None
