"""A claimed unit at work: paid calls through the ledger, results stored under the fence.

An asset body says what to do for one partition; this says how it is done once, durably:

    found = await work.paid(partition, "search/1", inputs, policies.RESEARCH, call)
    await work.store(Made("section_research", partition, ...), put_research)
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from pipeline_defs.domain.budgets import Budget
from pipeline_defs.domain.errors import LostClaim, Permanent, PipelineError, Transient, classify
from pipeline_defs.domain.kinds import KINDS, booked_on
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.failures import spent
from pipeline_defs.gateways.usage import Usage
from pipeline_defs.policies import MAX_TRIES_PER_STEP, StepPolicy
from pipeline_defs.runtime.admission import admitted
from pipeline_defs.runtime.claims import Claim
from pipeline_defs.runtime.crash_points import crash_point
from pipeline_defs.runtime.group_commit import Commits
from pipeline_defs.runtime.ledger import Entry, Ledger, Step
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
from pipeline_defs.storage.unsent import Returned

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
        self._ledger = Ledger(claim, run_id)
        self._has_budget = False
        self._flights: WeakValueDictionary[Step, asyncio.Lock] = WeakValueDictionary()

    async def open(self, begin: Store | None = None) -> UnitWork:
        """Read what the ledger already holds of this unit, in one transaction with `begin`."""

        async def read(tx: Transaction) -> None:
            if begin is not None:
                await begin(tx)
            await self._ledger.read(tx)

        await self.transact(read)
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
        this = Step(partition, step, input_hash)
        async with self._alone(this):
            return await self._paid(this, policy, call)

    async def _paid(self, step: Step, policy: StepPolicy, call: Call) -> Paid:
        known = self._ledger.result(step)
        if known is not None:
            return Paid(known, Decimal(0), reused=True)
        entry = await self._start(step)
        if entry.result is not None:
            return Paid(entry.result, Decimal(0), reused=True)
        outcome = await self._try(step, policy, call, entry)
        cost = sum((u.cost_usd for u in outcome.usage), Decimal(0))
        return Paid(outcome.result, cost, reused=False)

    def _alone(self, step: Step) -> asyncio.Lock:
        """Two coroutines that ask for the same thing wait for one call."""
        return self._flights.setdefault(step, asyncio.Lock())

    async def step(
        self, partition: str, step: str, input_hash: str, body: Callable[[], Awaitable[Any]]
    ) -> Any:
        """A durable step of our own, without provider, permit or price: run once, remembered."""
        if self.remembers(partition, step, input_hash):
            return self.recall(partition, step, input_hash)
        value = await body()
        await self.remember(partition, step, input_hash, value)
        return value

    async def remember(self, partition: str, step: str, input_hash: str, value: Any) -> None:
        """Keep what a step of our own came to."""
        await self._finish(Step(partition, step, input_hash), Outcome({"value": value}))

    def recall(self, partition: str, step: str, input_hash: str) -> Any:
        """What a step of our own came to; None where it was not done."""
        known = self._ledger.result(Step(partition, step, input_hash))
        return known["value"] if known is not None else None

    def remembers(self, partition: str, step: str, input_hash: str) -> bool:
        """Whether a step was done."""
        return self._ledger.result(Step(partition, step, input_hash)) is not None

    def forget(self, partition: str, steps: Iterable[str]) -> None:
        """What these steps say of files was taken out of the ledger: the files are lost."""
        self._ledger.forget(partition, steps)

    async def store(self, made: Made, put: Store | None = None) -> Made:
        """Write a result: the line's own rows and the asset's version, in one transaction.

        Returns what to report: the asset that stands for the whole unit says what that cost, which
        Dagster plots over time.
        """

        async def write(tx: Transaction) -> Made:
            stored = await self._with_unit_cost(tx, made)
            await tx.each(
                "assets.put",
                about=(made.asset, made.partition),
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

    async def _start(self, step: Step) -> Entry:
        """Record the intent; the ledger's entry, with a result where it was done meanwhile.

        Refuses beyond the cap of tries and beyond the budget.
        """

        async def begin(tx: Transaction) -> Returned:
            await self._stay_within_budget(tx)
            return await self._ledger.start(tx, step)

        started = await self.transact(begin)
        entry = self._ledger.started(step, started.rows)
        if entry is None:
            entry = await self.transact(lambda tx: self._ledger.find(tx, step))
        if entry.result is None and entry.tries > MAX_TRIES_PER_STEP:
            raise Permanent(
                "TOO_MANY_TRIES",
                f"{step.step} was begun {entry.tries} times without a result",
                advice="Look into the worker's log for what kills it, then rebuild with `fresh`.",
            )
        return entry

    async def _stay_within_budget(self, tx: Transaction) -> None:
        standing = await self._budgets(tx)
        self._has_budget = bool(standing)
        for budget in standing:
            if budget.state == "hard":
                raise Permanent(
                    "BUDGET_EXCEEDED",
                    f"{budget.whose} spent {budget.spent_usd} of {budget.hard_usd} USD this month",
                    advice="Raise the monthly budget, then resume.",
                    user_action_required=True,
                )

    async def _budgets(self, tx: Transaction) -> list[Budget]:
        """How the budgets stand, looked up again in a transaction only after something was paid."""
        known: list[Budget] | None = tx.seen.get(self._budgets_seen)
        if known is None:
            known = tx.seen[self._budgets_seen] = await budgets.standing(tx, self.claim.kind)
        return known

    @property
    def _budgets_seen(self) -> tuple[str, str]:
        return "budgets", self.claim.kind

    async def _try(self, step: Step, policy: StepPolicy, call: Call, entry: Entry) -> Outcome:
        base, attempt = version_of(self.claim.unit_id, *step), 0
        while True:
            attempt += 1
            key = f"{base}-{entry.answers}" if entry.answers else base
            this = Try(key, entry.complaint, final=attempt >= policy.retry.attempts)
            try:
                answer = await self._call_once(step.step, policy, call, this)
                return await to_its_end(self._kept(step, answer, entry))
            except LostClaim:
                raise
            except Exception as raised:  # classified here, never swallowed
                error = classify(raised)
                await self._book(step, key, spent(error))
                if error.code in ANSWERED:
                    await self._answered(step, error, entry)
                delay = delay_before_retry(error, attempt, policy.retry)
                if delay is None or error.code in OURS:
                    raise error from raised
                await self.progress(
                    step.step,
                    "retrying",
                    f"{step.step}: {error.message}; trying again in {delay:.1f} s",
                    part=step.partition,
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

    async def _kept(self, step: Step, answer: Outcome | Judgement, entry: Entry) -> Outcome:
        """Judge an answer and write it into the ledger."""
        outcome = answer if isinstance(answer, Outcome) else await judged(answer)
        outcome = replace(outcome, result=storable(outcome.result))
        crash_point(f"{step.step}.before_commit")
        await self._finish(step, outcome, entry.started_at)
        crash_point(f"{step.step}.after_commit")
        return outcome

    async def _answered(self, step: Step, error: PipelineError, entry: Entry) -> None:
        """The provider has answered, and not with a result: the next try is a new request."""
        complaint = error.message if error.code == "INVALID_ANSWER" else ""
        await self.transact(lambda tx: self._ledger.answered(tx, step, complaint))
        entry.answers += 1
        entry.complaint = complaint

    async def _book(self, step: Step, key: str, usage: tuple[Usage, ...]) -> None:
        """A refused or unusable answer was paid for too."""
        if usage:
            await self.transact(lambda tx: self._add_usage(tx, step, key, usage))

    async def _add_usage(
        self, tx: Transaction, step: Step, key: str, used: tuple[Usage, ...]
    ) -> None:
        for number, usage in enumerate(used):  # one answer may take several calls of one model
            await tx.each(
                "usage.add",
                unit_id=self.claim.unit_id,
                kind=self.claim.kind,
                asset=booked_on(self.claim.kind, step.step),
                partition=step.partition,
                step=step.step,
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
        if used:
            tx.seen.pop(self._budgets_seen, None)
        if used and self._has_budget:
            await budgets.tell_reached(tx, self.claim.kind, self.claim.unit_id)

    async def _finish(self, step: Step, outcome: Outcome, begun: str = "") -> None:
        """`begun` tells this entry from one before it whose result was lost: both were paid."""
        key = version_of(self.claim.unit_id, *step, "done", begun)

        async def write(tx: Transaction) -> None:
            await self._ledger.finish(tx, step, outcome.result)
            await self._add_usage(tx, step, key, outcome.usage)

        await self.transact(write)
        self._ledger.note(step, outcome.result)
