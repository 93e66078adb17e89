"""Retry decisions, by table."""

from __future__ import annotations

import math

import pytest

from pipeline_defs.domain.errors import Permanent, PipelineError, Transient, Unknown
from pipeline_defs.policies import Retry
from pipeline_defs.runtime.retrying import delay_before_retry

RETRY = Retry(attempts=4, base=1, cap=3, honour_retry_after_up_to=60)


def busy(retry_after: float | None = None) -> Transient:
    return Transient("RATE_LIMITED", "slow down", retry_after=retry_after)


@pytest.mark.parametrize(
    ("error", "attempt", "least", "most"),
    [
        (busy(), 1, 0, 1),
        (busy(), 2, 0, 2),
        (busy(), 3, 0, 3),  # 4, were it not for the cap
        (busy(20), 1, 20, 20),
        (busy(0.5), 3, 0.5, 3),
        (busy(1e9), 1, 60, 60),
        (busy(math.inf), 1, 60, 60),
        (busy(-5), 1, 0, 1),
        (busy(math.nan), 1, 0, 1),
    ],
)
def test_a_transient_failure_waits_between(
    error: PipelineError, attempt: int, least: float, most: float
) -> None:
    for _ in range(50):
        delay = delay_before_retry(error, attempt, RETRY)
        assert delay is not None
        assert least <= delay <= most


@pytest.mark.parametrize(
    ("error", "attempt"),
    [
        (busy(), 4),
        (busy(20), 4),
        (busy(), 5),
        (Permanent("REFUSED", "no"), 1),
        (Unknown("UNKNOWN", "what"), 1),
    ],
)
def test_it_is_given_up(error: PipelineError, attempt: int) -> None:
    assert delay_before_retry(error, attempt, RETRY) is None


def test_the_delays_are_spread() -> None:
    delays = {delay_before_retry(busy(), 3, RETRY) for _ in range(20)}
    assert len(delays) == 20
