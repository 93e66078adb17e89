"""The ledger: a paid step is made once for the same inputs, and the bill is true."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from redis.asyncio import Redis

from pipeline_defs import policies
from pipeline_defs.domain.errors import LostClaim, Permanent, PipelineError, Transient, Unknown
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.failures import InvalidAnswer
from pipeline_defs.policies import Retry, StepPolicy
from pipeline_defs.runtime.paid_calls import Call, Outcome, Try
from pipeline_defs.runtime.work import Made
from pipeline_defs.storage.database import Database
from pipeline_defs_tests.runtime.conftest import ORG, Workers
from pipeline_defs_tests.runtime.provider_for_tests import POLICY, Provider, usage
from pipeline_defs_tests.runtime.test_permits import NOTHING, traces


@pytest.fixture
def provider(tmp_path: Path) -> Provider:
    """A provider that counts its calls."""
    return Provider(tmp_path / "calls")


class Scripted:
    """A call that fails as told, then answers."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.tries: list[Try] = []

    async def call(self, this: Try) -> Outcome:
        self.tries.append(this)
        if self.failures:
            raise self.failures.pop(0)
        return Outcome({"text": "fine"}, (usage(),))


async def test_the_same_inputs_are_paid_for_once(
    workers: Workers, unit: str, provider: Provider
) -> None:
    work = await workers.on(unit)
    first = await work.paid(unit, "write", "inputs", POLICY, provider.call)
    second = await work.paid(unit, "write", "inputs", POLICY, provider.call)
    later = await workers.on(unit, "run-2", after=("run-1",))
    third = await later.paid(unit, "write", "inputs", POLICY, provider.call)
    assert len(provider.keys) == 1
    assert first.result == second.result == third.result
    assert [p.reused for p in (first, second, third)] == [False, True, True]
    assert second.cost_usd == third.cost_usd == 0


async def test_other_inputs_another_part_and_another_step_are_other_calls(
    workers: Workers, unit: str, provider: Provider
) -> None:
    work = await workers.on(unit)
    for partition, step, inputs in (
        ("p/01", "write", "x"),
        ("p/02", "write", "x"),
        ("p/01", "search", "x"),
        ("p/01", "write", "y"),
    ):
        await work.paid(partition, step, inputs, POLICY, provider.call)
    assert len(set(provider.keys)) == 4


async def test_a_step_done_after_the_ledger_was_read_is_not_paid_for_again(
    workers: Workers, unit: str, provider: Provider
) -> None:
    work = await workers.on(unit)
    read_before = await workers.with_claim(work.claim)
    done = await work.paid(unit, "write", "inputs", POLICY, provider.call)
    again = await read_before.paid(unit, "write", "inputs", POLICY, provider.call)
    assert again.reused
    assert again.result == done.result
    assert len(provider.keys) == 1


async def test_transient_failures_are_retried_under_one_key(
    workers: Workers, unit: str, count: Callable[..., int]
) -> None:
    scripted = Scripted(Transient("OVERLOADED", "busy"), Transient("OVERLOADED", "busy"))
    work = await workers.on(unit)
    paid = await work.paid(unit, "write", "inputs", POLICY, scripted.call)
    assert paid.result == {"text": "fine"}
    assert len(scripted.tries) == 3
    assert len({t.idempotency_key for t in scripted.tries}) == 1
    assert [t.final for t in scripted.tries] == [False, False, True]
    assert count("progress_events", "event ->> 'outcome' = 'retrying'") == 2
    assert count("usage") == 1


async def test_a_failure_that_stays_is_raised_after_the_last_try(
    workers: Workers, unit: str
) -> None:
    scripted = Scripted(*[Transient("OVERLOADED", "busy") for _ in range(9)])
    work = await workers.on(unit)
    with pytest.raises(Transient, match="OVERLOADED"):
        await work.paid(unit, "write", "inputs", POLICY, scripted.call)
    assert len(scripted.tries) == POLICY.retry.attempts


@pytest.mark.parametrize(
    ("failure", "raised"), [(Permanent("REFUSED", "no"), Permanent), (KeyError("x"), Unknown)]
)
async def test_permanent_and_unknown_failures_are_not_retried(
    workers: Workers, unit: str, failure: Exception, raised: type[PipelineError]
) -> None:
    scripted = Scripted(failure)
    work = await workers.on(unit)
    with pytest.raises(raised):
        await work.paid(unit, "write", "inputs", POLICY, scripted.call)
    assert len(scripted.tries) == 1


async def test_an_answer_that_cannot_be_used_is_asked_for_anew_and_is_on_the_bill(
    workers: Workers, unit: str, admin: psycopg.Connection
) -> None:
    """Under the old key a provider repeats the old answer."""
    scripted = Scripted(InvalidAnswer("no title", (usage(cost="0.10"),)))
    work = await workers.on(unit)
    await work.paid(unit, "write", "inputs", POLICY, scripted.call)
    first, second = scripted.tries
    assert first.idempotency_key != second.idempotency_key
    assert (first.complaint, second.complaint) == ("", "no title")
    bill = admin.execute("select count(*), sum(cost_usd)::text from app.usage").fetchone()
    assert bill == (2, "0.350000")


async def test_a_later_run_asks_anew_after_bad_answers_and_each_is_on_the_bill(
    workers: Workers, unit: str, count: Callable[..., int]
) -> None:
    """The provider has answered under the old keys: it would repeat what could not be used."""
    keys = []
    for run, before in (("run-1", ()), ("run-2", ("run-1",))):
        scripted = Scripted(*[InvalidAnswer("bad", (usage(),)) for _ in range(3)])
        work = await workers.on(unit, run, after=before)
        with pytest.raises(InvalidAnswer):
            await work.paid(unit, "write", "inputs", POLICY, scripted.call)
        keys += [this.idempotency_key for this in scripted.tries]
    assert len(set(keys)) == count("usage") == 6


async def test_two_calls_of_one_model_for_one_answer_are_both_on_the_bill(
    workers: Workers, unit: str, admin: psycopg.Connection
) -> None:
    async def call(this: Try) -> Outcome:
        return Outcome({"text": "fine"}, (usage(cost="0.10"), usage(cost="0.20")))

    work = await workers.on(unit)
    paid = await work.paid(unit, "write", "inputs", POLICY, call)
    bill = admin.execute("select sum(cost_usd) from app.usage").fetchone()
    assert bill == (paid.cost_usd,)


async def test_an_answer_with_characters_postgres_refuses_is_kept_without_them(
    workers: Workers, unit: str, provider: Provider
) -> None:
    """A NUL in an answer failed its commit: it was paid for again with every run."""

    async def call(this: Try) -> Outcome:
        return Outcome({"te\x00xt": ["a\x00b", "half \ud83d pair", {"deep": "\x00"}], "n": 1})

    work = await workers.on(unit)
    paid = await work.paid(unit, "write", "inputs", POLICY, call)
    clean = {"text": ["ab", "half  pair", {"deep": ""}], "n": 1}
    assert paid.result == clean
    later = await workers.on(unit, "run-2", after=("run-1",))
    assert (await later.paid(unit, "write", "inputs", POLICY, provider.call)).result == clean


async def test_a_spent_budget_stops_the_next_call(
    workers: Workers, unit: str, provider: Provider, admin: psycopg.Connection
) -> None:
    admin.execute("insert into app.budgets (org_id, hard_usd) values (%s, 0.25)", [ORG])
    work = await workers.on(unit)
    await work.paid(unit, "write", "first", POLICY, provider.call)
    with pytest.raises(Permanent) as raised:
        await work.paid(unit, "write", "second", POLICY, provider.call)
    assert raised.value.code == "BUDGET_EXCEEDED"
    assert raised.value.user_action_required
    assert len(provider.keys) == 1
    reused = await work.paid(unit, "write", "first", POLICY, provider.call)
    assert reused.reused


async def test_a_budget_spent_while_calls_wait_for_their_turn_stops_them(
    workers: Workers, unit: str, provider: Provider, admin: psycopg.Connection
) -> None:
    """At most what is in work at once goes beyond it."""
    admin.execute("insert into app.budgets (org_id, hard_usd) values (%s, 0.25)", [ORG])
    work = await workers.on(unit)
    calls = (work.paid(unit, "write", str(n), POLICY, provider.call) for n in range(30))
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    refused = [o for o in outcomes if isinstance(o, Permanent) and o.code == "BUDGET_EXCEEDED"]
    assert len(refused) == 30 - len(provider.keys)
    assert 1 <= len(provider.keys) <= 2 * policies.CAPABILITY_LIMITS["text"]


async def test_a_step_begun_too_often_is_given_up(workers: Workers, unit: str) -> None:
    once = StepPolicy("text", timeout=5, retry=Retry(attempts=1, base=0, cap=0))
    work = await workers.on(unit)
    scripted = Scripted(*[Transient("OVERLOADED", "busy") for _ in range(99)])
    for _ in range(policies.MAX_TRIES_PER_STEP):
        with pytest.raises(Transient):
            await work.paid(unit, "write", "inputs", once, scripted.call)
    with pytest.raises(Permanent) as raised:
        await work.paid(unit, "write", "inputs", once, scripted.call)
    assert raised.value.code == "TOO_MANY_TRIES"
    assert len(scripted.tries) == policies.MAX_TRIES_PER_STEP


async def test_again_on_purpose_is_paid_anew(
    workers: Workers, unit: str, provider: Provider, db: Database
) -> None:
    work = await workers.on(unit)
    for _ in range(2):
        row = await db.one(ORG, "ledger.generation", asset="section_draft", partition="p/01")
        assert row is not None
        inputs = version_of("inputs", row["generation"])
        for _ in range(2):
            await work.paid("p/01", "write", inputs, POLICY, provider.call)
        await db.run(
            ORG, "ledger.raise_generation", unit_id=unit, asset="section_draft", partition="p/01"
        )
    assert len(provider.keys) == len(set(provider.keys)) == 2


async def test_no_answer_in_time_is_transient_and_frees_the_permit(
    workers: Workers, unit: str, redis: Redis
) -> None:
    brief = StepPolicy("text", timeout=0.05, retry=Retry(attempts=2, base=0, cap=0))
    tries = []

    async def call(this: Try) -> Outcome:
        tries.append(this)
        await asyncio.sleep(30)
        return Outcome({})

    work = await workers.on(unit)
    with pytest.raises(Transient) as raised:
        await work.paid(unit, "write", "inputs", brief, call)
    assert raised.value.code == "TIMEOUT"
    assert len(tries) == 2
    assert await traces(redis) == NOTHING


async def test_of_two_workers_racing_on_one_step_one_commits(
    workers: Workers, unit: str, provider: Provider, count: Callable[..., int]
) -> None:
    slow = await workers.on(unit, "run-1", alive=False)
    answered = asyncio.Event()

    async def late(this: Try) -> Outcome:
        await answered.wait()
        return Outcome({"text": "late"}, (usage(model="late"),))

    racing = asyncio.create_task(slow.paid(unit, "write", "inputs", POLICY, late))
    await asyncio.sleep(0.2)
    quick = await workers.on(unit, "run-2", after=("run-1",))
    paid = await quick.paid(unit, "write", "inputs", POLICY, provider.call)
    answered.set()
    with pytest.raises(LostClaim):
        await racing
    assert count("ledger", "status = 'done' and run_id = 'run-2'") == 1
    assert count("ledger") == 1
    assert count("usage") == 1
    again = await workers.on(unit, "run-3", after=("run-2",))
    assert (await again.paid(unit, "write", "inputs", POLICY, late)).result == paid.result


async def test_a_lost_claim_inside_a_call_is_not_taken_for_an_unknown_failure(
    workers: Workers, unit: str
) -> None:
    """It would have been recorded as the unit's failure."""
    first = await workers.on(unit, "run-1", alive=False)

    async def call(this: Try) -> Outcome:
        await workers.on(unit, "run-2", after=("run-1",))
        await first.progress("write", "started", "half way")
        return Outcome({})

    with pytest.raises(LostClaim):
        await first.paid(unit, "write", "inputs", POLICY, call)


async def test_cancelled_during_a_call_nothing_is_committed_and_no_permit_is_kept(
    workers: Workers, unit: str, db: Database, redis: Redis, count: Callable[..., int]
) -> None:
    work = await workers.on(unit)
    calling = asyncio.Event()

    async def call(this: Try) -> Outcome:
        calling.set()
        await asyncio.sleep(30)
        return Outcome({})

    work.claim.task = asyncio.create_task(work.paid(unit, "write", "inputs", POLICY, call))
    await calling.wait()
    await db.run(ORG, "units.request_cancel", id=unit)
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(work.claim.task, 2.5)
    assert count("ledger", "status = 'done'") == 0
    assert await traces(redis) == NOTHING


async def test_a_step_of_our_own_is_remembered(workers: Workers, unit: str) -> None:
    made: list[int] = []

    async def body() -> Any:
        made.append(1)
        return None

    for run, before in (("run-1", ()), ("run-2", ("run-1",))):
        work = await workers.on(unit, run, after=before)
        assert await work.step(unit, "fresh", "h", body) is None
    assert made == [1]


async def test_many_calls_at_once_of_one_unit_are_each_made_once(
    workers: Workers, unit: str, provider: Provider, count: Callable[..., int]
) -> None:
    work = await workers.on(unit)
    calls: list[Call] = [provider.call] * 20
    await asyncio.gather(
        *[work.paid(unit, "search", f"q{n}", POLICY, call) for n, call in enumerate(calls)]
    )
    assert len(set(provider.keys)) == len(provider.keys) == 20
    assert count("ledger", "status = 'done'") == count("usage") == 20


async def test_telling_dagster_of_an_older_version_makes_the_newer_one_due_again(
    workers: Workers, unit: str
) -> None:
    """What was told last is what Dagster takes for the present one."""
    work = await workers.on(unit)

    async def told(version: str) -> list[str]:
        names = {"assets": ["section_brief"], "partitions": [f"{unit}/01"]}
        await work.transact(lambda tx: tx.run("assets.reported", **names, data_versions=[version]))
        rows = await work.transact(lambda tx: tx.all("assets.unreported", unit_id=unit))
        return [row["data_version"] for row in rows]

    for version in ("v1", "v2"):
        await work.store(Made("section_brief", f"{unit}/01", version, "", ""))
    assert await told("v2") == []
    assert await told("v1") == ["v2"]
    assert await told("v2") == []
