"""Transactions on the application's database, always in the name of one organization or of none.

The organization is set inside the transaction and ends with it, so a pooled connection can carry
nothing from one organization to the next. Without one, row-level security shows no rows; only the
functions made for it answer.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from psycopg import AsyncConnection, AsyncCursor, AsyncPipeline
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from pipeline_defs import policies
from pipeline_defs.domain.errors import Transient
from pipeline_defs.storage.json_values import StorableJson
from pipeline_defs.storage.queries import statement
from pipeline_defs.storage.unsent import Returned, Row, Unsent

T = TypeVar("T")
# A lost connection, a restarting server or a conflict with another transaction: the work is run
# again. States, results and the ledger are guarded by a fence, a unique key or a legal move; where
# only the answer to a commit was lost, a progress event or an audit entry may stand twice.
RETRIED = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.ReadOnlySqlTransaction,  # a standby, for the moments of a failover
    PoolTimeout,
)
SET_ORGANIZATION = "select set_config('app.org', %s, true)"
IDLE_IN_TRANSACTION = policies.CLAIM_LEASE / 2


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """A stored progress event: number `seq` of its unit."""

    unit_id: str
    seq: int
    event: dict[str, Any]


Numbering = Callable[[], Awaitable[list[ProgressEvent]]]
Announce = Callable[[str, list[ProgressEvent]], Awaitable[None]]


class Transaction:
    """Statements of one open transaction, by the names of the SQL files.

    What nobody wants an answer of is sent together with the next that somebody does, or with the
    commit: one way to Postgres and back instead of one each. A failure of such a statement is told
    then. What is asked for `each` of many rows becomes one statement for all of them.

    `progress`: events of units, by their id, that are stored when the transaction ends and
    announced once it is committed. `last`: what is to be done before that, once by its key.
    `seen`: what was looked up and holds as long as nobody takes it out.
    """

    def __init__(
        self, connection: AsyncConnection[DictRow], pipeline: AsyncPipeline, org_id: str
    ) -> None:
        self._connection = connection
        self._pipeline = pipeline
        self._unsent = Unsent()
        self._unsent.add(SET_ORGANIZATION, [org_id])
        self._awaited: list[tuple[AsyncCursor[DictRow], Returned]] = []
        self.progress: list[tuple[str, dict[str, Any]]] = []
        self.last: dict[Hashable, Callable[[], Awaitable[None]]] = {}
        self.seen: dict[Hashable, Any] = {}

    async def all(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        """Every row of the answer."""
        return await (await self._answered(name, parameters)).fetchall()

    async def one(self, name: str, **parameters: Any) -> dict[str, Any] | None:
        """The first row, or None."""
        return await (await self._answered(name, parameters)).fetchone()

    async def touched(self, name: str, **parameters: Any) -> int:
        """The number of rows touched."""
        return (await self._answered(name, parameters)).rowcount

    async def run(self, name: str, **parameters: Any) -> None:
        """Have it executed before the next statement that is asked for an answer."""
        await self._send_what_is_enough()
        self._unsent.add(statement(name), parameters)

    async def each(self, name: str, /, about: Hashable = None, **row: Any) -> Returned:
        """Have a statement executed for this row, together with others it is asked for.

        It takes effect after what was asked for `about` the same before; rows about nothing in
        particular take effect in any order. What it returned, for all of them, is known after the
        commit.
        """
        await self._send_what_is_enough()
        return self._unsent.add_row(name, about, row, policies.STATEMENTS_SENT_TOGETHER)

    async def commit(self) -> Numbering:
        """Do what is left for the end, and commit with what else the pipeline sends when it ends.

        What it returns reads what came back, and numbers the progress events, after that.
        """
        while self.last:
            _, work = self.last.popitem()
            await work()
        await self._send()
        told = await self._append_progress() if self.progress else None
        await self._connection.commit()

        async def numbering() -> list[ProgressEvent]:
            for cursor, returned in self._awaited:
                if cursor.description is not None:
                    returned.rows = await cursor.fetchall()
            return self._numbered(await told.fetchall()) if told is not None else []

        return numbering

    async def _answered(self, name: str, parameters: Row) -> AsyncCursor[DictRow]:
        """Postgres sees an idle transaction only after a sync, and ends it where its client is
        frozen: so nobody waits for anything between a statement and its sync.
        """
        await self._send()
        cursor = await self._connection.execute(statement(name), parameters)
        await self._pipeline.sync()
        return cursor

    async def _send_what_is_enough(self) -> None:
        if len(self._unsent) >= policies.STATEMENTS_SENT_TOGETHER:
            await self._send()
            await self._pipeline.sync()

    async def _send(self) -> None:
        for one in self._unsent.taken():
            cursor = await self._connection.execute(one.query, one.parameters)
            if one.returned is not None:
                self._awaited.append((cursor, one.returned))

    async def _append_progress(self) -> AsyncCursor[DictRow]:
        return await self._connection.execute(
            statement("progress.append"),
            {
                "unit_ids": [unit_id for unit_id, _ in self.progress],
                "events": [event for _, event in self.progress],
            },
        )

    def _numbered(self, rows: Sequence[Row]) -> list[ProgressEvent]:
        """The events as they are stored, without those of units that are gone."""
        stored: defaultdict[str, list[Row]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: -row["seq"]):
            stored[row["unit_id"]].append(row)
        return [
            _as_stored(unit_id, stored[unit_id].pop(), event)
            for unit_id, event in self.progress
            if stored[unit_id]
        ]


def _as_stored(unit_id: str, row: Row, event: dict[str, Any]) -> ProgressEvent:
    counted = {"percentage": row["percentage"]} if "percentage" in event else {}
    return ProgressEvent(unit_id, row["seq"], event | counted)


class Database:
    """A pool of connections; `transact` is the only way in."""

    def __init__(
        self,
        pool: AsyncConnectionPool[AsyncConnection[DictRow]],
        patience: float,
        announce: Announce | None,
    ) -> None:
        self._pool = pool
        self._patience = patience
        self._announce = announce

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        url: str,
        *,
        most_connections: int = 10,
        patience: float = policies.POSTGRES_OUTAGE_TOLERANCE,
        statement_timeout: float = policies.DATABASE_STATEMENT_TIMEOUT,
        announce: Announce | None = None,
    ) -> AsyncGenerator[Database]:
        """Open a pool on `url`.

        `patience`: for how many seconds a transaction is tried again while Postgres is away; a
        worker waits out a restart, the gateway answers 503 within its own limit.
        `announce` is told the progress events of each transaction after its commit.
        """
        pool = AsyncConnectionPool(
            url,
            min_size=1,
            reconnect_timeout=2,  # then afresh, as its back-off doubles the length of an outage
            max_size=most_connections,
            timeout=min(policies.GATEWAY_DATABASE_TIMEOUT, statement_timeout),
            open=False,
            configure=_configure,
            connection_class=AsyncConnection[DictRow],
            kwargs={
                "row_factory": dict_row,
                "connect_timeout": 3,
                "keepalives_idle": 5,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                # The second ends the transaction of a frozen process, whose locks would keep
                # others from taking over and from cancelling. The third: what a connection learned
                # while a table was small (its foreign keys too) must not read the whole of it for
                # each row once a batch of ten thousand has come.
                "options": f"-c statement_timeout={int(statement_timeout * 1000)} "
                f"-c idle_in_transaction_session_timeout={int(IDLE_IN_TRANSACTION * 1000)} "
                "-c enable_seqscan=off",
            },
        )
        await pool.open()
        try:
            yield cls(pool, patience, announce)
        finally:
            await pool.close(timeout=2)

    async def transact(self, org_id: str | None, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `work` in one transaction for `org_id` and return its answer.

        `work` may run more than once: it must have no effect but through its transaction.
        Raises Transient `DATABASE_UNAVAILABLE` when Postgres stays away longer than the patience.
        """
        started = time.monotonic()
        delay = 0.05
        while True:
            try:
                async with self._pool.connection() as connection:  # or it is rolled back
                    async with connection.pipeline() as pipeline:
                        tx = Transaction(connection, pipeline, org_id or "")
                        result = await work(tx)
                        numbering = await tx.commit()
                    events = await numbering()
                break
            except psycopg.errors.QueryCanceled as error:
                raise Transient(
                    "DATABASE_SLOW",
                    "a statement took longer than its limit",
                    advice="Look for locks or load in Postgres, then try again.",
                ) from error
            except RETRIED as error:
                if time.monotonic() - started + delay > self._patience:
                    raise Transient(
                        "DATABASE_UNAVAILABLE",
                        f"the database does not answer ({type(error).__name__})",
                        advice="Check Postgres with `pipeline doctor`; the work goes on by itself.",
                    ) from error
                await asyncio.sleep(delay)
                delay = min(delay * 2, 1.0)
        if events and self._announce is not None:
            await self._announce(org_id or "", events)
        return result

    async def one(self, org_id: str | None, name: str, **parameters: Any) -> dict[str, Any] | None:
        """One statement in a transaction of its own; its first row."""
        return await self.transact(org_id, lambda tx: tx.one(name, **parameters))

    async def all(self, org_id: str | None, name: str, **parameters: Any) -> list[dict[str, Any]]:
        """One statement in a transaction of its own; its rows."""
        return await self.transact(org_id, lambda tx: tx.all(name, **parameters))

    async def run(self, org_id: str | None, name: str, **parameters: Any) -> None:
        """One statement in a transaction of its own."""
        await self.transact(org_id, lambda tx: tx.run(name, **parameters))

    async def each(self, org_id: str | None, name: str, /, **row: Any) -> None:
        """One statement for one row in a transaction of its own."""
        await self.transact(org_id, lambda tx: tx.each(name, **row))

    async def touched(self, org_id: str | None, name: str, **parameters: Any) -> int:
        """One statement in a transaction of its own; the number of rows touched."""
        return await self.transact(org_id, lambda tx: tx.touched(name, **parameters))


async def _configure(connection: AsyncConnection[Any]) -> None:
    for json_type in (dict, Jsonb):
        connection.adapters.register_dumper(json_type, StorableJson)
