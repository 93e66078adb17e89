"""From stored work to runs: which units are due, and what is launched for them.

Postgres decides who dispatches a unit (it is taken for a while, so a second dispatcher passes it
by). The gateway does it right after a commit; a Dagster sensor does the same for whatever the
gateway missed. A run carries the dispatch's token as a tag, so a launch whose answer was lost is
found again instead of being repeated.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any, Protocol

import psycopg

from pipeline_defs import policies
from pipeline_defs.domain.errors import ErrorRecord, PipelineError, Transient, classify
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.domain.work import Rest, Work
from pipeline_defs.runtime import control, presence
from pipeline_defs.runtime.concurrency import stop
from pipeline_defs.runtime.dagster.graphql import DagsterApi, FoundRun
from pipeline_defs.runtime.dispatch_tags import DISPATCH_TAG, LAUNCHED_BY, UNIT_TAG
from pipeline_defs.runtime.lines import Line
from pipeline_defs.runtime.presence import Partitions
from pipeline_defs.settings import Settings
from pipeline_defs.storage.database import Database, Transaction

log = logging.getLogger(__name__)
AWAY = frozenset({"DAGSTER_UNAVAILABLE", "DATABASE_UNAVAILABLE"})


@dataclass(frozen=True, slots=True)
class Due:
    """A unit taken for dispatch, and what it needs."""

    org_id: str
    unit_id: str
    line: Line
    work: Work
    first: bool  # no run was ever asked for
    created_at: datetime
    absent: bool = False  # it left Dagster's partitions, and comes back


@dataclass(frozen=True, slots=True)
class Launch:
    """One run to ask for: one unit's work, or the same first step of several units."""

    token: str
    line: Line
    work: Work
    units: tuple[Due, ...]

    @property
    def tags(self) -> dict[str, str]:
        """Tags of the run."""
        tags = {
            DISPATCH_TAG: self.token,
            "pipeline/line": self.line.kind.name,
            LAUNCHED_BY: "gateway",
        }
        if len(self.units) == 1:
            tags[UNIT_TAG] = self.units[0].unit_id
        return tags


class RunLookup(Protocol):
    """Finds the runs of an earlier dispatch."""

    async def runs_tagged(self, key: str, value: str, limit: int = 10) -> list[FoundRun]:
        """Runs that carry a tag, newest first."""
        ...


async def admit(database: Database, lines: Mapping[str, Line], settings: Settings) -> None:
    """Let the lines that have a queue hand over their next units."""
    for line in lines.values():
        if line.queue is not None:
            await line.queue.admit(database, settings)


async def take_due(
    database: Database, lines: Mapping[str, Line], runs: RunLookup, most: int
) -> list[Due]:
    """Take due units and find out what they need; settles those that need nothing or never will."""
    rows = await database.all(
        None, "units.claim_dispatch", most=most, lease=policies.DISPATCH_CLAIM_LEASE
    )
    found: list[Due] = []
    for row in rows:
        line = lines.get(row["kind"])
        if line is None:
            continue
        try:
            if await _is_under_way(database, runs, row):
                continue
            due = await database.transact(
                row["org_id"], lambda tx, r=row, ln=line: _needs(tx, r, ln)
            )
        except Exception as raised:  # one unit's fault must not hold up the others
            if isinstance(raised, Transient) and raised.code in AWAY:
                raise  # nor can any other be dispatched: the next pass tries them all again
            log.warning("unit %s not dispatched: %s", row["id"], classify(raised), exc_info=raised)
            await _count_fault(database, row)
            continue
        if due is not None:
            found.append(due)
    return sorted(found, key=lambda due: due.created_at)


async def _count_fault(database: Database, row: Mapping[str, Any]) -> None:
    """A unit whose needs cannot be found out fails visibly after as many tries as any other."""
    await database.run(
        row["org_id"],
        "units.dispatched",
        ids=[row["id"]],
        token=row["dispatch_token"],
        delay=policies.DISPATCH_RECHECK,
    )


async def _is_under_way(database: Database, runs: RunLookup, row: Mapping[str, Any]) -> bool:
    """Whether the run asked for last waits, runs or is about to be retried."""
    if not row["dispatch_token"]:
        return False
    known = await runs.runs_tagged(DISPATCH_TAG, row["dispatch_token"])
    recent = time.time() - policies.RUN_RETRY_GRACE
    under_way = any(run.unfinished or (run.ended_at or 0) > recent for run in known)
    if under_way:
        await database.run(
            row["org_id"], "units.postpone", ids=[row["id"]], delay=policies.DISPATCH_RECHECK
        )
    return under_way


async def _needs(tx: Transaction, row: Mapping[str, Any], line: Line) -> Due | None:
    unit = await tx.one("units.lock", id=row["id"])
    if unit is None or unit["status"] in FINAL_STATES:
        await tx.run("units.not_due", id=row["id"])
        return None
    if unit["cancel_requested_at"] is not None:
        await control.cancelled(tx, line, row["id"], unit["status"])
        return None
    if row["dispatch_attempts"] >= policies.DISPATCH_MAX_ATTEMPTS:
        await control.begin(tx, line, row["id"], unit["status"])
        await control.finish(tx, line, row["id"], "failed", _exhausted(row["dispatch_attempts"]))
        return None
    work = await line.next_work(tx, row["id"])
    if work is None:
        await control.begin(tx, line, row["id"], unit["status"])
        await control.conclude(tx, line, row["id"])
        return None
    if isinstance(work, Rest):
        await control.rest(tx, row["id"], work)
        return None
    absent = unit["dagster_presence"] != "present"
    first = unit["started_at"] is None and unit["dispatch_token"] is None and not absent
    return Due(row["org_id"], row["id"], line, work, first, unit["created_at"], absent)


def _exhausted(attempts: int) -> ErrorRecord:
    return ErrorRecord(
        "DISPATCH_EXHAUSTED",
        f"{attempts} runs ended without getting on",
        retryable=True,
        advice="Look at the unit's last runs in the Dagster UI, then resume.",
    )


def grouped(due: Sequence[Due]) -> list[Launch]:
    """Launches for the units: those that begin with the same job share a run.

    Only units nobody has dispatched before: their keys are registered together, right before the
    run, so a range from the first to the last holds them and no unit in another stage.
    """

    def sharing(unit: Due) -> tuple[str, tuple[str, ...], str]:
        joins = unit.first and unit.work.partitions == (unit.unit_id,)
        return (unit.work.job, unit.work.assets, "" if joins else unit.unit_id)

    launches: list[Launch] = []
    for (_, _, alone), members in groupby(sorted(due, key=sharing), key=sharing):
        share = list(members)
        size = 1 if alone else policies.DISPATCH_UNITS_PER_RUN
        for start in range(0, len(share), size):
            units = tuple(share[start : start + size])
            work = share[start].work
            if len(units) > 1:
                keys = tuple(unit.unit_id for unit in units)
                work = replace(work, partitions=keys)
            launches.append(Launch(secrets.token_hex(8), share[start].line, work, units))
    return sorted(launches, key=lambda launch: launch.units[0].created_at)


async def mark(database: Database, launch: Launch) -> None:
    """Record, before a run is asked for, that it will be."""
    delay = policies.DISPATCH_RECHECK_AFTER_LAUNCH
    await _for_all(database, launch, "units.dispatched", token=launch.token, delay=delay)


async def bring_back(database: Database, partitions: Partitions, launch: Launch) -> None:
    """Register the units of a launch that had left Dagster's partitions."""
    for due in launch.units:
        if due.absent:
            await presence.bring_back(database, partitions, due.org_id, due.line, due.unit_id)


async def _for_all(database: Database, launch: Launch, name: str, **parameters: Any) -> None:
    """A statement for the units of a launch, organization by organization."""
    units: defaultdict[str, list[str]] = defaultdict(list)
    for due in launch.units:
        units[due.org_id].append(due.unit_id)
    for org_id, ids in units.items():
        await database.run(org_id, name, ids=sorted(ids), **parameters)


class Dispatcher:
    """The gateway's dispatcher: woken by commits, by Postgres notifications and by the clock."""

    def __init__(
        self,
        database: Database,
        lines: Mapping[str, Line],
        settings: Settings,
    ) -> None:
        self._database = database
        self._lines = lines
        self._settings = settings
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Something may be due."""
        self._wake.set()

    async def run(self) -> None:
        """Dispatch for ever; survives an absent Postgres and an absent Dagster."""
        dagster = DagsterApi(self._settings.dagster_url)
        listener = asyncio.create_task(self._listen())
        try:
            while True:
                self._wake.clear()
                try:
                    await self.dispatch_due(dagster)
                except Exception as raised:  # noqa: BLE001 # told, and tried again at the next pass
                    log.warning("not dispatched yet: %s", classify(raised))
                try:
                    await asyncio.wait_for(self._wake.wait(), policies.DISPATCH_POLL)
                except TimeoutError:
                    continue
                await asyncio.sleep(policies.DISPATCH_GATHER)  # a burst shares its first run
        finally:
            await stop(listener)
            await dagster.aclose()

    async def dispatch_due(self, dagster: DagsterApi) -> int:
        """One pass; how many runs were launched."""
        await admit(self._database, self._lines, self._settings)
        due = await take_due(self._database, self._lines, dagster, policies.DISPATCH_BATCH)
        if not due:
            return 0
        launches = grouped(due)
        room = max(0, await _room(dagster))
        for launch in launches[room:]:  # no room: look again soon
            delay = policies.DISPATCH_POLL
            await _for_all(self._database, launch, "units.postpone", delay=delay)
        results = await asyncio.gather(
            *[self._launch(dagster, launch) for launch in launches[:room]], return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, PipelineError):
                raise result
        return len(launches[:room])

    async def _launch(self, dagster: DagsterApi, launch: Launch) -> None:
        await mark(self._database, launch)
        try:
            await bring_back(self._database, dagster, launch)
            await dagster.add_partitions(launch.work.space, launch.work.partitions)
            await dagster.launch(
                launch.work.job, launch.work.assets, launch.work.partitions, launch.tags
            )
        except Transient as error:
            log.warning("run of %s not launched: %s", launch.work.job, error)
            if error.code not in AWAY:  # refused: this counts, and ends in a visible failure
                return
            delay = policies.DISPATCH_POLL
            await _for_all(self._database, launch, "units.not_launched", delay=delay)

    async def _listen(self) -> None:
        """Wake on every `pipeline_dispatch` notification of Postgres."""
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(
                    self._settings.required("database_url"), autocommit=True
                )
                async with connection:
                    await connection.execute("listen pipeline_dispatch")
                    self.wake()
                    async for _ in connection.notifies():
                        self.wake()
            except psycopg.Error as error:
                log.warning("not listening for work: %s", type(error).__name__)
                await asyncio.sleep(policies.DISPATCH_POLL)


async def _room(dagster: DagsterApi) -> int:
    """How many more runs Dagster's queue may get: twice its capacity in all."""
    most = 2 * policies.RUNS_AT_ONCE
    return most - len(await dagster.unfinished_runs(most))
