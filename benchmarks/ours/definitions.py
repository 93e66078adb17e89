"""The code location of the benchmark: the same runtime, two assets of its own."""

import asyncio
import os
import time

import dagster as dg

from benchmarks.ours import numbers
from benchmarks.ours.line import LINES
from pipeline_defs import policies
from pipeline_defs.domain.versions import version_of
from pipeline_defs.runtime.driving import Assignment, drive
from pipeline_defs.runtime.paid_calls import Outcome, Try
from pipeline_defs.runtime.work import Made
from pipeline_defs.settings import get_settings

policies.CAPABILITY_LIMITS.update(numbers.LIMITS)
lectures = dg.DynamicPartitionsDefinition(name="bench_lectures")
jobs = dg.DynamicPartitionsDefinition(name="bench_jobs")


def count_body() -> None:
    """One byte per executed body, as the peers do."""
    path = os.environ.get("BENCH_BODIES")
    if path:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.write(descriptor, b".")
        os.close(descriptor)


async def make_lecture(job: Assignment) -> None:
    """W: per item step A, then step B, every step durable; then the join."""

    def sleeping(seconds: float):
        async def call(_this: Try) -> Outcome:
            await asyncio.sleep(seconds)
            count_body()
            return Outcome({"slept": seconds})

        return call

    async def item(n: int) -> None:
        await job.work.paid(
            job.unit_id, f"a/{n}", "1", numbers.POLICY_A, sleeping(numbers.A_SECONDS)
        )
        await job.work.paid(
            job.unit_id, f"b/{n}", "1", numbers.POLICY_B, sleeping(numbers.B_SECONDS)
        )

    async def join() -> int:
        return numbers.ITEMS

    await asyncio.gather(*[item(n) for n in range(numbers.ITEMS)])
    await job.work.step(job.unit_id, "join", "1", join)
    await finish(job, "bench_lecture")


async def make_job(job: Assignment) -> None:
    """W2: seven durable steps that do nothing, at most ten jobs at once over all runs."""

    async def nothing() -> int:
        count_body()
        return 1

    async with job.resources.permits.hold("bench_job", group="bench"):
        for n in range(numbers.STEPS_PER_JOB):
            await job.work.step(job.unit_id, f"step/{n}", "1", nothing)
    await finish(job, "bench_job")


async def finish(job: Assignment, asset: str) -> None:
    """The unit's asset, with the moment its code began."""
    made = Made(asset, job.unit_id, version_of(job.unit_id), "1", "1")
    await job.work.store(made)
    await job.reporter.made(job.work, made)


def _asset(name: str, partitions: dg.DynamicPartitionsDefinition, kind: str, work_on):
    @dg.multi_asset(
        name=f"{name}_op",
        specs=[dg.AssetSpec(name, partitions_def=partitions, skippable=True)],
        can_subset=True,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    async def op(context: dg.AssetExecutionContext):
        began = time.time()

        async def timed(job: Assignment) -> None:
            async def note() -> float:
                return began

            await job.work.step(job.unit_id, "began", "1", note)
            await work_on(job)

        drive_on = timed if name == "bench_lecture" else work_on
        async for event in drive(
            context, get_settings(), LINES[kind], drive_on, bridges=frozenset(), fresh=False
        ):
            yield event

    return op


@dg.definitions
def defs() -> dg.Definitions:
    """The benchmark's assets and jobs."""
    return dg.Definitions(
        assets=[
            _asset("bench_lecture", lectures, "bench_lectures", make_lecture),
            _asset("bench_job", jobs, "bench_jobs", make_job),
        ],
        jobs=[
            dg.define_asset_job("make_bench_lectures", selection=["bench_lecture"]),
            dg.define_asset_job("make_bench_jobs", selection=["bench_job"]),
        ],
        executor=dg.in_process_executor,
    )
