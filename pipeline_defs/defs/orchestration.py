"""How a line is told to Dagster: its assets and bridges, its ops, its jobs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import dagster as dg
from pydantic import Field

from pipeline_defs import policies
from pipeline_defs.defs.about import (
    About,
    AboutBridge,
    Code,
    definition_metadata,
    how_to_make_again,
)
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


LAUNCHED = (
    "Launched by itself for whatever is due. By hand: choose partitions of one or several units; "
    "those that another run holds, and what is up to date, are left as they are, unless the "
    "launchpad says `fresh: true`."
)


class MakingConfig(dg.Config):
    """How to make what is selected."""

    fresh: bool = Field(
        default=False,
        description="Make the selected partitions anew although nothing changed, and pay for it. "
        "Otherwise only what is missing, stale or broken is made; the rest is reported as it "
        "stands, free of charge.",
    )


@dataclass(frozen=True)
class Group:
    """The assets of one line: who owns them, what is said of each, which are bridges,
    and the module that says what makes them stale."""

    line: Line
    owners: Sequence[str]
    about: Mapping[str, About | AboutBridge]
    bridges: frozenset[str]
    recipe: ModuleType

    def asset(
        self,
        name: str,
        partitions: dg.PartitionsDefinition[str],
        *,
        deps: Sequence[str],
        kinds: set[str],
        code: Mapping[str, Code],
        asks: Sequence[str] = (),
    ) -> dg.AssetSpec:
        """An asset we make; its dependencies are partitioned as it is.

        `asks`: the capabilities of providers that it pays for. `code`: where it is made.
        """
        return dg.AssetSpec(
            name,
            partitions_def=partitions,
            deps=list(deps),
            description=self.about[name].markdown,
            kinds=kinds,
            tags={f"provider/{capability}": "" for capability in asks},
            group_name=self.line.kind.name,
            owners=self.owners,
            code_version=self.line.makers[name].version(models_in_use()),
            automation_condition=condition_of(self.line.kind.name, name),
            metadata=self._metadata(name, code),
            skippable=True,
        )

    def bridge(
        self,
        name: str,
        partitions: dg.PartitionsDefinition[str],
        *,
        deps: Sequence[str],
        kinds: set[str],
        code: Mapping[str, Code],
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
            description=self.about[name].markdown,
            kinds=kinds,
            tags={"bridge": ""},
            group_name=self.line.kind.name,
            owners=self.owners,
            metadata=self._metadata(name, code),
        )

    def _metadata(self, name: str, code: Mapping[str, Code]) -> dict[str, Any]:
        places = {**code, "staleness rule": self.recipe}
        return definition_metadata(self.about[name].columns, places)

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

        again = how_to_make_again(name)

        @dg.multi_asset(
            name=name,
            description=description,
            specs=[
                spec.replace_attributes(description=f"{spec.description}{again}") for spec in specs
            ],
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

    def definitions(self, assets: Sequence[dg.AssetsDefinition | dg.AssetSpec]) -> dg.Definitions:
        """The assets, each with a link to where Studio lists the units of the line."""
        listed = f"{get_settings().studio_url}{self.line.kind.studio}"
        link = {"studio": dg.MetadataValue.url(listed)}
        return dg.Definitions(
            assets=dg.map_asset_specs(lambda spec: spec.merge_attributes(metadata=link), assets)
        )

    def job(
        self, name: str, description: str, *, selection: Sequence[str]
    ) -> UnresolvedAssetJobDefinition:
        """A job as people and the dispatcher launch it."""
        return dg.define_asset_job(
            name,
            selection=list(selection),
            description=f"{description}\n\n{LAUNCHED}",
            tags={
                "pipeline/line": self.line.kind.name,
                MAX_RUNTIME_TAG: str(int(self.line.deadline * policies.RUN_OUTLASTS)),
            },
        )
