"""A run that is to end lets its units settle first."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def interruptible(jobs: Sequence[asyncio.Task[Any]]) -> AsyncGenerator[asyncio.Event]:
    """Within the block, SIGTERM and SIGINT cancel the jobs instead of killing the process."""
    interrupted = asyncio.Event()
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        interrupted.set()
        for job in jobs:
            job.cancel()

    signals = (signal.SIGTERM, signal.SIGINT)
    before = {sent: signal.getsignal(sent) for sent in signals}
    for sent in signals:
        loop.add_signal_handler(sent, interrupt)
    try:
        yield interrupted
    finally:
        for sent, handler in before.items():
            loop.remove_signal_handler(sent)
            signal.signal(sent, handler)
