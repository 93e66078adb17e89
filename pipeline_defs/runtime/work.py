"""A claimed unit at work: paid calls through the ledger, results stored under the fence.

An asset body says what to do for one partition; this says how it is done once, durably:

    found = await work.paid(partition, "search/1", inputs, policies.RESEARCH, call)
    await work.store(Made("section_research", partition, ...), put_research)
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from pipeline_defs.domain.errors import LostClaim, Permanent, Transient, classify
from pipeline_defs.domain.kinds import KINDS, booked_on
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.failures import spent
from pipeline_defs.gateways.usage import Usage
from pipeline_defs.policies import MAX_TRIES_PER_STEP, StepPolicy
from pipeline_defs.runtime.admission import admitted
from pipeline_defs.runtime.claims import Claim
from pipeline_defs.runtime.crash_points import crash_point
from pipeline_defs.runtime.group_commit import Commits
from pipeline_defs.runtime.paid_calls import (
    ANSWERED,
    OURS,
    Call,
    Judgement,
    Outcome,
    Paid,
    Try,
    judged,
    to_its_end,
)
from pipeline_defs.runtime.permits import Permits
from pipeline_defs.runtime.rates import Rates
from pipeline_defs.runtime.retrying import delay_before_retry
from pipeline_defs.storage import budgets, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.json_values import storable

T = TypeVar("T")
Store = Callable[[Transaction], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Made:
    """A finished result of an asset's partition, with what it was made from."""

    asset: str
    partition: str
    data_version: str
    code_version: str
    input_hash: str
    inputs: Mapping[str, str] = field(default_factory=dict)  # asset -> data version
    cost_usd: Decimal = Decimal(0)
    metadata: Mapping[str, Any] = field(default_factory=dict)  # JSON: see runtime/metadata.py


def made_of(row: Mapping[str, Any]) -> Made:
    """A stored version (`assets.get`, `assets.unreported`)."""
    return Made(**{("inputs" if name == "input_versions" else name): row[name] for name in row})


class UnitWork:
    """One claimed unit. All coroutines of a unit share it."""

    def __init__(
        self, commits: Commits, permits: Permits, rates: Rates, claim: Claim, run_id: str
    ) -> None:
        self.claim = claim
        self._commits = commits
        self._permits = permits
        self._rates = rates
        self._run_id = run_id
        self._has_budget = False
        self._done: dict[tuple[str, str, str], dict[str, Any]] = {}
        self._flights: WeakValueDictionary[tuple[str, str, str], asyncio.Lock] = (
            WeakValueDictionary()
        )

    async def open(self, begin: Store | None = None) -> UnitWork:
        """Read what the ledger already holds of this unit, in one transaction with `begin`."""

        async def read(tx: Transaction) -> list[dict[str, Any]]:
            if begin is not None:
                await begin(tx)
            return await tx.all("ledger.done_of_unit", unit_id=self.claim.unit_id)

        rows = await self.transact(read)
        self._done = {(r["partition"], r["step"], r["input_hash"]): r["result"] for r in rows}
        return self

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """A transaction under the fence: LostClaim when another worker has taken over.

        It may share its commit with others of the run; `work` may run more than once.
        """
        return await self._commits.run(self.claim, work)

    async def paid(
        self, partition: str, step: str, input_hash: str, policy: StepPolicy, call: Call
    ) -> Paid:
        """Make a provider call once: a second time it is answered from the ledger.

        Retries what is transient within the policy. A permit is held for the length of `call`;
        where that returns a judgement, it is passed after the permit was given back. Once there is
        an answer it is judged and stored even if the unit is stopped meanwhile, within
        `PAID_GRACE`. Raises PipelineError.
        """
        async with self._alone(partition, step, input_hash):
            return await self._paid(partition, step, input_hash, policy, call)

    async def _paid(
        self, partition: str, step: str, input_hash: str, policy: StepPolicy, call: Call
    ) -> Paid:
        known = self._done.get((partition, step, input_hash))
        if known is not None:
            return Paid(known, Decimal(0), reused=True)
        entry = await self._start(partition, step, input_hash)
        if entry.get("result") is not None:
            return Paid(entry["result"], Decimal(0), reused=True)
        outcome = await self._try(partition, step, input_hash, policy, call, entry)
        cost = sum((u.cost_usd for u in outcome.usage), Decimal(0))
        return Paid(outcome.result, cost, reused=False)

    def _alone(self, partition: str, step: str, input_hash: str) -> asyncio.Lock:
        """Two coroutines that ask for the same thing wait for one call."""
        return self._flights.setdefault((partition, step, input_hash), asyncio.Lock())

    async def step(
        self, partition: str, step: str, input_hash: str, body: Callable[[], Awaitable[Any]]
    ) -> Any:
        """A durable step of our own, without provider, permit or price: run once, remembered."""
        known = self._done.get((partition, step, input_hash))
        if known is not None:
            return known["value"]
        value = await body()
        await self._finish(partition, step, input_hash, Outcome({"value": value}))
        return value

    def remembers(self, partition: str, step: str, input_hash: str) -> bool:
        """Whether a step was done, as far as this worker knows."""
        return (partition, step, input_hash) in self._done

    def forget(self, partition: str, steps: Iterable[str]) -> None:
        """What these steps say of files was taken out of the ledger: the files are lost."""
        gone = set(steps)
        self._done = {
            key: result
            for key, result in self._done.items()
            if key[0] != partition or key[1] not in gone or '"sha256"' not in json.dumps(result)
        }

    async def store(self, made: Made, put: Store | None = None) -> Made:
        """Write a result: the line's own rows and the asset's version, in one transaction.

        Returns what to report: the asset that stands for the whole unit says what that cost, which
        Dagster plots over time.
        """

        async def write(tx: Transaction) -> Made:
            stored = await self._with_unit_cost(tx, made)
            await tx.run(
                "assets.put",
                unit_id=self.claim.unit_id,
                asset=made.asset,
                partition=made.partition,
                data_version=made.data_version,
                code_version=made.code_version,
                input_hash=made.input_hash,
                input_versions=dict(made.inputs),
                metadata=dict(stored.metadata),
                cost_usd=made.cost_usd,
                run_id=self._run_id,
            )
            if put is not None:
                await put(tx)
            return stored

        return await self.transact(write)

    async def _with_unit_cost(self, tx: Transaction, made: Made) -> Made:
        kind = KINDS.get(self.claim.kind)
        if kind is None or made.asset != kind.main_asset:
            return made
        spent = await tx.one("usage.total_of_unit", unit_id=self.claim.unit_id) or {"cost_usd": 0}
        total = {"unit_cost_usd": float(spent["cost_usd"])}
        return replace(made, metadata={**made.metadata, **total})

    async def progress(self, stage: str, outcome: str, message: str, **more: Any) -> None:
        """Tell whoever watches."""

        async def tell(tx: Transaction) -> None:
            units.append_progress(
                tx, self.claim.unit_id, stage=stage, outcome=outcome, message=message, **more
            )

        await self.transact(tell)

    async def _start(self, partition: str, step: str, input_hash: str) -> dict[str, Any]:
        """Record the intent; the ledger's entry, with a result where it was done meanwhile.

        Refuses beyond the cap of tries and beyond the budget.
        """
        which = {
            "unit_id": self.claim.unit_id,
            "partition": partition,
            "step": step,
            "input_hash": input_hash,
        }

        async def begin(tx: Transaction) -> dict[str, Any]:
            await self._stay_within_budget(tx)
            started = await tx.one(
                "ledger.start", **which, fence=self.claim.fence, run_id=self._run_id
            )
            return started or await tx.one("ledger.find", **which) or {}

        entry = await self.transact(begin)
        tries = entry.get("tries", 1)
        if entry.get("result") is None and tries > MAX_TRIES_PER_STEP:
            raise Permanent(
                "TOO_MANY_TRIES",
                f"{step} was begun {tries} times without a result",
                advice="Look into the worker's log for what kills it, then rebuild with `fresh`.",
            )
        return entry

    async def _stay_within_budget(self, tx: Transaction) -> None:
        standing = await budgets.standing(tx, self.claim.kind)
        self._has_budget = bool(standing)
        for budget in standing:
            if budget.state == "hard":
                raise Permanent(
                    "BUDGET_EXCEEDED",
                    f"{budget.whose} spent {budget.spent_usd} of {budget.hard_usd} USD this month",
                    advice="Raise the monthly budget, then resume.",
                    user_action_required=True,
                )

    async def _try(
        self,
        partition: str,
        step: str,
        input_hash: str,
        policy: StepPolicy,
        call: Call,
        entry: Mapping[str, Any],
    ) -> Outcome:
        base = version_of(self.claim.unit_id, partition, step, input_hash)
        answers, complaint, attempt = entry.get("answers", 0), entry.get("complaint", ""), 0
        while True:
            attempt += 1
            key = f"{base}-{answers}" if answers else base
            this = Try(key, complaint, final=attempt >= policy.retry.attempts)
            try:
                answer = await self._call_once(step, policy, call, this)
                keeping = self._kept(partition, step, input_hash, answer, entry)
                return await to_its_end(keeping)
            except LostClaim:
                raise
            except Exception as raised:  # classified here, never swallowed
                error = classify(raised)
                await self._book(partition, step, key, spent(error))
                if error.code in ANSWERED:
                    answers += 1
                    complaint = error.message if error.code == "INVALID_ANSWER" else ""
                    await self._answered(partition, step, input_hash, complaint)
                delay = delay_before_retry(error, attempt, policy.retry)
                if delay is None or error.code in OURS:
                    raise error from raised
                await self.progress(
                    step,
                    "retrying",
                    f"{step}: {error.message}; trying again in {delay:.1f} s",
                    part=partition,
                    error=error.record().as_dict(),
                )
                await asyncio.sleep(delay)

    async def _call_once(
        self, step: str, policy: StepPolicy, call: Call, this: Try
    ) -> Outcome | Judgement:
        async with admitted(self._permits, self._rates, policy, self.claim):
            if self._has_budget:  # others may have spent it while this one waited for its turn
                await self.transact(self._stay_within_budget)
            crash_point(f"{step}.before_call")
            try:
                async with asyncio.timeout(policy.timeout):
                    answer = await call(this)
            except TimeoutError as error:
                raise Transient(
                    "TIMEOUT", f"no answer within {policy.timeout:g} s", advice=""
                ) from error
        crash_point(f"{step}.after_call")
        return answer

    async def _kept(
        self,
        partition: str,
        step: str,
        input_hash: str,
        answer: Outcome | Judgement,
        entry: Mapping[str, Any],
    ) -> Outcome:
        """Judge an answer and write it into the ledger."""
        outcome = answer if isinstance(answer, Outcome) else await judged(answer)
        outcome = replace(outcome, result=storable(outcome.result))
        crash_point(f"{step}.before_commit")
        await self._finish(partition, step, input_hash, outcome, entry.get("started_at", ""))
        crash_point(f"{step}.after_commit")
        return outcome

    async def _answered(self, partition: str, step: str, input_hash: str, complaint: str) -> None:
        """The provider has answered, and not with a result: the next try is a new request."""
        await self.transact(
            lambda tx: tx.run(
                "ledger.answered",
                complaint=complaint,
                unit_id=self.claim.unit_id,
                partition=partition,
                step=step,
                input_hash=input_hash,
            )
        )

    async def _book(self, partition: str, step: str, key: str, usage: tuple[Usage, ...]) -> None:
        """A refused or unusable answer was paid for too."""
        if usage:
            await self.transact(lambda tx: self._add_usage(tx, partition, step, key, usage))

    async def _add_usage(
        self, tx: Transaction, partition: str, step: str, key: str, used: tuple[Usage, ...]
    ) -> None:
        for number, usage in enumerate(used):  # one answer may take several calls of one model
            await tx.run(
                "usage.add",
                unit_id=self.claim.unit_id,
                kind=self.claim.kind,
                asset=booked_on(self.claim.kind, step),
                partition=partition,
                step=step,
                capability=usage.capability,
                provider=usage.provider,
                model=usage.model,
                input_tokens=usage.input_tokens,
                output_tokens=usage.output_tokens,
                quantity=usage.quantity,
                quantity_unit=usage.unit,
                cost_usd=usage.cost_usd,
                cost_source=usage.cost_source,
                idempotency_key=f"{key}/{number}" if number else key,
            )
        if used and self._has_budget:
            await budgets.tell_reached(tx, self.claim.kind, self.claim.unit_id)

    async def _finish(
        self, partition: str, step: str, input_hash: str, outcome: Outcome, begun: str = ""
    ) -> None:
        """`begun` tells this entry from one before it whose result was lost: both were paid."""
        base_key = version_of(self.claim.unit_id, partition, step, input_hash, "done", begun)

        async def write(tx: Transaction) -> None:
            await tx.run(
                "ledger.finish",
                unit_id=self.claim.unit_id,
                partition=partition,
                step=step,
                input_hash=input_hash,
                fence=self.claim.fence,
                run_id=self._run_id,
                result=outcome.result,
            )
            await self._add_usage(tx, partition, step, base_key, outcome.usage)

        await self.transact(write)
        self._done[(partition, step, input_hash)] = outcome.result
