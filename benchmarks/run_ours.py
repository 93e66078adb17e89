"""Measures W, W2, latency and idle cost on our own runtime.

A stack of its own is started in a temporary folder; nothing of a running one is touched.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import secrets
import shutil
import signal
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
import psycopg
from standardwebhooks import Webhook

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.ours import numbers
from benchmarks.ours.line import MACHINES

IDLE_SECONDS = 20
LATENCY_CALLS = 50


class Measured:
    """The started stack, as its clients see it."""

    def __init__(self, state: Path) -> None:
        from pipeline_defs.local.stack import read_env_file

        values = read_env_file(state / "stack.env")
        self.admin_url = values["DATABASE_ADMIN_URL"]
        self.gateway = values["GATEWAY_URL"]
        self.secret = values["WEBHOOK_SIGNING_SECRET"]
        self.key = values["DEVELOPMENT_API_KEY"]
        self.database = psycopg.connect(self.admin_url, autocommit=True)
        for machine in MACHINES:
            for row in machine.rows():
                self.database.execute(
                    "insert into app.transitions values (%s, %s, %s) on conflict do nothing", row
                )
        self.database.execute("set role pipeline_system")

    def client(self) -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer {self.key}"}
        return httpx.AsyncClient(base_url=self.gateway, headers=headers, timeout=30)

    def unit_of(self, event_id: str) -> str:
        row = self.database.execute(
            "select unit_id from app.inbox where event_id = %s", (event_id,)
        ).fetchone()
        return row[0]

    def completed(self, kind: str) -> int:
        row = self.database.execute(
            "select count(*) from app.units where kind = %s and status = 'completed'", (kind,)
        ).fetchone()
        return row[0]

    async def wait_for(self, kind: str, count: int, seconds: float) -> None:
        give_up = time.monotonic() + seconds
        while self.completed(kind) < count:
            if time.monotonic() > give_up:
                raise TimeoutError(f"{self.completed(kind)} of {count} {kind} after {seconds} s")
            await asyncio.sleep(0.02)


async def w(stack: Measured, client: httpx.AsyncClient) -> float:
    before = stack.completed("bench_lectures")
    started = time.perf_counter()
    (await client.post("/v1/bench/bench_lectures", json={})).raise_for_status()
    await stack.wait_for("bench_lectures", before + 1, 60)
    return time.perf_counter() - started


async def w2(stack: Measured, client: httpx.AsyncClient, during=None) -> float:
    before = stack.completed("bench_jobs")
    started = time.perf_counter()
    for _ in range(numbers.JOBS):
        (await client.post("/v1/bench/bench_jobs", json={})).raise_for_status()
    if during:
        await asyncio.to_thread(during)
    await stack.wait_for("bench_jobs", before + numbers.JOBS, 180)
    return time.perf_counter() - started


async def latency(stack: Measured, client: httpx.AsyncClient) -> list[float]:
    """Seconds from a signed webhook's 2xx to the first line of asset code, one at a time."""
    webhook = Webhook(stack.secret)
    seconds: list[float] = []
    for _ in range(LATENCY_CALLS):
        before = stack.completed("bench_lectures")
        event_id, now = f"bench-{secrets.token_hex(8)}", datetime.now(UTC)
        body = json.dumps({"type": "bench/requested", "data": {"kind": "bench_lectures"}})
        headers = {
            "webhook-id": event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": webhook.sign(event_id, now, body),
            "content-type": "application/json",
        }
        answer = await client.post("/v1/events", content=body, headers=headers)
        answered = time.time()
        answer.raise_for_status()
        unit_id = stack.unit_of(event_id)
        await stack.wait_for("bench_lectures", before + 1, 60)
        row = stack.database.execute(
            "select (result ->> 'value')::float from app.ledger "
            "where unit_id = %s and step = 'began'",
            (unit_id,),
        ).fetchone()
        seconds.append(row[0] - answered)
        await asyncio.sleep(0.3)
    return seconds


def idle(state: Path) -> dict[str, float]:
    """Percent of one core that each process of the idle stack uses."""
    processes = stack_processes(state)
    before = {p.pid: sum(p.cpu_times()[:2]) for _, p in processes}
    time.sleep(IDLE_SECONDS)
    used: dict[str, float] = {}
    for name, process in processes:
        if process.is_running():
            share = (sum(process.cpu_times()[:2]) - before[process.pid]) / IDLE_SECONDS * 100
            used[name] = round(used.get(name, 0) + share, 2)
    return used


def stack_processes(state: Path) -> list[tuple[str, psutil.Process]]:
    from pipeline_defs.local.stack import Stack

    found: list[tuple[str, psutil.Process]] = []
    for service in Stack(state).status()["services"]:
        if service["pid"]:
            parent = psutil.Process(service["pid"])
            found += [(service["name"], p) for p in (parent, *parent.children(recursive=True))]
    return found


def kill_worker(state: Path, bodies: Path) -> None:
    """kill -9 of the whole worker, as soon as a third of the steps is done."""
    from pipeline_defs.local.stack import Stack

    wanted = numbers.JOBS * numbers.STEPS_PER_JOB
    while bodies.stat().st_size < wanted / 3:
        time.sleep(0.01)
    if bodies.stat().st_size >= wanted:
        raise RuntimeError("everything was done before the kill: nothing was tested")
    for service in Stack(state).status()["services"]:
        if service["name"] == "worker":
            os.kill(service["pid"], signal.SIGKILL)


async def measure(state: Path, bodies: Path, repetitions: int, crash: bool) -> dict:
    stack = Measured(state)
    samples: dict[str, list[float]] = {"W": [], "W2": []}
    async with stack.client() as client:
        for _ in range(2):  # the peers are warmed up too
            await w(stack, client)
        await w2(stack, client)
        for _ in range(repetitions):
            samples["W"].append(await w(stack, client))
            samples["W2"].append(await w2(stack, client))
        seconds = sorted(await latency(stack, client))
        result = {
            "W": {"ours": statistics.median(samples["W"])},
            "W2": {"ours": statistics.median(samples["W2"])},
            "samples": {work: {"ours": values} for work, values in samples.items()},
            "latency": {
                "p50": statistics.median(seconds),
                "p95": seconds[math.ceil(len(seconds) * 0.95) - 1],
                "max": seconds[-1],
            },
        }
        if crash:
            bodies.write_bytes(b"")
            took = await w2(stack, client, during=lambda: kill_worker(state, bodies))
            executed = bodies.stat().st_size
            wanted = numbers.JOBS * numbers.STEPS_PER_JOB
            result["worker_killed_during_W2"] = {
                "W2_seconds": took,
                "bodies": executed,
                "repeated": executed - wanted,
            }
    await asyncio.sleep(5)
    result["idle_percent_of_a_core"] = idle(state)
    return result


def run(repetitions: int, crash: bool) -> dict:
    state = Path(tempfile.mkdtemp(prefix="pipeline-bench-"))
    bodies = state / "bodies"
    os.environ |= {
        "PIPELINE_STATE": str(state),
        "DEFINITIONS_MODULE": "benchmarks.ours.definitions",
        "BENCH_BODIES": str(bodies),
    }
    from pipeline_defs.local import programs
    from pipeline_defs.local.stack import Stack

    def with_our_gateway(context: programs.StackContext) -> tuple[programs.Program, ...]:
        port = str(context.ports["gateway"])
        ours = programs.python("benchmarks.ours.gateway", "--port", port)
        return tuple(
            replace(program, command=ours) if program.name == "gateway" else program
            for program in programs.default_programs(context)
            if program.name != "local-providers"
        )

    stack = Stack(state, programs=with_our_gateway)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # a terminated benchmark cleans up
    try:
        stack.start(report=lambda name, what, detail: print(f"{name}: {what}", file=sys.stderr))
        return asyncio.run(measure(state, bodies, repetitions, crash))
    finally:
        stack.stop()
        stack.remove_data()  # its database may lie outside of the folder
        shutil.rmtree(state, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--no-crash", action="store_true")
    arguments = parser.parse_args()
    result = run(arguments.repetitions, not arguments.no_crash)
    print(json.dumps(result, indent=2))
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
