"""The ledger beside a model of a provider: whatever dies when, a step is made once and billed once.

The provider of the model answers each idempotency key once, for money, and repeats that answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from redis.asyncio import Redis

from pipeline_defs.domain.errors import LostClaim, Permanent, PipelineError, Transient
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.failures import InvalidAnswer, Refused
from pipeline_defs.policies import MAX_TRIES_PER_STEP, Retry, StepPolicy
from pipeline_defs.runtime.claims import Claims
from pipeline_defs.runtime.group_commit import Commits
from pipeline_defs.runtime.paid_calls import Outcome, Paid, Try
from pipeline_defs.runtime.permits import Permits
from pipeline_defs.runtime.rates import Rates
from pipeline_defs.runtime.work import UnitWork
from pipeline_defs.storage.database import Database
from pipeline_defs_tests.runtime.conftest import ORG, new_article
from pipeline_defs_tests.runtime.ledger_world import (
    Answer,
    Death,
    Ending,
    Happening,
    Inputs,
    Killed,
    MortalDatabase,
    World,
    Wrong,
)
from pipeline_defs_tests.runtime.provider_for_tests import usage
from pipeline_defs_tests.servers import TestDatabase

HAPPENINGS = st.sampled_from(Happening.__args__)  # pyright: ignore[reportAttributeAccessIssue]
AT_ONCE = StepPolicy("text", timeout=20, retry=Retry(attempts=3, base=0, cap=0))
STEP = "write"
PARTITIONS = ("01", "02")
LEDGER = """
select input_hash, status, tries, result from app.ledger
where unit_id = %s and partition = %s and step = %s
"""
BILL = """
select count(*), coalesce(sum(cost_usd), 0) from app.usage
where unit_id = %s and partition = %s and step = %s
"""


class LedgerModel(RuleBasedStateMachine):
    """Workers of one unit, one after the other, and what the provider saw of them."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.unit = world.run(new_article(world.db))
        self.answers: dict[str, Answer] = {}
        self.owner: dict[str, Inputs] = {}  # of each key
        self.inputs: dict[tuple[str, str], Inputs] = {}
        self.runs: list[str] = []
        self.old: UnitWork | None = None
        self.worker = world.run(self.new_worker())

    # --- workers ---------------------------------------------------------------------------------

    async def new_worker(self) -> UnitWork:
        """A worker with a newer fence than all before."""
        run_id = f"{self.unit}-run-{len(self.runs) + 1}"
        claim = await Claims(self.world.db, run_id, self.runs).take(self.unit)
        assert claim is not None
        self.runs.append(run_id)
        return await self.on(self.world.db, claim, run_id)

    async def on(self, db: Database, claim: Any, run_id: str) -> UnitWork:
        rates = Rates("redis://unused")
        return await UnitWork(Commits(db), self.world.permits, rates, claim, run_id).open()

    async def mortal(self, death: Death | None) -> UnitWork:
        """The worker of now, with its death ahead of it."""
        database = MortalDatabase(self.world.db, None)
        work = await self.on(database, self.worker.claim, self.runs[-1])
        database.death, database.made = death, 0
        return work

    async def replaced(self) -> None:
        self.old, self.worker = self.worker, await self.new_worker()

    # --- the provider ----------------------------------------------------------------------------

    def called(self, inputs: Inputs, this: Try) -> None:
        """Every call is under the key it has to be under."""
        key = this.idempotency_key
        assert inputs.result is None, "made again although it was done"
        assert self.owner.setdefault(key, inputs) is inputs, "a key of other inputs"
        assert this.complaint in inputs.messages
        if not inputs.keys:
            inputs.keys.append(key)
        elif inputs.told == "nothing":
            assert key == inputs.keys[-1], "a lost answer has to be asked for under its key"
        elif inputs.told == "surely":
            assert key not in inputs.keys, "the provider would repeat what was of no use"
        elif key != inputs.keys[-1]:
            assert key not in inputs.keys
        if key != inputs.keys[-1]:
            inputs.keys.append(key)
        inputs.told = "nothing"

    def answer(self, inputs: Inputs, key: str, kind: Happening) -> Outcome:
        """The answer kept under the key, else a new one of this kind."""
        new = kind if kind in ("invalid", "refused") else "answered"
        kept = self.answers.setdefault(key, Answer(new, {"text": f"answer {len(self.answers)}"}))
        if kept.usable:
            return Outcome(kept.result, (usage(),))
        inputs.told = "surely"
        refusal = kept.kind == "refused"
        error = (Refused if refusal else _invalid)("provider", f"no use: {key}", (usage(),))
        inputs.messages.add(error.message)
        raise error

    def provider(
        self, inputs: Inputs, script: list[Happening], calls: list[str]
    ) -> Callable[[Try], Awaitable[Outcome]]:
        """A call to which things happen as in the script; then it is answered."""
        ahead = list(script)

        async def call(this: Try) -> Outcome:
            try:
                self.called(inputs, this)
            except AssertionError as error:
                raise Wrong from error
            calls.append(this.idempotency_key)
            happens = ahead.pop(0) if ahead else "answered"
            if happens == "busy":
                raise Transient("OVERLOADED", "busy")
            if happens == "quota" and this.idempotency_key not in self.answers:
                raise Permanent("QUOTA", "no credit")
            if happens == "bug":
                raise KeyError(this.idempotency_key)
            if happens in ("lost", "killed"):
                self.answers.setdefault(this.idempotency_key, Answer("answered", {"text": "late"}))
                raise Killed if happens == "killed" else Transient("CONNECTION_LOST", "gone")
            if happens == "superseded":
                await self.replaced()
            return self.answer(inputs, this.idempotency_key, happens)

        return call

    # --- a paid step -----------------------------------------------------------------------------

    def current(self, partition: str) -> Inputs:
        """The inputs of a partition: its generation is one of them."""
        name = f"{self.unit}/{partition}"
        row = self.world.run(
            self.world.db.one(ORG, "ledger.generation", asset="draft", partition=name)
        )
        assert row is not None
        wanted = version_of(name, row["generation"])
        return self.inputs.setdefault((name, wanted), Inputs(name, wanted))

    def tries(self, inputs: Inputs) -> tuple[str, int, dict[str, Any] | None]:
        rows = self.world.admin.execute(LEDGER, [self.unit, inputs.partition, STEP]).fetchall()
        found = [
            (status, tries, result)
            for name, status, tries, result in rows
            if name == inputs.input_hash
        ]
        assert len(found) <= 1
        return found[0] if found else ("", 0, None)

    async def try_to_pay(self, work: UnitWork, inputs: Inputs, script: list[Happening]) -> Ending:
        calls: list[str] = []
        call = self.provider(inputs, script, calls)
        try:
            paid = await work.paid(inputs.partition, STEP, inputs.input_hash, AT_ONCE, call)
        except (PipelineError, LostClaim, Killed) as error:
            return Ending(None, error, calls)
        except Wrong as wrong:
            raise AssertionError(f"a wrong call: {wrong.__cause__}") from wrong
        return Ending(paid, None, calls)

    def make(
        self,
        inputs: Inputs,
        script: list[Happening],
        death: Death | None = None,
        *,
        has_read_long_ago: bool = False,
    ) -> Ending:
        """Make the step by the worker of now; dead or superseded, the next one takes its place."""
        _, tries_before, done_before = self.tries(inputs)
        work = self.worker if has_read_long_ago else self.world.run(self.mortal(death))
        ended = self.world.run(self.try_to_pay(work, inputs, script))
        status, tries, result = self.tries(inputs)
        if ended.dead and inputs.told == "surely":
            inputs.told = "maybe"  # it may have died before it could store that
        if done_before is not None:
            assert not ended.calls
            assert ended.paid == Paid(done_before, Decimal(0), reused=True)
            return ended
        if ended.calls:
            assert tries == tries_before + 1 <= MAX_TRIES_PER_STEP
        elif tries_before >= MAX_TRIES_PER_STEP and not ended.dead:
            assert isinstance(ended.raised, Permanent)
            assert ended.raised.code == "TOO_MANY_TRIES"
        else:
            assert ended.dead
        if status == "done":
            last = self.answers[ended.calls[-1]]
            assert last.usable
            assert result == last.result
            inputs.result = result
        if ended.paid is not None:
            assert ended.paid.result == inputs.result
            assert not ended.paid.reused
        if isinstance(ended.raised, Killed):
            self.world.run(self.replaced())
        return ended

    @rule(
        partition=st.sampled_from(PARTITIONS),
        script=st.lists(HAPPENINGS, max_size=3),
        has_read_long_ago=st.booleans(),
    )
    def paid_call(self, partition: str, script: list[Happening], has_read_long_ago: bool) -> None:
        """By a worker that knows the ledger of now, or of when it took the unit."""
        self.make(self.current(partition), script, has_read_long_ago=has_read_long_ago)

    @rule(
        partition=st.sampled_from(PARTITIONS),
        script=st.lists(st.sampled_from(["busy", "invalid", "refused", "lost"]), max_size=2),
        death=st.builds(Death, st.integers(1, 5), st.booleans()),
    )
    def paid_call_of_a_worker_that_dies(
        self, partition: str, script: list[Happening], death: Death
    ) -> None:
        """Between any two transactions, and between a commit and its answer."""
        self.make(self.current(partition), script, death)

    @rule(
        partition=st.sampled_from(PARTITIONS),
        times=st.integers(2, MAX_TRIES_PER_STEP),
        happens=st.sampled_from(["killed", "busy"]),
    )
    def what_kills_its_workers(self, partition: str, times: int, happens: Happening) -> None:
        for _ in range(times):
            self.make(self.current(partition), [happens] * 3)

    @rule()
    def run_again(self) -> None:
        """A new run, and the worker before it becomes one of old."""
        self.world.run(self.replaced())

    @precondition(lambda self: self.old is not None)
    @rule(partition=st.sampled_from(PARTITIONS))
    def a_worker_with_an_old_fence_goes_on(self, partition: str) -> None:
        """It pays for nothing and changes nothing."""
        assert self.old is not None
        inputs = self.current(partition)
        before = self.tries(inputs)
        ended = self.world.run(self.try_to_pay(self.old, inputs, []))
        assert not ended.calls
        assert isinstance(ended.raised, LostClaim) or (ended.paid is not None and ended.paid.reused)
        assert self.tries(inputs) == before

    @rule(partition=st.sampled_from(PARTITIONS))
    def raise_the_generation(self, partition: str) -> None:
        """Again on purpose: the same step is other inputs from now on."""
        before = self.current(partition)
        self.world.run(
            self.worker.transact(
                lambda tx: tx.run(
                    "ledger.raise_generation",
                    unit_id=self.unit,
                    asset="draft",
                    partition=before.partition,
                )
            )
        )
        assert self.current(partition) is not before

    # --- what always holds -----------------------------------------------------------------------

    @invariant()
    def at_most_one_entry_is_done_and_it_stays_as_it_is(self) -> None:
        for inputs in self.inputs.values():
            status, _, result = self.tries(inputs)
            assert result == inputs.result
            assert (status == "done") == (inputs.result is not None)

    @invariant()
    def each_answer_is_on_the_bill_once(self) -> None:
        """Missing are at most answers nobody has heard yet: the last one of unfinished inputs."""
        for partition in {inputs.partition for inputs in self.inputs.values()}:
            known = [inputs for inputs in self.inputs.values() if inputs.partition == partition]
            answered = [[key for key in i.keys if key in self.answers] for i in known]
            most = sum(map(len, answered))
            open_ones = sum(
                bool(keys) and keys[-1] == inputs.keys[-1] and self.may_be_missing(inputs)
                for inputs, keys in zip(known, answered, strict=True)
            )
            row = self.world.admin.execute(BILL, [self.unit, partition, STEP]).fetchone()
            assert row is not None
            lines, cost = row
            assert most - open_ones <= lines <= most
            assert cost == lines * usage().cost_usd

    def may_be_missing(self, inputs: Inputs) -> bool:
        return inputs.result is None and inputs.told != "surely"

    def teardown(self) -> None:
        """In the end everything is made that may be tried once more, and the bill is complete."""
        for inputs in list(self.inputs.values()):
            _, tries, _ = self.tries(inputs)
            while inputs.result is None and 0 < tries < MAX_TRIES_PER_STEP:
                self.make(inputs, [])
                _, tries, _ = self.tries(inputs)
        self.each_answer_is_on_the_bill_once()


def _invalid(_provider: str, message: str, used: Any) -> InvalidAnswer:
    return InvalidAnswer(message, used)


@pytest.fixture
def world(database: TestDatabase, admin: psycopg.Connection, redis_url: str) -> Iterator[World]:
    """Workers' parts, open for the length of the test."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def enter() -> World:
            db = await stack.enter_async_context(Database.open(database.app_url, patience=15))
            redis = Redis.from_url(redis_url)
            stack.push_async_callback(redis.aclose)
            permits = await stack.enter_async_context(Permits.open(redis))
            return World(runner, db, permits, admin)

        made = runner.run(enter())
        try:
            yield made
        finally:
            runner.run(stack.aclose())


def test_whatever_dies_when_a_step_is_made_once_and_each_answer_billed_once(world: World) -> None:
    run_state_machine_as_test(
        lambda: LedgerModel(world),
        settings=settings(
            max_examples=25,
            stateful_step_count=15,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
