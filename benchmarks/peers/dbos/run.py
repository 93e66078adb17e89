"""DBOS Transact, in one process, on Postgres."""

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import measure
import services
import work

HERE = Path(__file__).resolve().parent


@contextmanager
def bench(request: measure.Request) -> Iterator[measure.Once]:
    with services.postgres(request.folder) as url, asyncio.Runner() as runner:
        os.environ |= {"BENCH_POSTGRES": url, "BENCH_VARIANT": request.variant}
        import workflows

        workflows.launch()
        try:
            runner.run(workflows.register_queues())
            one = workflows.run_lecture if request.work == "W" else workflows.run_jobs
            yield lambda units: runner.run(one(units))
        finally:
            workflows.DBOS.destroy()


def crash(request: measure.Request) -> None:
    """W in a process that is killed after a third of the bodies, and in the one that follows."""
    command = [sys.executable, str(HERE / "workflows.py"), "lecture-1"]
    with services.postgres(request.folder) as url:
        options = {
            "log": request.folder / "worker.log",
            "env": {
                "BENCH_POSTGRES": url,
                "BENCH_VARIANT": request.variant,
                "PYTHONPATH": str(services.PEERS),
            },
        }
        with services.running(command, **options) as child:
            child.wait_until(lambda: work.bodies_done() >= work.bodies("W", work.ITEMS) // 3)
            child.kill()
        time.sleep(1)
        with services.running(command, **options) as child:
            if child.process.wait(timeout=120) != 0:
                raise RuntimeError(child.last_words())


if __name__ == "__main__":
    variants = ("queues", "semaphores", "default-poll")
    measure.main(measure.Peer("dbos", "dbos", bench, variants=variants, crash=crash))
