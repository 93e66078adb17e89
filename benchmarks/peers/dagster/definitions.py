"""W as a graph of dynamic ops and W2 as a job of ops in a row, the way plain Dagster does them.

The executor is the default one, with a process per op. Its processes are forked from a server that
has this module loaded already, the quickest of its start methods.
"""

import os
import time
from collections.abc import Iterator

import dagster as dg
import work

in_process = os.environ["BENCH_VARIANT"] == "in-process-jobs"
FORKSERVER = {"forkserver": {"preload_modules": ["definitions"]}}
LIMITS = [{"key": "limit", "value": name, "limit": work.STEPS_AT_ONCE} for name in ("a", "b")]
lecture_executor = dg.multiprocess_executor.configured(
    {
        "max_concurrent": 2 * work.STEPS_AT_ONCE,
        "tag_concurrency_limits": LIMITS,
        "start_method": FORKSERVER,
    }
)
job_executor = dg.multiprocess_executor.configured({"start_method": FORKSERVER})


@dg.op(out=dg.DynamicOut(int), config_schema={"items": int})
def segments(context: dg.OpExecutionContext) -> Iterator[dg.DynamicOutput[int]]:
    for number in range(context.op_config["items"]):
        yield dg.DynamicOutput(number, mapping_key=str(number))


@dg.op(tags={"limit": "a"})
def a(number: int) -> str:
    time.sleep(work.A_SECONDS)
    work.body_done()
    return f"a{number}"


@dg.op(tags={"limit": "b"})
def b(value: str) -> str:
    time.sleep(work.B_SECONDS)
    work.body_done()
    return f"{value}b"


@dg.op
def join(values: list[str]) -> int:
    return len(values)


@dg.job(executor_def=lecture_executor)
def lecture() -> None:
    join(segments().map(lambda number: b(a(number))).collect())


@dg.op
def first() -> int:
    work.body_done()
    return 0


@dg.op
def following(value: int) -> int:
    work.body_done()
    return value


@dg.job(executor_def=dg.in_process_executor if in_process else job_executor)
def job() -> None:
    value = first()
    for step in range(1, work.STEPS_PER_JOB):
        value = following.alias(f"step_{step}")(value)


defs = dg.Definitions(jobs=[lecture, job])
