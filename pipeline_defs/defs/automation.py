"""When Dagster asks for an asset by itself: the conditions that `policies.AUTOMATIONS` names.

What is wanted stands in our tables, by the same rules as Studio's and the command line's (see
runtime/inspection.py): a condition never asks for what a person gave up, what is at work, or what
an organization's budget does not pay. Dagster adds what it knows: what runs, what failed, what was
asked for already.
"""

from dataclasses import dataclass
from functools import reduce
from operator import or_

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.domain.graph import Standing
from pipeline_defs.runtime.automation import WantingOfTick
from pipeline_defs.runtime.dagster.internals import BuiltinAutomationCondition
from pipeline_defs.settings import get_settings, in_stack

_WANTING = WantingOfTick()


@dataclass(frozen=True)
class Wanted(dg.AutomationCondition[dg.AssetKey]):
    """Partitions of which our tables say that they are missing, or stale."""

    standings: frozenset[Standing]

    @property
    def name(self) -> str:
        """As the Dagster UI shows it."""
        return f"{' or '.join(sorted(self.standings))} by our tables, within budget"

    async def evaluate(  # pyright: ignore[reportIncompatibleMethodOverride] # as Dagster's own do
        self, context: dg.AutomationContext[dg.AssetKey]
    ) -> dg.AutomationResult[dg.AssetKey]:
        """See the class."""
        found = await _WANTING.read(context.evaluation_id) if in_stack() else {}
        of_asset = found.get(context.key.to_user_string(), {})
        keys = {key for key, standing in of_asset.items() if standing in self.standings}
        subset = context.candidate_subset.compute_intersection_with_partition_keys(keys)
        return dg.AutomationResult(context, true_subset=subset)


@dg.definitions
def automation() -> dg.Definitions:
    """The sensor that looks at all conditions, running from the start."""
    return dg.Definitions(
        sensors=[
            dg.AutomationConditionSensorDefinition(
                "automation",
                target=dg.AssetSelection.all(),
                description="Asks for what our automation rules name: see docs/automation.md.",
                minimum_interval_seconds=policies.AUTOMATION_INTERVAL,
                default_status=dg.DefaultSensorStatus.RUNNING,
                emit_backfills=False,
                use_user_code_server=True,  # the conditions read our tables
            )
        ]
    )


def condition_of(kind: str, asset: str) -> dg.AutomationCondition[dg.AssetKey] | None:
    """The condition of an asset of a line; None where nothing of it is ever asked for."""
    if asset in policies.NEVER_BY_ITSELF:
        return None
    on = get_settings().automations_on
    conditions = [
        _asking_once(Wanted(frozenset(automation.standings))).with_label(name)
        for name, automation in policies.AUTOMATIONS.items()
        if name in on
        and kind in automation.kinds
        and (not automation.assets or asset in automation.assets)
    ]
    if not conditions:
        return None
    return reduce(or_, conditions)


def _asking_once(wanted: Wanted) -> BuiltinAutomationCondition[dg.AssetKey]:
    """Of what is wanted: what can be made, does not run, did not fail and was not asked for today.

    What is wanted comes first: everything else is then looked at for those few partitions alone.
    """
    asked = dg.AutomationCondition.newly_requested().since(
        dg.AutomationCondition.cron_tick_passed(policies.AUTOMATION_AGAIN_CRON)
    )
    return (
        wanted
        & ~dg.AutomationCondition.any_deps_missing()
        & ~dg.AutomationCondition.in_progress()
        & ~dg.AutomationCondition.execution_failed()
        & ~asked
    )
