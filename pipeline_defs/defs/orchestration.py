"""How a line is told to Dagster: its assets and bridges, its ops, its jobs."""

from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.defs.automation import condition_of
from pipeline_defs.runtime.dagster.internals import UnresolvedAssetJobDefinition
from pipeline_defs.runtime.driving import MAX_RUNTIME_TAG, Drive, drive
from pipeline_defs.runtime.lines import Line
from pipeline_defs.settings import get_settings
from pipeline_defs.storage.models_in_use import models_in_use

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
    """The assets of one line: who owns them, which are bridges."""

    line: Line
    owners: Sequence[str]
    bridges: frozenset[str]

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
            group_name=self.line.kind,
            owners=self.owners,
            code_version=self.line.makers[name].version(models_in_use()),
            automation_condition=condition_of(self.line.kind, name),
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
        within: bool = False,
    ) -> dg.AssetSpec:
        """An external asset that carries versions from one space of partitions to another.

        `within`: from the same space, for what is made elsewhere than here.
        """
        mapping = dg.IdentityPartitionMapping() if within else dg.AllPartitionMapping()
        return dg.AssetSpec(
            name,
            partitions_def=partitions,
            deps=[dg.AssetDep(dep, partition_mapping=mapping) for dep in deps],
            description=description,
            kinds=kinds,
            group_name=self.line.kind,
            owners=self.owners,
        )

    def op(
        self,
        name: str,
        description: str,
        *,
        pool: str,
        specs: Sequence[dg.AssetSpec],
        work_on: Drive,
        checks: Sequence[dg.AssetCheckSpec] = (),
    ) -> dg.AssetsDefinition:
        """An op that makes any subset of some assets, for all units of its run at once."""

        @dg.multi_asset(
            name=name,
            description=description,
            specs=specs,
            check_specs=checks,
            can_subset=True,
            backfill_policy=dg.BackfillPolicy.single_run(),
            pool=pool,
            retry_policy=OP_RETRIES,
        )
        # No return annotation: Dagster takes one of several outputs for a tuple's.
        async def making(context: dg.AssetExecutionContext, config: MakingConfig):
            async for event in drive(
                *(context, get_settings(), self.line, work_on),
                bridges=self.bridges,
                fresh=config.fresh,
            ):
                yield event

        return making

    def job(
        self, name: str, description: str, *, selection: Sequence[str]
    ) -> UnresolvedAssetJobDefinition:
        """A job as people and the dispatcher launch it."""
        return dg.define_asset_job(
            name,
            selection=list(selection),
            description=description,
            tags={
                "pipeline/line": self.line.kind,
                MAX_RUNTIME_TAG: str(int(self.line.deadline * policies.RUN_OUTLASTS)),
            },
        )
