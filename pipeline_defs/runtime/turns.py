"""Turns: the units of a run that wait in a queue until they may begin.

Which one is next is decided for all runs and hosts at once, at the moment a place is free, so a
unit that became urgent after a run was launched still goes first. Nobody holds a claim meanwhile:
a unit that waits can be cancelled at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from pipeline_defs import policies
from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.runtime.concurrency import stop
from pipeline_defs.runtime.lines import Line, Queue
from pipeline_defs.settings import Settings
from pipeline_defs.storage.database import Database

log = logging.getLogger(__name__)


class Turns:
    """The waiting units of one run. Use as `async with Turns.open(...)`."""

    def __init__(
        self, database: Database, settings: Settings, queue: Queue | None, *, by_hand: bool
    ) -> None:
        self._database = database
        self._settings = settings
        self._queue = queue
        self._by_hand = by_hand
        self._waiting: dict[str, asyncio.Future[bool]] = {}
        self._changed = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, database: Database, settings: Settings, line: Line, *, by_hand: bool
    ) -> AsyncGenerator[Turns]:
        """With somebody asking, if the line has a queue.

        `by_hand`: a person started the run: units that are finished are queued again.
        """
        turns = cls(database, settings, line.queue, by_hand=by_hand)
        asking = asyncio.create_task(turns._ask_forever()) if line.queue else None
        try:
            yield turns
        finally:
            if asking is not None:
                await stop(asking)

    async def wait_for(self, unit_id: str) -> bool:
        """Wait for the unit's turn; False when it was cancelled meanwhile, or does not exist."""
        queue = self._queue
        if queue is None:
            return True
        if self._by_hand and not await self._joined(queue, unit_id):
            return False
        turn = self._waiting[unit_id] = asyncio.get_running_loop().create_future()
        self._changed.set()
        try:
            return await turn
        finally:
            del self._waiting[unit_id]

    async def _joined(self, queue: Queue, unit_id: str) -> bool:
        """Queue the unit, if there is one of that key."""
        owner = await self._database.one(None, "units.organization_of", id=unit_id)
        if owner is None or owner["org_id"] is None:
            return False
        await self._database.transact(owner["org_id"], lambda tx: queue.join(tx, unit_id))
        return True

    def released(self) -> None:
        """A unit of this run has ended: there is a free place."""
        self._changed.set()

    async def _ask_forever(self) -> None:
        while True:
            self._changed.clear()
            if self._waiting:
                try:
                    await self._ask()
                except PipelineError as error:  # away: nobody has a turn meanwhile
                    log.warning("no turns asked for: %s", error)
            limit = policies.PAGE_TURN_POLL if self._waiting else None
            try:
                async with asyncio.timeout(limit):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def _ask(self) -> None:
        if self._queue is None:
            return
        given = await self._queue.take_turns(self._database, self._settings, list(self._waiting))
        for unit_id, go in given.items():
            turn = self._waiting.get(unit_id)
            if turn is not None and not turn.done():
                turn.set_result(go)
