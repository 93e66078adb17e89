"""One pass of the reconciler: looks at every area, stores what it found.

Each repair is a transaction of its own that asks once more how things stand, so a pass may end at
any moment and be repeated. An area that cannot be looked at is told in the report and hides no
other.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from psycopg.types.json import Jsonb

from pipeline_defs import policies
from pipeline_defs.domain.errors import PipelineError, Transient, Unknown, classify
from pipeline_defs.domain.reconciliation import Area, Finding, Scope, totals
from pipeline_defs.runtime.reconciling import arrivals, permits, providers, record, runs, units
from pipeline_defs.runtime.reconciling.blobs import sweep
from pipeline_defs.runtime.reconciling.world import World
from pipeline_defs.storage.database import Transaction

log = logging.getLogger(__name__)
Look = Callable[[World], Awaitable[list[Finding]]]
LOOKS: Mapping[Area, Look] = {
    "inbox": arrivals.look,
    "units": units.look,
    "runs": runs.look,
    "record": record.look,
    "permits": permits.look,
    "providers": providers.look,
}


@dataclass(slots=True)
class Report:
    """What a pass found, and the areas it could not look at."""

    scope: Scope
    began_at: datetime
    findings: list[Finding] = field(default_factory=list)
    faults: dict[str, PipelineError] = field(default_factory=dict)
    blobs_after: str = ""

    @property
    def totals(self) -> dict[str, int]:
        """Numbers over all findings."""
        return totals(self.findings)

    @property
    def unknown(self) -> Unknown | None:
        """The first fault that nobody foresaw."""
        return next((f for f in self.faults.values() if isinstance(f, Unknown)), None)


async def reconcile(world: World, scope: Scope) -> Report:
    """Look, repair, store the report. `full` sweeps the blob store too.

    Raises Transient `DATABASE_UNAVAILABLE` where our own database stays away.
    """
    report = Report(scope, datetime.now(UTC))
    for area, look in LOOKS.items():
        async with _told(report, area):
            async with asyncio.timeout(policies.RECONCILIATION_AREA_DEADLINE):
                report.findings += await look(world)
    if scope == "full":
        async with _told(report, "blobs"):
            row = await world.database.one(None, "reconciliation.blobs_after")
            swept = await sweep(world.database, world.blobs, row["blobs_after"] if row else "")
            report.findings += swept.findings()
            report.blobs_after = swept.after
    await world.database.transact(None, lambda tx: _store(tx, world.run_id, report))
    return report


@asynccontextmanager
async def _told(report: Report, area: Area) -> AsyncGenerator[None]:
    """What goes wrong in an area stands in the report; without our database there is none."""
    try:
        yield
    except Exception as raised:
        error = _slow(area) if isinstance(raised, TimeoutError) else classify(raised)
        if error.code == "DATABASE_UNAVAILABLE":
            raise
        log.warning("%s not reconciled: %s", area, error, exc_info=raised)
        report.faults[area] = error


def _slow(area: Area) -> Transient:
    limit = policies.RECONCILIATION_AREA_DEADLINE
    return Transient("RECONCILIATION_SLOW", f"{area} took longer than {limit:g} s")


async def _store(tx: Transaction, run_id: str, report: Report) -> None:
    faults: dict[str, Any] = {a: f.record().as_dict() for a, f in report.faults.items()}
    await tx.run(
        "reconciliation.store",
        run_id=run_id,
        scope=report.scope,
        began_at=report.began_at,
        findings=Jsonb([finding.as_dict() for finding in report.findings]),
        faults=faults,
        blobs_after=report.blobs_after,
    )
    await tx.run("reconciliation.forget_old", days=policies.RECONCILIATION_KEPT_DAYS)
