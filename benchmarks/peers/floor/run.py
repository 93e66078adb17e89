"""The floor: asyncio in one process and one Postgres row per step. What the machine allows.

A step looks its key up, runs the body if there is no row, and inserts the row in a transaction of
its own. No queue, no other process, no screen: nothing durable can be much quicker.
"""

import asyncio
import sys
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import measure
import services
import work
from psycopg_pool import AsyncConnectionPool

CREATE = "create table step (run text, key text, value text, primary key (run, key))"
LOOK_UP = "select value from step where run = %s and key = %s"
RECORD = "insert into step values (%s, %s, %s) on conflict do nothing"


async def durable(pool: AsyncConnectionPool, run: str, key: str, body: Callable[[], Awaitable[str]]) -> str:
    async with pool.connection() as connection:
        row = await (await connection.execute(LOOK_UP, (run, key))).fetchone()
    if row:
        return row[0]
    value = await body()
    async with pool.connection() as connection:
        await connection.execute(RECORD, (run, key, value))
    return value


def sleeping(seconds: float) -> Callable[[], Awaitable[str]]:
    async def body() -> str:
        await asyncio.sleep(seconds)
        work.body_done()
        return "done"

    return body


async def no_op() -> str:
    work.body_done()
    return "done"


async def join() -> str:
    return "joined"


async def lecture(pool: AsyncConnectionPool, items: int) -> None:
    run = uuid.uuid4().hex
    limit_a, limit_b = (asyncio.Semaphore(work.STEPS_AT_ONCE) for _ in "ab")

    async def segment(number: int) -> None:
        async with limit_a:
            await durable(pool, run, f"a{number}", sleeping(work.A_SECONDS))
        async with limit_b:
            await durable(pool, run, f"b{number}", sleeping(work.B_SECONDS))

    await asyncio.gather(*(segment(number) for number in range(items)))
    await durable(pool, run, "join", join)


async def jobs(pool: AsyncConnectionPool, count: int) -> None:
    limit = asyncio.Semaphore(work.JOBS_AT_ONCE)

    async def job() -> None:
        run = uuid.uuid4().hex
        async with limit:
            for step in range(work.STEPS_PER_JOB):
                await durable(pool, run, str(step), no_op)

    await asyncio.gather(*(job() for _ in range(count)))


async def open_pool(url: str) -> AsyncConnectionPool:
    pool = AsyncConnectionPool(url, min_size=10, max_size=10, open=False, kwargs={"autocommit": True})
    await pool.open(wait=True, timeout=30)
    async with pool.connection() as connection:
        await connection.execute(CREATE)
    return pool


@contextmanager
def bench(request: measure.Request) -> Iterator[measure.Once]:
    one = lecture if request.work == "W" else jobs
    with services.postgres(request.folder) as url, asyncio.Runner() as runner:
        pool = runner.run(open_pool(url))
        try:
            yield lambda units: runner.run(one(pool, units))
        finally:
            runner.run(pool.close())


if __name__ == "__main__":
    measure.main(measure.Peer("floor", "psycopg", bench))
