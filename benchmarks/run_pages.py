"""Measures pages: a hundred jobs with the local writer, queue operations, progress to listeners.

A stack of its own is started in a temporary folder; nothing of a running one is touched. Queue
operations go through the API of an organization whose queue is paused, with 100 and then with
50,000 pages waiting. Progress is timed from the moment an event is made to its arrival at each of a
hundred listeners of one page.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pipeline_defs_tests.paging import product_page
from pipeline_defs_tests.product import ProductStack

JOBS = 100
AT_ONCE = 10
LEVELS = (100, 50_000)
BATCH = 10_000
VIEWERS = 100
FINAL = ("completed", "failed", "cancelled")


def spread(seconds: list[float]) -> dict[str, float]:
    """Median and 99th percentile in milliseconds."""
    ordered = sorted(1000 * s for s in seconds)
    return {
        "p50": round(statistics.median(ordered), 1),
        "p95": round(ordered[int(len(ordered) * 0.95)], 1),
        "p99": round(ordered[int(len(ordered) * 0.99)], 1),
    }


async def timed(times: int, work: Callable[[int], Awaitable[Any]]) -> dict[str, float]:
    """How long a request takes, one after the other."""
    seconds: list[float] = []
    for number in range(times):
        began = time.perf_counter()
        await work(number)
        seconds.append(time.perf_counter() - began)
    return spread(seconds)


async def ok(answer: Awaitable[httpx.Response]) -> httpx.Response:
    """An answer that is no error."""
    found = await answer
    found.raise_for_status()
    return found


async def one_page(api: httpx.AsyncClient, number: int) -> float:
    """Seconds from the request to the finished page, with nothing else to do."""
    began = time.perf_counter()
    answer = await ok(api.post("/v1/pages", json=product_page(number)))
    while True:
        page = (await ok(api.get(f"/v1/pages/{answer.json()['id']}"))).json()
        if page["status"] in FINAL:
            if page["status"] != "completed":
                raise RuntimeError(f"page {page['id']}: {page['error']}")
            return time.perf_counter() - began
        await asyncio.sleep(0.05)


async def hundred_jobs(api: httpx.AsyncClient) -> dict[str, float]:
    """Seconds until all are finished, and of each from its turn to its end."""
    requests = [product_page(1000 + n) for n in range(JOBS)]
    began = time.perf_counter()
    batch = (await ok(api.post("/v1/pages/batches", json=requests))).json()
    while True:
        found = (await ok(api.get(batch["links"]["self"]))).json()
        if found["status"] != "processing":
            break
        await asyncio.sleep(0.2)
    total = time.perf_counter() - began
    jobs = (
        await ok(api.get("/v1/queue/jobs", params={"batch_id": batch["id"], "limit": 200}))
    ).json()
    each = [
        (
            datetime.fromisoformat(j["completed_at"]) - datetime.fromisoformat(j["started_at"])
        ).total_seconds()
        for j in jobs["items"]
        if j["status"] == "completed"
    ]
    return {
        "total_s": round(total, 2),
        "completed": found["completed"],
        "page_p50_s": round(statistics.median(each), 2),
        "page_most_s": round(max(each), 2),
    }


def seconds_of(job: dict[str, Any]) -> float:
    """From a job's turn to its end."""
    began, ended = (datetime.fromisoformat(job[f"{name}_at"]) for name in ("started", "completed"))
    return (ended - began).total_seconds()


async def operations(api: httpx.AsyncClient, level: int) -> dict[str, Any]:
    """Queue operations with so many pages waiting."""
    while (waiting := (await ok(api.get("/v1/queue"))).json()["pending"]) < level:
        count = min(BATCH, level - waiting)
        rows = [guide(f"{level}-{waiting + n}") for n in range(count)]
        await ok(api.post("/v1/pages/batches", json=rows, timeout=120))
    made: list[str] = []

    async def enqueue(number: int) -> None:
        answer = await ok(api.post("/v1/pages", json=guide(f"one-{level}-{number}")))
        made.append(answer.json()["id"])

    async def thousand(number: int) -> None:
        rows = [guide(f"many-{level}-{number}-{n}") for n in range(1000)]
        await ok(api.post("/v1/pages/batches", json=rows))

    return {
        "enqueue": await timed(100, enqueue),
        "status": await timed(100, lambda _: ok(api.get("/v1/queue"))),
        "boost": await timed(
            100,
            lambda n: ok(api.post(f"/v1/pages/{made[n]}/priority", json={"priority": "HIGH"})),
        ),
        "list": await timed(50, lambda _: ok(api.get("/v1/queue/jobs?status=pending"))),
        "cancel": await timed(100, lambda n: ok(api.post(f"/v1/pages/{made[n]}/cancel"))),
        "enqueue_1000": await timed(5, thousand),
    }


def guide(name: str) -> dict[str, Any]:
    """A page that only waits."""
    return {"page_type": "guide", "target_url": f"https://shop.example/{name}", "keywords": ["x"]}


async def progress(api: httpx.AsyncClient) -> dict[str, float]:
    """Milliseconds from an event to each of the listeners of its page."""
    page_id = (await ok(api.post("/v1/pages", json=product_page(5000)))).json()["id"]
    delays: list[float] = []

    async def listen() -> None:
        async with api.stream("GET", f"/v1/progress/pages/{page_id}", timeout=60) as stream:
            name = ""
            async for line in stream.aiter_lines():
                if line.startswith("event:"):
                    name = line.removeprefix("event:").strip()
                elif line.startswith("data:") and name == "progress":
                    at = json.loads(line.removeprefix("data:"))["at"]
                    now = datetime.now(UTC)
                    delays.append((now - datetime.fromisoformat(at)).total_seconds())
                if name == "end":
                    return

    await ok(api.post("/v1/queue/pause"))
    await asyncio.sleep(1)
    listeners = [asyncio.create_task(listen()) for _ in range(VIEWERS)]
    await asyncio.sleep(3)
    delays.clear()
    await ok(api.post("/v1/queue/resume"))
    await asyncio.gather(*listeners)
    return spread(delays)


async def measure(stack: ProductStack) -> dict[str, Any]:
    """Everything, in an order in which nothing disturbs the next."""
    limits = httpx.Limits(max_connections=VIEWERS + 20)
    async with httpx.AsyncClient(
        base_url=stack.gateway_url, headers=stack.headers, timeout=30, limits=limits
    ) as api:
        await one_page(api, 1)
        found: dict[str, Any] = {
            "one_page_s": round(statistics.median([await one_page(api, n) for n in (2, 3, 4)]), 2),
            "jobs": await hundred_jobs(api),
            "progress_ms": await progress(api),
        }
        await ok(api.post("/v1/queue/pause"))
        found["operations_ms"] = {str(level): await operations(api, level) for level in LEVELS}
        return found


def main() -> int:
    """Start, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-pages-"))
    stack = ProductStack(folder / "state", {"PAGES_AT_ONCE": str(AT_ONCE)})
    try:
        stack.start()
        found = {"pages": asyncio.run(measure(stack))}
    finally:
        stack.remove()
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(found, indent=2))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
