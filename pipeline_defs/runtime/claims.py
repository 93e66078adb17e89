"""Claims: one worker at a time works on a unit, and only the newest may commit.

A claim is a lease in Postgres with a growing fence. A heartbeat renews all claims of the process in
one statement and brings back a claim that was lost (another worker has a newer fence), a wish to
cancel, and how often the unit was edited. The first two stop the unit's task; a commit with an old
fence is refused anyway.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import psycopg

from pipeline_defs import policies
from pipeline_defs.domain.errors import LostClaim, PipelineError
from pipeline_defs.runtime.concurrency import stop
from pipeline_defs.storage.database import Database, Transaction

log = logging.getLogger(__name__)
Stop = Literal["lost", "cancelled", "deadline"]


@dataclass(slots=True)
class Claim:
    """A unit held by this worker."""

    org_id: str
    unit_id: str
    kind: str
    status: str  # when it was claimed
    fence: int
    edits: int = 0  # how often people have changed parts of it, as far as this worker knows
    task: asyncio.Task[Any] | None = field(default=None, repr=False)
    stop: Stop | None = None
    settling: bool = False  # what is written now decides how the unit stands

    def learn_edits(self, edits: int) -> None:
        """So many are known of; answers of two connections may come in any order."""
        self.edits = max(self.edits, edits)

    def stop_for(self, reason: Stop) -> None:
        """Interrupt whoever works on the unit; the first reason counts, until it is settled."""
        if self.stop is None and not self.settling:
            self.stop = reason
            if self.task is not None:
                self.task.cancel()


async def guard(tx: Transaction, claims: Collection[Claim]) -> None:
    """The first statement of every commit: LostClaim when one's fence is no longer ours."""
    rows = await tx.all(
        "units.fenced",
        ids=[claim.unit_id for claim in claims],
        fences=[claim.fence for claim in claims],
    )
    held = {(row["id"], row["fence"]): row for row in rows}
    stopped = 0
    for claim in claims:
        row = held.get((claim.unit_id, claim.fence))
        if row is None:
            raise LostClaim(claim.unit_id)
        claim.learn_edits(row["edits"])
        if row["cancel_requested"] and claim.stop is None:
            claim.stop_for("cancelled")
            stopped += 1
    if stopped:  # they withdraw what they no longer want, and nothing of it is stored
        await asyncio.sleep(policies.WITHDRAWAL_GRACE)


class Claims:
    """All claims of a run, kept alive by one heartbeat."""

    def __init__(self, database: Database, run_id: str, ancestors: Sequence[str]) -> None:
        self._database = database
        self._run_id = run_id
        self._ancestors = list(ancestors)
        self._holder = f"{socket.gethostname()}:{os.getpid()}"
        self._held: dict[str, Claim] = {}

    @classmethod
    @asynccontextmanager
    async def open(
        cls, database: Database, run_id: str, ancestors: Sequence[str]
    ) -> AsyncGenerator[Claims]:
        """Claims for a run; `ancestors` are the runs it retries, whose claims it may take over."""
        claims = cls(database, run_id, ancestors)
        heartbeat = asyncio.create_task(claims._heartbeat())
        try:
            yield claims
        finally:
            await stop(heartbeat)

    async def take(self, unit_id: str) -> Claim | None:
        """Claim a unit, waiting out a dead run's lease; None when another keeps working on it."""
        give_up = time.monotonic() + policies.CLAIM_LEASE + policies.CLAIM_HEARTBEAT * 2
        while True:
            row = await self._database.one(
                None,
                "units.claim",
                id=unit_id,
                holder=self._holder,
                run_id=self._run_id,
                ancestors=[self._run_id, *self._ancestors],
                lease=policies.CLAIM_LEASE,
            )
            if row is not None:
                claim = Claim(row["org_id"], unit_id, row["kind"], row["status"], row["fence"])
                self._held[unit_id] = claim
                return claim
            if time.monotonic() > give_up or await self.holder_of(unit_id) is None:
                return None
            await asyncio.sleep(policies.CLAIM_HEARTBEAT)

    async def holder_of(self, unit_id: str) -> dict[str, Any] | None:
        """Who holds a unit; None when there is no such unit."""
        return await self._database.one(None, "units.claim_of", id=unit_id)

    def forget(self, claim: Claim) -> None:
        """Stop renewing."""
        self._held.pop(claim.unit_id, None)

    async def _heartbeat(self) -> None:
        while True:
            await asyncio.sleep(policies.CLAIM_HEARTBEAT)
            held = list(self._held.values())
            if not held:
                continue
            try:
                await self._renew(held)
            except (PipelineError, psycopg.Error) as error:  # away: nobody else can claim either
                log.warning("claims not renewed: %s", type(error).__name__)

    async def _renew(self, held: list[Claim]) -> None:
        rows = await self._database.all(
            None,
            "units.extend_claims",
            ids=[claim.unit_id for claim in held],
            fences=[claim.fence for claim in held],
            lease=policies.CLAIM_LEASE,
        )
        renewed = {row["id"]: row for row in rows}
        for claim in held:
            row = renewed.get(claim.unit_id)
            if claim.unit_id not in self._held:
                continue
            if row is None:
                claim.stop_for("lost")
                continue
            claim.learn_edits(row["edits"])
            if row["cancel_requested"]:
                claim.stop_for("cancelled")
