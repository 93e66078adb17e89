"""Fencing beside a model of it: whatever workers do to one unit, only the newest may commit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from pipeline_defs import policies
from pipeline_defs.domain.errors import LostClaim
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.runtime import control
from pipeline_defs.runtime.claims import Claims, guard
from pipeline_defs.runtime.group_commit import Commits
from pipeline_defs.runtime.lines import ARTICLE_LINE
from pipeline_defs.runtime.work import UnitWork
from pipeline_defs.storage.database import Database, Transaction
from pipeline_defs_tests.runtime.conftest import ORG, new_article
from pipeline_defs_tests.runtime.fencing_world import Ending, T, Worker, World, when
from pipeline_defs_tests.servers import TestDatabase

TRACES = """
select coalesce((select array_agg(partition) from app.asset_versions where unit_id = u.id), '{}'),
       coalesce((select array_agg(event ->> 'message') from app.progress_events
                 where unit_id = u.id and event ->> 'stage' = 'commit'), '{}'),
       coalesce((select array_agg(detail ->> 'name') from app.audit_events
                 where unit_id = u.id and action = 'commit'), '{}'),
       title
from app.units u where id = %s
"""
STATE = """
select status, fence, cancel_requested_at is not null,
       claim_expires_at is not null and claim_expires_at >= now()
from app.units where id = %s
"""


class FencingModel(RuleBasedStateMachine):
    """Who may commit, according to a model that knows no fences."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.unit = world.run(new_article(world.db))
        self.workers: list[Worker] = []
        self.runs: list[str] = []
        self.newest: Worker | None = None  # who may commit
        self.holder: str | None = None  # run of the claim that was not given back
        self.live = False
        self.cancelling = False
        self.committed: list[str] = []
        self.title = "Honey bees"
        self.commits = 0
        self.highest_fence = 0

    # --- helpers ---------------------------------------------------------------------------------

    def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        return self.world.run(self.world.db.transact(ORG, work))

    def state(self) -> tuple[str, int, bool, bool]:
        """Status, fence, whether a wish to cancel is open, whether the lease is live."""
        row = self.world.admin.execute(STATE, [self.unit]).fetchone()
        assert row is not None
        return row

    @property
    def status(self) -> str:
        return self.state()[0]

    def pick(self, number: int) -> Worker:
        return self.workers[-1 - number % len(self.workers)]  # mostly the newest ones

    def name(self) -> str:
        self.commits += 1
        return f"{self.unit}/{self.commits:02}"

    def record(self, name: str) -> None:
        self.committed.append(name)
        self.title = name

    def nobody(self) -> None:
        """The unit was settled: no claim of before is worth anything."""
        self.newest, self.holder, self.live, self.cancelling = None, None, False, False

    def new_run(self, *, again: int | None = None) -> str:
        if again is None or not self.runs:
            self.runs.append(f"{self.unit}-run-{len(self.runs) + 1}")
            return self.runs[-1]
        return self.runs[-1 - again % len(self.runs)]

    async def enter(self, run_id: str, ancestors: list[str]) -> Worker | None:
        claims = Claims(self.world.db, run_id, ancestors)
        claim = await claims.take(self.unit)
        if claim is None:
            return None
        work = UnitWork(Commits(self.world.db), self.world.permits, self.world.rates, claim, run_id)
        return Worker(run_id, claims, await work.open())

    def entered(self, worker: Worker) -> None:
        assert worker.work.claim.fence > self.highest_fence
        self.workers.append(worker)
        self.newest, self.holder, self.live = worker, worker.run_id, True

    def expected_of(self, worker: Worker) -> Ending:
        if worker is not self.newest:
            return "lost"
        return "cancelled" if self.cancelling else "done"

    def within(self, worker: Worker, work: Callable[[Transaction], Awaitable[Any]]) -> bool:
        """Do it under the fence; whether it was done, which is as the model says."""
        expected = self.expected_of(worker)
        ended = self.world.run(worker.attempt(lambda: worker.work.transact(work)))
        assert ended == expected
        assert (worker.work.claim.stop == "cancelled") == (ended == "cancelled")
        return ended == "done"

    # --- claims ----------------------------------------------------------------------------------

    @rule(
        back=st.sets(st.integers(0, 3), max_size=2),
        again=st.none() | st.integers(0, 2),
    )
    def claim(self, back: set[int], again: int | None) -> None:
        """A run comes, maybe one that retries others or one that came before."""
        ancestors = [self.runs[-1 - number] for number in back if number < len(self.runs)]
        run_id = self.new_run(again=again)
        expected = not self.live or self.holder in {run_id, *ancestors}
        worker = self.world.run(self.enter(run_id, ancestors))
        assert (worker is not None) == expected
        if worker is not None:
            self.entered(worker)

    @rule()
    def succeed(self) -> None:
        """The holder's own successor never has to wait."""
        worker = self.world.run(self.enter(self.new_run(), [self.holder] if self.holder else []))
        assert worker is not None
        self.entered(worker)

    @rule()
    def strangers_rush_in(self) -> None:
        async def rush(names: list[str]) -> list[Worker]:
            came = await asyncio.gather(*[self.enter(name, []) for name in names])
            return [worker for worker in came if worker is not None]

        came = self.world.run(rush([self.new_run() for _ in range(3)]))
        assert len(came) == (0 if self.live else 1)
        for worker in came:
            self.entered(worker)

    @rule()
    def the_lease_runs_out(self) -> None:
        self.world.admin.execute(
            "update app.units set claim_expires_at = now() - interval '1 second' "
            "where id = %s and claim_expires_at is not null",
            [self.unit],
        )
        self.live = False

    @rule(number=st.integers(0, 3))
    @when(lambda self: self.workers)
    def heartbeat(self, number: int) -> None:
        """It renews what is still its own, even late, and tells everyone else to stop."""
        worker = self.pick(number)
        if worker.frozen or worker.gave_back or worker.stopped:
            return
        claim = worker.work.claim
        self.world.run(worker.claims._renew([claim]))
        if worker is not self.newest:
            assert claim.stop == "lost"
            return
        assert claim.stop == ("cancelled" if self.cancelling else None)
        self.live = True

    @rule(number=st.integers(0, 3))
    @when(lambda self: self.workers)
    def freeze(self, number: int) -> None:
        self.pick(number).frozen = True

    @rule()
    @when(lambda self: any(worker.frozen for worker in self.workers))
    def thaw(self) -> None:
        """All frozen ones go on at once, in the middle of what they did."""
        frozen = [worker for worker in self.workers if worker.frozen]
        for worker in frozen:
            worker.frozen = False
        self.commit_at_once([worker for worker in frozen if not worker.stopped])

    @rule()
    @when(lambda self: self.newest is not None and not self.newest.frozen)
    def release(self) -> None:
        """The unit goes to the next run, as after every run that leaves work to do."""
        worker = self.newest
        assert worker is not None
        if worker.stopped or worker.gave_back:
            return
        fence = worker.work.claim.fence
        working = self.status == "generating"

        async def give_back(tx: Transaction) -> None:
            if working:
                assert not await control.go_on(tx, ARTICLE_LINE, self.unit)
            await tx.run("units.release_claim", id=self.unit, fence=fence)

        if self.within(worker, give_back):
            worker.claims.forget(worker.work.claim)
            worker.gave_back, self.holder, self.live = True, None, False

    # --- commits ---------------------------------------------------------------------------------

    @rule(number=st.integers(0, 5))
    @when(lambda self: self.workers)
    def commit(self, number: int) -> None:
        worker = self.pick(number)
        if not (worker.frozen or worker.stopped or worker.gave_back):
            self.commit_at_once([worker])

    @rule()
    @when(lambda self: self.workers)
    def everyone_commits_at_once(self) -> None:
        self.commit_at_once([w for w in self.workers if not w.frozen and not w.stopped])

    def commit_at_once(self, workers: list[Worker]) -> None:
        async def race(names: list[str]) -> list[Ending]:
            pairs = zip(workers, names, strict=True)
            return await asyncio.gather(*[w.commit(self.unit, name) for w, name in pairs])

        names = [self.name() for _ in workers]
        endings = self.world.run(race(names))
        assert endings.count("done") <= 1
        for worker, name, ended in zip(workers, names, endings, strict=True):
            if ended == "done":
                self.record(name)
            if not worker.gave_back:  # late for its own settling: any end but a wrong one is fine
                assert ended == self.expected_of(worker)
            assert ended == "lost" or worker is self.newest

    @rule()
    @when(lambda self: self.newest is not None and not self.cancelling)
    def commit_while_a_successor_takes_over(self) -> None:
        """Either comes first; what was committed before the takeover stays."""
        before, name = self.newest, self.name()
        assert before is not None
        if before.frozen or before.stopped or before.gave_back:
            return

        async def race(run_id: str) -> tuple[Ending, Worker | None]:
            takeover = asyncio.create_task(self.enter(run_id, [before.run_id]))
            ended = await before.commit(self.unit, name, takeover)
            return ended, await takeover

        ended, successor = self.world.run(race(self.new_run()))
        assert successor is not None
        assert ended in ("done", "lost")
        self.entered(successor)
        if ended == "done":
            self.record(name)

    # --- the unit's own moves --------------------------------------------------------------------

    @rule(number=st.integers(0, 3))
    @when(lambda self: self.workers)
    def begin(self, number: int) -> None:
        worker = self.pick(number)
        if worker.frozen or worker.stopped or worker.gave_back:
            return
        claimed_in = worker.work.claim.status
        if self.within(worker, lambda tx: control.begin(tx, ARTICLE_LINE, self.unit, claimed_in)):
            assert self.status == "generating"

    @rule(number=st.integers(0, 3), status=st.sampled_from(["completed", "failed"]))
    @when(lambda self: self.workers)
    def finish(self, number: int, status: str) -> None:
        worker = self.pick(number)
        if worker.frozen or worker.stopped or worker.gave_back or self.status != "generating":
            return
        if self.within(worker, lambda tx: control.finish(tx, ARTICLE_LINE, self.unit, status)):
            assert self.status == status
            self.nobody()

    @rule()
    def request_cancel(self) -> None:
        """At once where nobody works on it, else its worker is told."""
        before = self.status
        unit = self.transact(lambda tx: control.cancel(tx, ARTICLE_LINE, self.unit, "user"))
        if before in FINAL_STATES:
            assert unit.status == before
        elif self.live:
            assert unit.status == before
            self.cancelling = True
        else:
            assert unit.status == "cancelled"
            self.nobody()

    @rule()
    @when(lambda self: any(worker.stopped for worker in self.workers))
    def the_stopped_ones_settle(self) -> None:
        """What a worker does once its body was stopped by a wish to cancel."""
        for worker in [w for w in self.workers if w.stopped and not w.frozen]:
            claim = worker.work.claim

            async def settle(tx: Transaction, fence: int = claim.fence) -> bool:
                if await tx.one("units.fenced", ids=[self.unit], fences=[fence]) is None:
                    return False
                await control.cancelled(tx, ARTICLE_LINE, self.unit, "generating")
                return True

            if claim.stop == "cancelled":
                assert self.transact(settle) == (worker is self.newest)
            if worker is self.newest:
                assert self.status == "cancelled"
                self.nobody()
            self.workers.remove(worker)

    # --- what always holds -----------------------------------------------------------------------

    @invariant()
    def at_most_one_worker_can_commit(self) -> None:
        async def probe(tx: Transaction) -> list[Worker]:
            able = []
            for worker in self.workers:
                try:
                    await guard(tx, [replace(worker.work.claim, task=None, stop=None)])
                except LostClaim:
                    continue
                able.append(worker)
            return able

        able = self.transact(probe)
        assert len(able) <= 1
        newest = [self.newest] if self.newest in self.workers else []
        if not (newest and newest[0].gave_back):
            assert able == newest

    @invariant()
    def the_fence_never_shrinks(self) -> None:
        _, fence, cancelling, live = self.state()
        assert fence >= self.highest_fence
        self.highest_fence = fence
        assert (cancelling, live) == (self.cancelling, self.live)

    @invariant()
    def only_commits_that_succeeded_left_a_trace(self) -> None:
        row = self.world.admin.execute(TRACES, [self.unit]).fetchone()
        assert row is not None
        *traces, title = row
        for trace in traces:
            assert sorted(trace) == self.committed
        assert title == self.title


@pytest.fixture
def world(
    database: TestDatabase, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """Leases end only where a step says so, and who is refused gives up at once."""
    monkeypatch.setattr(policies, "CLAIM_LEASE", 600.0)
    monkeypatch.setattr(policies, "CLAIM_HEARTBEAT", -300.0)
    with asyncio.Runner() as runner:
        opened = Database.open(database.app_url, patience=15)
        db = runner.run(opened.__aenter__())
        try:
            yield World(runner, db, admin)
        finally:
            runner.run(opened.__aexit__(None, None, None))


def test_whatever_workers_do_only_the_newest_commits(world: World) -> None:
    run_state_machine_as_test(
        lambda: FencingModel(world),
        settings=settings(
            max_examples=35,
            stateful_step_count=40,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
