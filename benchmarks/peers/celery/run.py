"""Celery on Valkey: chains, a chord, one worker per limit.

Not an engine of durable steps: a chain continues where it was because each message carries the
rest of it, but no finished step is remembered. W2 holds at most 10 steps at once, not 10 jobs.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import measure
import services
import work

HERE = Path(__file__).resolve().parent
QUEUES = {
    "W": {"a": work.STEPS_AT_ONCE, "b": work.STEPS_AT_ONCE, "join": 1},
    "W2": {"jobs": work.JOBS_AT_ONCE},
}
RESULT = {"timeout": 120, "interval": 0.02}


def lecture(items: int) -> None:
    import tasks
    from celery import chain, chord

    segments = [chain(tasks.a.s(number), tasks.b.s()) for number in range(items)]
    assert chord(segments)(tasks.join.s()).get(**RESULT) == items


def jobs(count: int) -> None:
    import tasks
    from celery import chain

    steps = [tasks.no_op.si()] * work.STEPS_PER_JOB
    for result in [chain(*steps).apply_async() for _ in range(count)]:
        result.get(**RESULT)


def worker(queue: str, at_once: int, pool: str) -> list[str]:
    return [
        *(sys.executable, "-m", "celery", "--app=tasks", "worker", f"--queues={queue}"),
        *(f"--hostname={queue}@bench", f"--concurrency={at_once}", f"--pool={pool}"),
        *("--without-gossip", "--without-mingle", "--loglevel=INFO"),
    ]


@contextmanager
def bench(request: measure.Request) -> Iterator[measure.Once]:
    with ExitStack() as stack:
        os.environ["BENCH_REDIS"] = stack.enter_context(services.valkey(request.folder))
        path = {"PYTHONPATH": f"{HERE}{os.pathsep}{services.PEERS}"}
        workers = []
        for queue, at_once in QUEUES[request.work].items():
            command, log = worker(queue, at_once, request.variant), request.folder / f"{queue}.log"
            workers.append(stack.enter_context(services.running(command, log=log, env=path)))
        for child in workers:
            child.wait_until(lambda log=child.log: "ready." in log.read_text(errors="replace"))
        yield lecture if request.work == "W" else jobs


if __name__ == "__main__":
    measure.main(measure.Peer("celery", "celery", bench, variants=("prefork", "threads")))
