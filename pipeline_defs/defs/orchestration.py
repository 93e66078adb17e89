"""What the ops of all lines share: Dagster's own policies, and how a run may be configured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Group:
    """The assets of one line: who owns them, and the code version of each."""

    name: str
    owners: Sequence[str]
    code_versions: Mapping[str, str]

    def asset(
        self,
        name: str,
        partitions: dg.PartitionsDefinition[str],
        description: str,
        *,
        deps: Sequence[str],
        kinds: set[str],
    ) -> dg.AssetSpec:
        """An asset we make; its dependencies are partitioned as it is."""
        return dg.AssetSpec(
            name,
            partitions_def=partitions,
            deps=list(deps),
            description=description,
            kinds=kinds,
            group_name=self.name,
            owners=self.owners,
            code_version=self.code_versions[name],
            skippable=True,
        )

    def bridge(
        self,
        name: str,
        partitions: dg.PartitionsDefinition[str],
        description: str,
        *,
        deps: Sequence[str],
        kinds: set[str],
    ) -> dg.AssetSpec:
        """An external asset that carries versions from one space of partitions to another."""
        every = dg.AllPartitionMapping()
        return dg.AssetSpec(
            name,
            partitions_def=partitions,
            deps=[dg.AssetDep(dep, partition_mapping=every) for dep in deps],
            description=description,
            kinds=kinds,
            group_name=self.name,
            owners=self.owners,
        )
