"""Fallback between models, without paying twice.

The next model is asked only when the one before certainly did nothing: it is gone, it is out of
credit, it limits, it is overloaded, or it was never reached. After a lost answer or a time-out the
work may well be done and paid, so the same model must be asked again under the same key: that is
the caller's retry. On the caller's last try (`final_try`) every transient failure moves on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from pipeline_defs.domain.errors import PipelineError, Transient
from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.failures import charge, spent
from pipeline_defs.gateways.usage import Usage

A = TypeVar("A")
MOVES_ON = frozenset({"MODEL_GONE", "QUOTA", "RATE_LIMITED", "OVERLOADED", "UNREACHABLE"})
KEY_LIMIT = 200


async def first_served(
    models: Sequence[Model], ask: Callable[[Model], Awaitable[A]], *, final_try: bool = False
) -> tuple[A, tuple[Usage, ...]]:
    """The first answer along the chain, and what the failed calls before it cost.

    Raises the first transient failure if there is one (a retry may help), else the last.
    """
    failures: list[PipelineError] = []
    for model in models:
        try:
            answer = await ask(model)
        except PipelineError as error:
            failures.append(error)
            if not moves_on(error, final_try=final_try):
                break
        else:
            return answer, tuple(usage for failed in failures for usage in spent(failed))
    transient = next((error for error in failures if isinstance(error, Transient)), None)
    last = failures[-1]
    raised = last if transient is None or not moves_on(last, final_try=final_try) else transient
    charge(raised, tuple(usage for failed in failures for usage in spent(failed)))
    raise raised


def moves_on(error: PipelineError, *, final_try: bool) -> bool:
    """Whether the next model may be asked after `error`."""
    return error.code in MOVES_ON or (final_try and isinstance(error, Transient))


def derived_key(key: str, model: Model) -> str:
    """The idempotency key of one model's call: `<key>:<model>`, hashed where no header holds it."""
    derived = f"{key}:{model.key}"
    if len(derived) <= KEY_LIMIT and derived.isascii() and derived.isprintable():
        return derived
    return hashlib.sha256(derived.encode()).hexdigest()
