"""Group commit: what the units of a run want to write becomes one transaction.

All transactions of a unit take the same row's lock, the fence, so they come one after the other
anyway; those of several units would each be flushed to disk. Those that wait are run together by
the next one: one begin, one guard, one commit and one flush for all of them, in the order in which
they came. One that fails undoes nothing of the others: the group is rolled back and each is run in
a transaction of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from pipeline_defs import policies
from pipeline_defs.domain.errors import LostClaim, PipelineError
from pipeline_defs.runtime.claims import Claim, guard
from pipeline_defs.storage.database import Database, Transaction

T = TypeVar("T")
Work = Callable[[Transaction], Awaitable[Any]]


class Commits:
    """What a run commits, in a group for each organization."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._groups: dict[str, GroupCommit] = {}

    async def run(self, claim: Claim, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """See `GroupCommit.run`."""
        if claim.org_id not in self._groups:
            self._groups[claim.org_id] = GroupCommit(self._database, claim.org_id)
        return await self._groups[claim.org_id].run(claim, work)


@dataclass(eq=False, slots=True)
class _Entry:
    claim: Claim
    work: Work
    ended: asyncio.Future[Any]
    wanted: bool = True


class GroupCommit:
    """Runs what it is given in order, in as few transactions as may be."""

    def __init__(self, database: Database, org_id: str) -> None:
        self._database = database
        self._org_id = org_id
        self._waiting: list[_Entry] = []
        self._runner: asyncio.Task[None] | None = None
        self._group: tuple[asyncio.Task[None], list[_Entry]] | None = None  # in flight

    async def run(self, claim: Claim, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """The answer of `work`, once it is committed under the claim's fence.

        `work` may run more than once. Raises LostClaim when another worker has taken over.
        Cancelled while it waits it is never run; cancelled in flight it may be committed or not,
        and this returns only when that is decided.
        """
        entry = _Entry(claim, work, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        if self._runner is None:
            self._runner = asyncio.create_task(self._run())
        try:
            return cast("T", await asyncio.shield(entry.ended))
        except asyncio.CancelledError:
            await self._withdraw(entry)
            raise

    async def _withdraw(self, entry: _Entry) -> None:
        entry.wanted = False
        if entry in self._waiting:
            self._waiting.remove(entry)
            return
        if self._group is not None:
            task, members = self._group
            if not any(member.wanted for member in members):
                task.cancel()
        if not entry.ended.done():
            await asyncio.wait([entry.ended])

    async def _run(self) -> None:
        while self._waiting:
            most = policies.GROUP_COMMIT_MOST
            members, self._waiting = self._waiting[:most], self._waiting[most:]
            task = asyncio.create_task(self._commit(members))
            self._group = (task, members)
            await asyncio.wait([task])
            self._group = None
            for member in members:
                if member.ended.done():
                    continue
                if task.cancelled():
                    member.ended.cancel()
                elif (error := task.exception()) is not None:  # such as a SystemExit
                    _fail(member, error)
        self._runner = None

    async def _commit(self, members: list[_Entry]) -> None:
        if len(members) == 1 or not await self._together(members):
            for member in members:
                await self._alone(member)

    async def _together(self, members: list[_Entry]) -> bool:
        """Commit them as one; False when one of them failed and nothing was committed."""

        try:
            answers = await self._transact(members)
        except Exception as error:  # noqa: BLE001 # whose it is shows when each is run alone
            if not _concerns_all(error, members):
                return False
            for member in members:
                _fail(member, error)
            return True
        for member, answer in zip(members, answers, strict=True):
            member.ended.set_result(answer)
        return True

    async def _alone(self, member: _Entry) -> None:
        try:
            [answer] = await self._transact([member])
        except Exception as error:  # noqa: BLE001 # handed to whoever asked for it
            _fail(member, error)
        else:
            member.ended.set_result(answer)

    async def _transact(self, members: list[_Entry]) -> list[Any]:
        claims = {(m.claim.unit_id, m.claim.fence): m.claim for m in members}.values()

        async def under_their_fences(tx: Transaction) -> list[Any]:
            await guard(tx, claims)
            return [await member.work(tx) for member in members]

        return await self._database.transact(self._org_id, under_their_fences)


def _concerns_all(error: Exception, members: list[_Entry]) -> bool:
    """Whether the database is gone, or the claim of all of them."""
    if isinstance(error, PipelineError):
        return error.code == "DATABASE_UNAVAILABLE"
    return (
        isinstance(error, LostClaim)
        and len({(m.claim.unit_id, m.claim.fence) for m in members}) == 1
    )


def _fail(member: _Entry, error: BaseException) -> None:
    member.ended.set_exception(error)
    if not member.wanted:
        member.ended.exception()  # nobody waits for it any more
