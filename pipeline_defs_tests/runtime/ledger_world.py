"""What the property test of the ledger is made of: mortal workers, answers, inputs, endings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import psycopg

from pipeline_defs.domain.errors import LostClaim
from pipeline_defs.runtime.paid_calls import Paid
from pipeline_defs.runtime.permits import Permits
from pipeline_defs.storage.database import Database, Transaction

T = TypeVar("T")
Happening = Literal[
    "answered", "invalid", "refused", "busy", "quota", "bug", "lost", "killed", "superseded"
]
Told = Literal["nothing", "maybe", "surely"]


class Killed(BaseException):
    """The worker's process is gone: nothing of it handles this."""


class Wrong(BaseException):
    """The provider was called as it must not be; nothing takes this for a failure of its own."""


@dataclass
class Death:
    """After how many transactions a worker dies, and whether the last one was committed."""

    transactions: int
    committed: bool


class MortalDatabase(Database):
    """The database of a worker that dies at a transaction of its own."""

    def __init__(self, whole: Database, death: Death | None) -> None:
        super().__init__(whole._pool, whole._patience, None)
        self.death, self.made = death, 0

    async def transact(self, org_id: str | None, work: Callable[[Transaction], Awaitable[T]]) -> T:
        self.made += 1
        fatal = self.death is not None and self.made == self.death.transactions
        if fatal and not self.death.committed:
            raise Killed
        result = await super().transact(org_id, work)
        if fatal:
            raise Killed
        return result


@dataclass
class World:
    """Everything a worker needs, and a loop to use it from the steps of a machine."""

    runner: asyncio.Runner
    db: Database
    permits: Permits
    admin: psycopg.Connection

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        """Let the loop run until it is done."""
        return self.runner.run(doing)


@dataclass
class Answer:
    """What the provider keeps under a key."""

    kind: Literal["answered", "invalid", "refused"]
    result: dict[str, Any]

    @property
    def usable(self) -> bool:
        return self.kind == "answered"


@dataclass
class Inputs:
    """What happened to one set of inputs of a partition."""

    partition: str
    input_hash: str
    keys: list[str] = field(default_factory=list)  # each different one, in order
    told: Told = "nothing"  # whether a worker stored that the last key brought nothing of use
    messages: set[str] = field(default_factory=lambda: {""})
    result: dict[str, Any] | None = None  # once done


@dataclass
class Ending:
    """How a paid step ended, and the keys it called the provider under."""

    paid: Paid | None
    raised: BaseException | None
    calls: list[str]

    @property
    def dead(self) -> bool:
        """Whether it ended without settling anything."""
        return isinstance(self.raised, Killed | LostClaim)
