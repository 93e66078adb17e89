"""Procrastinate: every step is a job of its own in Postgres, and defers the next one.

The limits are those of one worker per queue. A row counts down to the join. W2 holds at most 10
steps at once, not 10 jobs.
"""

import asyncio
import logging
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import measure
import procrastinate
import services
import work

QUEUES = {
    "W": {"a": work.STEPS_AT_ONCE, "b": work.STEPS_AT_ONCE, "join": 1},
    "W2": {"jobs": work.JOBS_AT_ONCE},
}
POLL_SECONDS = 1.0  # only a safety net: LISTEN/NOTIFY wakes the workers
CREATE = "create table countdown (run text primary key, missing int not null)"
BEGIN = "insert into countdown values (%(run)s, %(missing)s)"
COUNT = "update countdown set missing = missing - 1 where run = %(run)s returning missing"


class Bench:
    """The app, its tasks and its workers, in one process."""

    def __init__(self, url: str) -> None:
        self.connector = procrastinate.PsycopgConnector(conninfo=url, max_size=12)
        self.app = procrastinate.App(connector=self.connector)
        self.finished: dict[str, asyncio.Event] = {}
        self.workers: list[asyncio.Task[None]] = []
        self.a = self.app.task(self._a, name="a", queue="a")
        self.b = self.app.task(self._b, name="b", queue="b")
        self.join = self.app.task(self._join, name="join", queue="join")
        self.step = self.app.task(self._step, name="step", queue="jobs")

    async def _a(self, run: str, number: int) -> None:
        await asyncio.sleep(work.A_SECONDS)
        work.body_done()
        await self.b.defer_async(run=run, number=number)

    async def _b(self, run: str, number: int) -> None:
        await asyncio.sleep(work.B_SECONDS)
        work.body_done()
        if await self._last(run):
            await self.join.defer_async(run=run)

    async def _join(self, run: str) -> None:
        self.finished[run].set()

    async def _step(self, run: str, job: int, step: int) -> None:
        work.body_done()
        if step + 1 < work.STEPS_PER_JOB:
            await self.step.defer_async(run=run, job=job, step=step + 1)
        elif await self._last(run):
            self.finished[run].set()

    async def _last(self, run: str) -> bool:
        return (await self.connector.execute_query_one_async(COUNT, run=run))["missing"] == 0

    async def open(self, queues: dict[str, int]) -> None:
        await self.app.open_async()
        await self.app.schema_manager.apply_schema_async()
        await self.connector.execute_query_async(CREATE)
        for queue, at_once in queues.items():
            worker = self.app.run_worker_async(
                queues=[queue],
                concurrency=at_once,
                install_signal_handlers=False,
                fetch_job_polling_interval=POLL_SECONDS,
            )
            self.workers.append(asyncio.create_task(worker))
        await asyncio.sleep(1)  # until they listen

    async def close(self) -> None:
        for worker in self.workers:
            worker.cancel()
        await asyncio.gather(*self.workers, return_exceptions=True)
        await self.app.close_async()

    async def once(self, kind: str, units: int) -> None:
        run = uuid.uuid4().hex
        self.finished[run] = asyncio.Event()
        await self.connector.execute_query_async(BEGIN, run=run, missing=units)
        if kind == "W":
            first = (self.a.defer_async(run=run, number=number) for number in range(units))
        else:
            first = (self.step.defer_async(run=run, job=job, step=0) for job in range(units))
        await asyncio.gather(*first)
        await asyncio.wait_for(self.finished[run].wait(), 120)


@contextmanager
def bench(request: measure.Request) -> Iterator[measure.Once]:
    logging.disable(logging.WARNING)
    with services.postgres(request.folder) as url, asyncio.Runner() as runner:
        system = Bench(url)
        try:
            runner.run(system.open(QUEUES[request.work]))
            yield lambda units: runner.run(system.once(request.work, units))
        finally:
            runner.run(system.close())


if __name__ == "__main__":
    measure.main(measure.Peer("procrastinate", "procrastinate", bench))
