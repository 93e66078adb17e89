"""A call that is paid for: what it is given, what it may answer, how the answer is seen through."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from pipeline_defs import policies
from pipeline_defs.domain.errors import Transient
from pipeline_defs.gateways.usage import Usage

log = logging.getLogger(__name__)
T = TypeVar("T")
# The provider did the work and answered, and not with a result: asking again is a new request.
ANSWERED = frozenset(
    {"INVALID_ANSWER", "REFUSED", "OUTPUT_TOO_LONG", "BAD_REQUEST", "JOB_FAILED", "JOB_STUCK"}
)
# Failures of our own machinery, which passes: what it worked on is good.
OWN_MACHINERY = frozenset({"ENCODER_STOPPED", "ENCODER_TIMEOUT", "BLOB_STORE"})
# Failures after the provider's answer: it is not asked again for them.
OURS = frozenset({"ANSWER_NOT_KEPT", "DATABASE_UNAVAILABLE", "DATABASE_SLOW"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a provider call brought: a JSON object to keep, and what it used."""

    result: dict[str, Any]
    usage: tuple[Usage, ...] = ()


@dataclass(frozen=True, slots=True)
class Try:
    """One try of a call: its idempotency key, and what was wrong with the answer before.

    The key stays the same over crashes and lost answers; only after a refusal or an answer that
    could not be used is a new one asked for under a new key, as a provider would repeat the old.
    """

    idempotency_key: str
    complaint: str
    final: bool


# What an answer comes to once it was fetched and looked at: that takes no place of the provider.
Judgement = Callable[[], Awaitable[Outcome]]
Call = Callable[[Try], Awaitable[Outcome | Judgement]]


@dataclass(frozen=True, slots=True)
class Paid:
    """The result of a paid step; `reused` when it came from the ledger, free of charge."""

    result: dict[str, Any]
    cost_usd: Decimal
    reused: bool

    @classmethod
    def free(cls, result: dict[str, Any]) -> Paid:
        """A result nobody was asked for, such as what the user gave."""
        return cls(result, Decimal(0), reused=False)


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Do `work`; again where our own machinery stumbled."""
    for _ in range(policies.LOCAL_TRIES - 1):
        try:
            return await work()
        except Transient as error:
            if error.code not in OWN_MACHINERY:
                raise
            log.warning("tried again: %s", error)
    return await work()


async def judged(judge: Judgement) -> Outcome:
    """Pass a judgement, patiently, as the answer was paid.

    Raises Transient `ANSWER_NOT_KEPT` where our own machinery does not get it done.
    """
    try:
        async with asyncio.timeout(policies.JUDGEMENT_DEADLINE):
            return await patiently(judge)
    except TimeoutError as error:
        raise _not_kept(f"not read within {policies.JUDGEMENT_DEADLINE:g} s") from error
    except Transient as error:
        if error.code not in OWN_MACHINERY:
            raise
        raise _not_kept(error.message) from error


def _not_kept(why: str) -> Transient:
    return Transient(
        "ANSWER_NOT_KEPT",
        f"the provider answered, and the answer could not be kept: {why}",
        advice="Check the disk or the blob store, then resume.",
    )


async def to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """`work` on what was paid for: a cancellation lets it end first, if that is soon."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=policies.PAID_GRACE)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise
