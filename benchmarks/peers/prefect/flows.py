"""W and W2 as Prefect flows. Imported once the address of the server is in the environment.

Task results are persisted in a folder, so that a flow run again would skip its finished tasks. The
semaphores hold the limits in this process only; the server's global limits hold them everywhere.
"""

import asyncio
import os
import uuid

import work
from prefect import flow, task
from prefect.cache_policies import INPUTS, TASK_SOURCE
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.concurrency.asyncio import concurrency

LIMITS = {"a": work.STEPS_AT_ONCE, "b": work.STEPS_AT_ONCE, "jobs": work.JOBS_AT_ONCE}
DURABLE = {"persist_result": True, "cache_policy": INPUTS + TASK_SOURCE, "retries": 2}

global_limits = os.environ["BENCH_VARIANT"] == "global-limits"
semaphores = {name: asyncio.Semaphore(at_once) for name, at_once in LIMITS.items()}


def permit(name: str) -> object:
    return concurrency(name, occupy=1) if global_limits else semaphores[name]


async def create_global_limits() -> None:
    async with get_client() as client:
        for name, at_once in LIMITS.items():
            limit = GlobalConcurrencyLimitCreate(name=name, limit=at_once)
            await client.create_global_concurrency_limit(limit)


@task(**DURABLE)
async def a(run: str, number: int) -> str:
    await asyncio.sleep(work.A_SECONDS)
    work.body_done()
    return f"a{number}"


@task(**DURABLE)
async def b(run: str, value: str) -> str:
    await asyncio.sleep(work.B_SECONDS)
    work.body_done()
    return f"{value}b"


@task(**DURABLE)
async def join(run: str, values: list[str]) -> int:
    return len(values)


@task(**DURABLE)
async def no_op(run: str, step: int) -> int:
    work.body_done()
    return step


async def segment(run: str, number: int) -> str:
    async with permit("a"):
        value = await a(run, number)
    async with permit("b"):
        return await b(run, value)


@flow(persist_result=True)
async def lecture(run: str, items: int) -> int:
    return await join(run, await asyncio.gather(*(segment(run, each) for each in range(items))))


@flow(persist_result=True)
async def job(run: str) -> None:
    for step in range(work.STEPS_PER_JOB):
        await no_op(run, step)


async def run_lecture(items: int) -> None:
    assert await lecture(uuid.uuid4().hex, items) == items


async def run_jobs(count: int) -> None:
    async def one() -> None:
        async with permit("jobs"):
            await job(uuid.uuid4().hex)

    await asyncio.gather(*(one() for _ in range(count)))
