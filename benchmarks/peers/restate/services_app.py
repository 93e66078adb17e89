"""The steps as Restate services, an ASGI application. The server calls them and keeps the journal.

A and B are called in a scope each: the server holds the limit of a scope, across all runs.
"""

import asyncio

import restate
import work

step_a, step_b = restate.Service("A"), restate.Service("B")
segment, lecture, job = restate.Service("Segment"), restate.Service("Lecture"), restate.Service("Job")


async def body_a() -> str:
    await asyncio.sleep(work.A_SECONDS)
    work.body_done()
    return "a"


async def body_b() -> str:
    await asyncio.sleep(work.B_SECONDS)
    work.body_done()
    return "b"


async def no_op() -> str:
    work.body_done()
    return "done"


@step_a.handler("run")
async def run_a(ctx: restate.Context, number: int) -> str:
    return await ctx.run_typed("a", body_a)


@step_b.handler("run")
async def run_b(ctx: restate.Context, number: int) -> str:
    return await ctx.run_typed("b", body_b)


@segment.handler("run")
async def run_segment(ctx: restate.Context, number: int) -> str:
    first = await ctx.scope("a").service_call(run_a, arg=number)
    return first + await ctx.scope("b").service_call(run_b, arg=number)


@lecture.handler("run")
async def run_lecture(ctx: restate.Context, items: int) -> int:
    await restate.gather(*(ctx.service_call(run_segment, arg=number) for number in range(items)))
    return await ctx.run_typed("join", lambda: items)


@job.handler("run")
async def run_job(ctx: restate.Context, number: int) -> int:
    for step in range(work.STEPS_PER_JOB):
        await ctx.run_typed(f"step-{step}", no_op)
    return number


app = restate.app([step_a, step_b, segment, lecture, job])
