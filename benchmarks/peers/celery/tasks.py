"""The steps as Celery tasks, one queue per limit. Imported by the workers and by the client."""

import os
import time

import work
from celery import Celery

app = Celery(
    "tasks", broker=os.environ["BENCH_REDIS"] + "/0", backend=os.environ["BENCH_REDIS"] + "/1"
)
app.conf.update(
    task_acks_late=True,  # a killed worker's task is delivered again
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    task_routes={"tasks.a": "a", "tasks.b": "b", "tasks.join": "join", "tasks.no_op": "jobs"},
)


@app.task
def a(number: int) -> str:
    time.sleep(work.A_SECONDS)
    work.body_done()
    return f"a{number}"


@app.task
def b(value: str) -> str:
    time.sleep(work.B_SECONDS)
    work.body_done()
    return f"{value}b"


@app.task
def join(values: list[str]) -> int:
    return len(values)


@app.task
def no_op() -> None:
    work.body_done()
