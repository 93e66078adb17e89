"""What was ordered at a provider and never heard of again.

The lines look for it themselves: a campaign asks for calls that fell silent and for recordings
(`defs/calls/tracing.py`), a lecture fetches a clip that was ordered before (`clip_jobs.py`). Here
is only seen to it that they do: a campaign that sleeps over it is woken. Of units that ended lately
it is told, as only whoever resumes them may let calls and clips go on.
"""

from __future__ import annotations

from pipeline_defs import policies
from pipeline_defs.domain.reconciliation import Finding
from pipeline_defs.runtime.reconciling.world import World
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Transaction

ACTOR = "reconciler"


async def look(world: World) -> list[Finding]:
    """Wake whoever has to ask."""
    row = await world.database.one(
        None,
        "reconciliation.clips_unfetched",
        seconds=policies.VIDEO_JOB_DEADLINE,
        within=policies.ORDERS_TOLD_WITHIN,
    )
    return [await _calls(world), Finding("clips_unfetched", found=int(row["clips"]) if row else 0)]


async def _calls(world: World) -> Finding:
    campaigns = await world.database.all(
        None,
        "reconciliation.calls_unheard",
        unanswered=policies.CALL_UNANSWERED,
        silent=policies.CALL_UNHEARD,
        unrecorded=policies.CALL_UNRECORDED,
        within=policies.ORDERS_TOLD_WITHIN,
        most=policies.RECONCILIATION_BATCH,
    )
    woken = 0
    for campaign in campaigns:
        if not campaign["at_rest"]:
            await world.database.transact(
                campaign["org_id"], lambda tx, c=campaign["id"]: _wake(tx, c)
            )
            woken += int(campaign["calls"])
    found = sum(int(campaign["calls"]) for campaign in campaigns)
    return Finding("calls_unheard", found=found, repaired=woken)


async def _wake(tx: Transaction, campaign_id: str) -> None:
    await tx.run("units.due_now", id=campaign_id)
    await units.audit(tx, ACTOR, "campaigns.woken", campaign_id)
    await tx.run("units.notify_dispatch")
