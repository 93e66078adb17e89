"""What the ops of all lines share: Dagster's own policies, and how a run may be configured."""

import dagster as dg

from pipeline_defs import policies

# For infrastructure errors of an op; provider errors are retried per call, dead workers per run.
OP_RETRIES = dg.RetryPolicy(
    max_retries=policies.INFRASTRUCTURE_RETRIES,
    delay=policies.INFRASTRUCTURE_RETRY_DELAY,
    backoff=dg.Backoff.EXPONENTIAL,
    jitter=dg.Jitter.FULL,
)


class MakingConfig(dg.Config):
    """`fresh`: make the selected partitions anew although nothing changed, and pay for it."""

    fresh: bool = False
