"""Tells Dagster what was made: materializations with full provenance, bridges and checks.

Each event carries the tags from which Dagster computes staleness: the data version, the code
version, and for every input the version that was used and the event it came from.

Nobody waits for an event to be written: what is reported is queued and written in batches by a
thread, as each write blocks for milliseconds. `flush` waits for all of it; a unit is not settled
before. What a killed worker had not written yet is told by the next run (`report_leftovers`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Any, TypeVar

import dagster as dg
from dagster_postgres.utils import DagsterPostgresException
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pipeline_defs import policies
from pipeline_defs.domain.errors import LostClaim, PipelineError, Transient, classify
from pipeline_defs.runtime.concurrency import all_ended, stop
from pipeline_defs.runtime.dagster.events import (
    DATA_VERSION,
    AssetEvent,
    events_of,
    log_batch,
    log_checks,
)
from pipeline_defs.runtime.metadata import as_metadata, of_version
from pipeline_defs.runtime.work import Made, UnitWork
from pipeline_defs.storage.database import Transaction

log = logging.getLogger(__name__)
T = TypeVar("T")

CODE_VERSION = "dagster/code_version"
USER_PROVIDED = "dagster/data_version_is_user_provided"
INPUT_VERSION = "dagster/input_data_version/"
INPUT_POINTER = "dagster/input_event_pointer/"
STORAGE_AWAY = (DBAPIError, DagsterPostgresException, PoolTimeout)


@dataclass(frozen=True, slots=True)
class Untold:
    """A stored version that Dagster does not know yet."""

    made: Made
    reused: bool = False


@dataclass(frozen=True, slots=True)
class Version(Untold):
    """One that a run has made; `work` is its unit."""

    work: UnitWork = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class _Check:
    """The outcome of a check of one partition."""

    evaluation: dg.AssetCheckEvaluation


_Report = Version | _Check


class Reporter:
    """Writes the events of one op. Use as `async with Reporter.open(...)`."""

    def __init__(
        self, context: dg.AssetExecutionContext, bridges: frozenset[str], studio_url: str
    ) -> None:
        self._context = context
        self._bridges = bridges
        self._studio_url = studio_url
        self._waiting: list[_Report] = []
        self._asked = self._written = 0  # how many reports ever
        self._changed = asyncio.Condition()
        self._urgent = asyncio.Event()
        self._failure: PipelineError | None = None

    @classmethod
    @asynccontextmanager
    async def open(
        cls, context: dg.AssetExecutionContext, bridges: frozenset[str], studio_url: str
    ) -> AsyncGenerator[Reporter]:
        """With the writer running; what is left at the end is still written."""
        reporter = cls(context, bridges, studio_url)
        writer = asyncio.create_task(reporter._write_forever())
        try:
            yield reporter
        finally:
            with suppress(PipelineError):  # logged; the next run tells what is missing
                await reporter.flush()
            await stop(writer)

    async def made(self, work: UnitWork, made: Made, *, reused: bool = False) -> None:
        """Report a stored version and, once Dagster knows it, remember that.

        A bridge becomes an observation (staleness reads it) and a materialization (status).
        """
        await self._add(Version(made, reused, work=work))

    async def checked(
        self, asset: str, partition: str, check: str, faults: list[str], **metadata: Any
    ) -> None:
        """Report a check of one partition: passed when there are no faults."""
        evaluation = dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey.from_user_string(asset),
            check_name=check,
            passed=not faults,
            severity=dg.AssetCheckSeverity.WARN,
            description="; ".join(faults[:5]) or None,
            metadata=as_metadata({**metadata, "faults": len(faults)}),
            partition=partition,
        )
        await self._add(_Check(evaluation))

    async def add_partitions(self, space: str, keys: Sequence[str]) -> None:
        """Register partition keys, in order and at once; those that exist stay."""
        instance = self._context.instance
        await asyncio.to_thread(
            _patiently, lambda: instance.add_dynamic_partitions(space, list(keys))
        )

    async def flush(self) -> None:
        """Wait until everything reported so far is written.

        Raises Transient `DATABASE_UNAVAILABLE` when Dagster's database stays away.
        """
        wanted = self._asked
        self._urgent.set()
        async with self._changed:
            await self._changed.wait_for(lambda: self._failure or self._written >= wanted)
        self._raise_failure()

    async def _add(self, report: _Report) -> None:
        async with self._changed:
            await self._changed.wait_for(
                lambda: self._failure or len(self._waiting) < policies.REPORTS_WAITING_MOST
            )
            self._raise_failure()
            self._waiting.append(report)
            self._asked += 1
            self._changed.notify_all()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    async def _write_forever(self) -> None:
        try:
            while True:
                async with self._changed:
                    await self._changed.wait_for(lambda: self._waiting)
                with suppress(TimeoutError):  # a little later there is more to write at once
                    async with asyncio.timeout(policies.REPORT_LINGER):
                        await self._urgent.wait()
                batch = self._take(everything=self._urgent.is_set())
                self._urgent.clear()
                await self._write(batch)
                async with self._changed:
                    self._written += len(batch)
                    self._changed.notify_all()
        except BaseException as raised:
            async with self._changed:  # whoever waits would wait for ever
                self._failure = classify(raised)
                self._changed.notify_all()
            raise

    def _take(self, *, everything: bool) -> list[_Report]:
        """What to write now: what was made goes before what was checked."""
        checks = [report for report in self._waiting if isinstance(report, _Check)]
        made = [report for report in self._waiting if isinstance(report, Version)]
        if everything or not made or len(checks) > policies.REPORTS_WAITING_MOST // 2:
            self._waiting = []
            return [*made, *checks]
        self._waiting = [*checks]
        return [*made]

    async def _write(self, batch: list[_Report]) -> None:
        """Write a batch. An event that cannot be written is left out, and not tried for ever."""
        still_ours = await self._still_ours(batch)
        try:
            await asyncio.to_thread(self._log, still_ours)
        except Transient:
            raise
        except Exception:
            if len(still_ours) > 1:
                for report in still_ours:
                    await self._write([report])
                return
            log.exception("Dagster does not take an event of %s", _named(still_ours))
        await self._remember([report for report in still_ours if isinstance(report, Version)])

    async def _still_ours(self, batch: list[_Report]) -> list[_Report]:
        """Without versions of units that another worker has taken over: it may be further."""
        works = {report.work for report in batch if isinstance(report, Version)}
        held = await all_ended([_is_held(work) for work in works])
        ours = {work for work, is_held in zip(works, held, strict=True) if is_held}
        return [r for r in batch if isinstance(r, _Check) or r.work in ours]

    async def _remember(self, versions: list[Version]) -> None:
        """Dagster knows these."""
        of_unit: defaultdict[UnitWork, list[Made]] = defaultdict(list)
        for version in versions:
            of_unit[version.work].append(version.made)
        await all_ended([_remember(work, known) for work, known in of_unit.items()])

    def _log(self, batch: Sequence[_Report]) -> None:
        context = self._context
        for events in self.events([report for report in batch if isinstance(report, Version)]):
            _patiently(lambda e=events: log_batch(context, e))
        if checks := [report.evaluation for report in batch if isinstance(report, _Check)]:
            _patiently(lambda: log_checks(context, checks))

    def events(self, versions: Sequence[Untold]) -> Generator[list[AssetEvent]]:
        """The events of these, asset by asset: those that others point to are yielded first.

        What was yielded has to be written before the next is asked for.
        """
        of_asset: defaultdict[str, list[Untold]] = defaultdict(list)
        for version in versions:
            of_asset[version.made.asset].append(version)
        order = TopologicalSorter[str]()
        for asset, alike in of_asset.items():
            order.add(asset, *{name for v in alike for name in v.made.inputs if name != asset})
        for asset in order.static_order():
            if asset in of_asset:
                yield self._of_asset(asset, of_asset[asset])

    def _of_asset(self, asset: str, versions: list[Untold]) -> list[AssetEvent]:
        if asset in self._bridges:
            kinds = (dg.AssetObservation, dg.AssetMaterialization)
            return [self._bridge(kind, version.made) for kind in kinds for version in versions]
        pointers = self._pointers(versions)
        return [self._materialization(version, pointers) for version in versions]

    def _pointers(self, versions: list[Untold]) -> dict[tuple[str, str], int]:
        """The event of each input of these in the version that was used, by asset and partition."""
        wanted: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for version in versions:
            for dependency, used in version.made.inputs.items():
                wanted[dependency][version.made.partition] = used
        instance = self._context.instance
        return {
            (dependency, partition): number
            for dependency, used in wanted.items()
            for partition, number in events_of(
                instance, dependency, used, is_bridge=dependency in self._bridges
            ).items()
        }

    def _materialization(
        self, version: Untold, pointers: Mapping[tuple[str, str], int]
    ) -> dg.AssetMaterialization:
        made = version.made
        tags = {
            DATA_VERSION: made.data_version,
            CODE_VERSION: made.code_version,
            USER_PROVIDED: "true",
        }
        for dependency, used in made.inputs.items():
            name = "/".join(dg.AssetKey.from_user_string(dependency).path)
            tags[INPUT_VERSION + name] = used
            pointer = pointers.get((dependency, made.partition))
            if pointer is not None:
                tags[INPUT_POINTER + name] = str(pointer)
        paid = {"cost_usd": float(made.cost_usd), "reused": version.reused}
        metadata = of_version(made, self._studio_url, paid)
        return dg.AssetMaterialization(
            made.asset, partition=made.partition, tags=tags, metadata=metadata
        )

    def _bridge(self, kind: type[AssetEvent], made: Made) -> AssetEvent:
        return kind(
            made.asset,
            partition=made.partition,
            tags={DATA_VERSION: made.data_version},
            metadata=of_version(made, self._studio_url, {}),
        )


def _named(reports: Sequence[_Report]) -> str:
    return ", ".join(
        f"{r.made.asset} of {r.made.partition}"
        if isinstance(r, Version)
        else f"check {r.evaluation.check_name} of {r.evaluation.partition}"
        for r in reports
    )


async def _is_held(work: UnitWork) -> bool:
    async def nothing(_tx: Transaction) -> None:
        """The guard alone."""

    try:
        await work.transact(nothing)
    except LostClaim:
        return False
    return True


async def _remember(work: UnitWork, known: Sequence[Made]) -> None:
    with suppress(LostClaim):  # whoever has the unit now tells it once more
        await work.transact(
            lambda tx: tx.run(
                "assets.reported",
                assets=[made.asset for made in known],
                partitions=[made.partition for made in known],
                data_versions=[made.data_version for made in known],
            )
        )


def _patiently(write: Callable[[], T]) -> T:
    """Run a write of Dagster's storage, again while its database restarts; a repeat is harmless."""
    give_up = time.monotonic() + policies.POSTGRES_OUTAGE_TOLERANCE
    while True:
        try:
            return write()
        except STORAGE_AWAY as error:
            if time.monotonic() > give_up:
                raise Transient(
                    "DATABASE_UNAVAILABLE",
                    f"Dagster's database does not answer ({type(error).__name__})",
                ) from error
            log.warning("event not written yet: %s", type(error).__name__)
            time.sleep(policies.POSTGRES_RETRY_INTERVAL)
