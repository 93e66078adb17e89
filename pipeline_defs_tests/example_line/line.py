"""What the runtime and the gateway have to know of the example line."""

from pipeline_defs.runtime import routes
from pipeline_defs.runtime.lines import Line, Repair, counted, graph_of_unit, of_unit
from pipeline_defs.storage.database import Transaction
from pipeline_defs_tests.example_line import storage
from pipeline_defs_tests.example_line.domain import (
    HAIKUS,
    MAKERS,
    HaikuRequest,
    next_work,
    outcome_of,
    standing_of,
    steps,
)


async def _rebuild(tx: Transaction, haiku_id: str, actor: str, repair: Repair) -> None:
    await storage.rebuild(tx, haiku_id, actor, repair.stale_too)


HAIKU_LINE = Line(
    kind=HAIKUS,
    next_work=of_unit(storage.required, next_work),
    outcome=of_unit(storage.required, outcome_of),
    settle=storage.settle,
    resume=storage.resume,
    rebuild=_rebuild,
    count=counted(storage.required, steps),
    graph=graph_of_unit(storage.read, standing_of),
    makers=MAKERS,
    deadline=60,
    units_at_once=10,
)
EVENTS = {
    "haiku/requested": routes.created(HaikuRequest, storage.create),
    "haiku/cancel": routes.cancelled(HAIKU_LINE),
}
