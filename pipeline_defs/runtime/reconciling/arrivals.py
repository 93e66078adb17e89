"""Events that are stored and not processed.

The gateway and a sensor process what is due within seconds and count tries that fail. What is
overdue in spite of that is tried once more here, and is dead after an hour: visible, with a reason,
and the same event sent again has its effect.
"""

from __future__ import annotations

from pipeline_defs import policies
from pipeline_defs.domain.reconciliation import Finding
from pipeline_defs.runtime.inbox import process_open_events
from pipeline_defs.runtime.reconciling.world import World

REASON = (
    f"STUCK: not processed within {policies.EVENT_GIVEN_UP / 60:g} minutes. "
    "Look at the gateway's log, then send it again."
)


async def look(world: World) -> list[Finding]:
    """Process what is overdue; bury what is beyond hope."""
    overdue = await world.database.all(
        None,
        "reconciliation.inbox_overdue",
        seconds=policies.EVENT_OVERDUE,
        most=policies.RECONCILIATION_BATCH,
    )
    if not overdue:
        return [Finding("events_overdue")]
    processed = await process_open_events(world.database, policies.RECONCILIATION_BATCH)
    buried = sum([await _bury(world, **event) for event in overdue])
    repaired = min(processed, len(overdue) - buried)
    return [Finding("events_overdue", found=len(overdue), repaired=repaired, failed=buried)]


async def _bury(world: World, org_id: str, source: str, event_id: str) -> int:
    return await world.database.touched(
        org_id,
        "reconciliation.bury",
        source=source,
        event_id=event_id,
        reason=REASON,
        seconds=policies.EVENT_GIVEN_UP,
    )
