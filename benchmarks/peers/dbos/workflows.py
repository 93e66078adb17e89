"""W and W2 as DBOS workflows, and `once`; as a script, the process the crash check kills.

Queues hold the limits in Postgres, across processes, and wake by polling. The semaphores hold them
in this process only. usage: workflows.py WORKFLOW_ID (starts the lecture or finds it recovered)
"""

import asyncio
import os
import sys

import work
from dbos import DBOS, DBOSConfig, SetWorkflowID

# What a waiting worker and a waiting caller poll with, in seconds. DBOS' default is 1.0.
POLL_SECONDS = {"queues": 0.05, "semaphores": 0.05, "default-poll": 1.0}
QUEUES = {"a": work.STEPS_AT_ONCE, "b": work.STEPS_AT_ONCE, "jobs": work.JOBS_AT_ONCE}

variant = os.environ.get("BENCH_VARIANT", "queues")
poll = {"polling_interval_sec": POLL_SECONDS[variant]}
limit_a, limit_b = (asyncio.Semaphore(work.STEPS_AT_ONCE) for _ in "ab")
limit_jobs = asyncio.Semaphore(work.JOBS_AT_ONCE)


@DBOS.step()
async def a(number: int) -> str:
    await asyncio.sleep(work.A_SECONDS)
    work.body_done()
    return f"a{number}"


@DBOS.step()
async def b(value: str) -> str:
    await asyncio.sleep(work.B_SECONDS)
    work.body_done()
    return f"{value}b"


@DBOS.step()
async def join(values: list[str]) -> int:
    return len(values)


@DBOS.step()
async def no_op() -> None:
    work.body_done()


@DBOS.workflow()
async def only_a(number: int) -> str:
    return await a(number)


@DBOS.workflow()
async def only_b(value: str) -> str:
    return await b(value)


@DBOS.workflow()
async def segment(number: int) -> str:
    first = await DBOS.enqueue_workflow_async("a", only_a, number)
    second = await DBOS.enqueue_workflow_async("b", only_b, await first.get_result(**poll))
    return await second.get_result(**poll)


@DBOS.workflow()
async def segment_with_semaphores(number: int) -> str:
    async with limit_a:
        value = await a(number)
    async with limit_b:
        return await b(value)


@DBOS.workflow()
async def lecture(items: int) -> int:
    one = segment_with_semaphores if variant == "semaphores" else segment
    handles = [await DBOS.start_workflow_async(one, number) for number in range(items)]
    return await join([await handle.get_result(**poll) for handle in handles])


@DBOS.workflow()
async def job() -> None:
    for _ in range(work.STEPS_PER_JOB):
        await no_op()


async def run_lecture(items: int) -> None:
    handle = await DBOS.start_workflow_async(lecture, items)
    assert await handle.get_result(**poll) == items


async def run_jobs(count: int) -> None:
    if variant != "semaphores":
        handles = [await DBOS.enqueue_workflow_async("jobs", job) for _ in range(count)]
        for handle in handles:
            await handle.get_result(**poll)
        return

    async def one() -> None:
        async with limit_jobs:
            await job()

    await asyncio.gather(*(one() for _ in range(count)))


async def register_queues() -> None:
    for name, at_once in QUEUES.items():
        seconds = POLL_SECONDS[variant]
        await DBOS.register_queue_async(name, concurrency=at_once, polling_interval_sec=seconds)
    await asyncio.sleep(1.5)  # until they are polled


def launch() -> None:
    config: DBOSConfig = {
        "name": "bench",
        "system_database_url": os.environ["BENCH_POSTGRES"],
        "log_level": "ERROR",
        "run_admin_server": False,
        "application_version": "1",
    }
    DBOS(config=config)
    DBOS.launch()


async def start_or_recover(workflow_id: str) -> None:
    await register_queues()
    with SetWorkflowID(workflow_id):
        handle = await DBOS.start_workflow_async(lecture, work.ITEMS)
    assert await handle.get_result(**poll) == work.ITEMS


if __name__ == "__main__":
    launch()
    asyncio.run(start_or_recover(sys.argv[1]))
    DBOS.destroy()
