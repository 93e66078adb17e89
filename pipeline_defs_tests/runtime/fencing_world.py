"""What the property test of fencing is made of: workers, and what they share."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import psycopg
from redis.asyncio import Redis

from pipeline_defs.domain.errors import LostClaim
from pipeline_defs.runtime.claims import Claims
from pipeline_defs.runtime.permits import Permits
from pipeline_defs.runtime.rates import Rates
from pipeline_defs.runtime.work import Made, UnitWork
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Database, Transaction

T = TypeVar("T")
Ending = Literal["done", "lost", "cancelled"]


@dataclass(eq=False)
class Worker:
    """A run at work on the unit."""

    run_id: str
    claims: Claims
    work: UnitWork
    frozen: bool = False
    gave_back: bool = False

    @property
    def stopped(self) -> bool:
        """Whether its body was told to end: all it still does is to settle the unit."""
        return self.work.claim.stop is not None

    async def attempt(self, doing: Callable[[], Awaitable[Any]]) -> Ending:
        """Do it as the task that the claim may stop."""
        claim = self.work.claim
        claim.task = asyncio.ensure_future(doing())
        try:
            await claim.task
        except LostClaim:
            return "lost"
        except asyncio.CancelledError:
            return "cancelled"
        finally:
            claim.task = None
        return "done"

    async def commit(
        self, unit: str, name: str, meanwhile: asyncio.Task[Any] | None = None
    ) -> Ending:
        """Write to every table a worker writes to."""
        made = Made("section_draft", name, "v1", "c1", "h1")

        async def put(tx: Transaction) -> None:
            if meanwhile is not None:
                await asyncio.wait([meanwhile], timeout=0.02)
                assert not meanwhile.done(), "taken over in the middle of a commit"
            await tx.run("units.set_title", id=unit, title=name)
            await units.audit(tx, "tester", "commit", unit, name=name)
            units.append_progress(tx, unit, stage="commit", outcome="finished", message=name)

        return await self.attempt(lambda: self.work.store(made, put))


class World:
    """The database, and a loop to talk to it from the steps of a machine."""

    def __init__(self, runner: asyncio.Runner, db: Database, admin: psycopg.Connection) -> None:
        self.runner, self.db, self.admin = runner, db, admin
        unused = Redis.from_url("redis://unused")
        self.permits, self.rates = Permits(unused, {}, 1.0), Rates("redis://unused")

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        """Let the loop run until it is done."""
        return self.runner.run(doing)


Step = Callable[..., None]


def when(holds: Callable[[Any], Any]) -> Callable[[Step], Step]:
    """Let a rule do nothing where it makes no sense.

    Hypothesis' own preconditions choose among rules, and have to choose alike when an example is
    run again; here races decide what state a step leads to.
    """

    def guarded(step: Step) -> Step:
        @functools.wraps(step)
        def do(self: Any, **drawn: int) -> None:
            if holds(self):
                step(self, **drawn)

        return do

    return guarded
