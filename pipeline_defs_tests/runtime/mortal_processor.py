"""A process that dies while it hands over a batch: `<database url>`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

from pipeline_defs.domain.flows import Batch
from pipeline_defs.runtime.arrivals import Event, Outcome
from pipeline_defs.runtime.inbox import process_open_events
from pipeline_defs.runtime.routes import Routes
from pipeline_defs.storage.database import Database, Transaction
from pipeline_defs_tests.runtime.orders import PLACED, placed_together


async def dying(tx: Transaction, events: Sequence[Event]) -> list[Outcome]:
    """The effect, and death before its commit."""
    await placed_together(tx, events)
    os.kill(os.getpid(), signal.SIGKILL)
    return []


async def main(url: str) -> None:
    """Process what is due."""
    routes = Routes({}, {PLACED: dying}, {PLACED: Batch(size=3, seconds=60)})
    async with Database.open(url) as database:
        await process_open_events(database, routes=routes)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
