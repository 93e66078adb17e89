"""Dagster's own policies, built from the numbers in `policies.py`."""

from __future__ import annotations

import dagster as dg

from pipeline_defs import policies

# For infrastructure errors of an op; provider errors are retried per call, dead workers per run.
OP_RETRIES = dg.RetryPolicy(
    max_retries=policies.INFRASTRUCTURE_RETRIES,
    delay=policies.INFRASTRUCTURE_RETRY_DELAY,
    backoff=dg.Backoff.EXPONENTIAL,
    jitter=dg.Jitter.FULL,
)
