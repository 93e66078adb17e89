"""Retry decisions as values."""

from __future__ import annotations

import random

from pipeline_defs.domain.errors import PipelineError, Transient
from pipeline_defs.policies import Retry


def delay_before_retry(error: PipelineError, attempt: int, retry: Retry) -> float | None:
    """Seconds to wait before the next try, or None to give up.

    `attempt` counts the tries made, from 1. Full jitter (random in [0, min(cap, base * 2**n)])
    keeps many callers from coming back at once; a provider's Retry-After is honoured up to a cap.
    """
    if not isinstance(error, Transient) or attempt >= retry.attempts:
        return None
    backoff = random.uniform(0, min(retry.cap, retry.base * 2 ** (attempt - 1)))  # noqa: S311
    if error.retry_after is None:
        return backoff
    return max(backoff, min(max(error.retry_after, 0.0), retry.honour_retry_after_up_to))
