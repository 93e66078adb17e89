"""What happens between a provider's answer and the ledger: it is looked at, without a permit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from pipeline_defs import policies
from pipeline_defs.domain.errors import Transient
from pipeline_defs.gateways.failures import InvalidAnswer
from pipeline_defs.runtime.paid_calls import Judgement, Outcome, Try, patiently
from pipeline_defs.storage.database import Database
from pipeline_defs_tests.runtime.conftest import ORG, Workers
from pipeline_defs_tests.runtime.provider_for_tests import POLICY, usage
from pipeline_defs_tests.runtime.test_permits import NOTHING, traces

Count = Callable[..., int]
FINE = Outcome({"text": "fine"}, (usage(),))


class Judged:
    """A provider whose answers are judged by `judge`, which is told the number of the try."""

    def __init__(self, judge: Callable[[int], Awaitable[Outcome]]) -> None:
        self.keys: list[str] = []
        self.judgements = 0
        self._judge = judge

    async def call(self, this: Try) -> Judgement:
        self.keys.append(this.idempotency_key)

        async def judge() -> Outcome:
            self.judgements += 1
            return await self._judge(self.judgements)

        return judge


async def test_no_permit_is_held_while_an_answer_is_looked_at(
    workers: Workers, unit: str, redis: Redis
) -> None:
    seen = []

    async def judge(_number: int) -> Outcome:
        seen.append(await traces(redis))
        return FINE

    work = await workers.on(unit)
    await work.paid(unit, "image", "inputs", POLICY, Judged(judge).call)
    assert seen == [NOTHING]


async def test_an_answer_that_is_no_good_is_asked_for_under_a_new_key(
    workers: Workers, unit: str, count: Count
) -> None:
    async def judge(number: int) -> Outcome:
        if number == 1:
            raise InvalidAnswer("no picture", (usage(),))
        return FINE

    provider = Judged(judge)
    work = await workers.on(unit)
    paid = await work.paid(unit, "image", "inputs", POLICY, provider.call)
    assert paid.result == FINE.result
    assert len(set(provider.keys)) == 2
    assert count("usage") == 2


@pytest.mark.parametrize("code", ["BLOB_STORE", "ENCODER_STOPPED"])
async def test_where_our_own_machinery_stumbles_the_answer_is_looked_at_again_and_not_bought(
    workers: Workers, unit: str, code: str, count: Count
) -> None:
    async def judge(number: int) -> Outcome:
        if number < policies.LOCAL_TRIES:
            raise Transient(code, "stumbled")
        return FINE

    provider = Judged(judge)
    work = await workers.on(unit)
    await work.paid(unit, "image", "inputs", POLICY, provider.call)
    assert len(provider.keys) == 1
    assert provider.judgements == policies.LOCAL_TRIES
    assert count("usage") == 1


@pytest.mark.parametrize("hangs", [False, True])
async def test_machinery_that_stays_broken_is_said_and_nothing_bought_again(
    workers: Workers, unit: str, hangs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "JUDGEMENT_DEADLINE", 0.3)

    async def judge(_number: int) -> Outcome:
        await asyncio.sleep(30 if hangs else 0)
        raise Transient("BLOB_STORE", "the disk is full")

    provider = Judged(judge)
    work = await workers.on(unit)
    with pytest.raises(Transient, match="not read" if hangs else "the disk is full") as raised:
        # as a lecture does for whatever of its own stumbles
        await patiently(lambda: work.paid(unit, "image", "inputs", POLICY, provider.call))
    assert raised.value.code == "ANSWER_NOT_KEPT"
    assert len(provider.keys) == 1


async def test_a_unit_that_is_cancelled_keeps_what_was_answered_and_does_not_pay_again(
    workers: Workers, unit: str, db: Database, count: Count
) -> None:
    judging = asyncio.Event()

    async def judge(_number: int) -> Outcome:
        judging.set()
        await asyncio.sleep(0.5)
        return FINE

    provider = Judged(judge)
    work = await workers.on(unit)
    work.claim.task = asyncio.create_task(work.paid(unit, "image", "inputs", POLICY, provider.call))
    await judging.wait()
    await db.run(ORG, "units.request_cancel", id=unit)
    work.claim.stop_for("cancelled")
    with pytest.raises(asyncio.CancelledError):
        await work.claim.task
    assert count("ledger", "status = 'done'") == 1
    assert count("usage") == 1
    later = await workers.on(unit, "run-2", after=("run-1",))
    assert (await later.paid(unit, "image", "inputs", POLICY, provider.call)).reused
    assert len(provider.keys) == 1


async def test_a_judgement_that_takes_too_long_does_not_hold_up_a_cancellation(
    workers: Workers, unit: str, count: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "PAID_GRACE", 0.1)
    judging = asyncio.Event()

    async def judge(_number: int) -> Outcome:
        judging.set()
        await asyncio.sleep(30)
        return FINE

    work = await workers.on(unit)
    task = asyncio.create_task(work.paid(unit, "image", "inputs", POLICY, Judged(judge).call))
    await judging.wait()
    task.cancel()
    await asyncio.wait([task], timeout=5)
    assert task.cancelled()
    assert count("ledger", "status = 'done'") == 0
