"""Prefect: its server on Postgres, the flows in this process (no process per flow run)."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import measure
import services

JOBS = 20  # 100 take minutes


@contextmanager
def bench(request: measure.Request) -> Iterator[measure.Once]:
    port = services.free_port()
    with services.postgres(request.folder) as url:
        os.environ |= {
            "BENCH_VARIANT": request.variant,
            "PREFECT_HOME": str(request.folder / "prefect"),
            "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
            "PREFECT_LOGGING_LEVEL": "ERROR",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
        }
        command = [sys.executable, "-m", "prefect", "server", "start", "--host=127.0.0.1"]
        database = url.replace("postgresql://", "postgresql+asyncpg://")
        with services.running(
            [*command, f"--port={port}", "--no-ui"],
            log=request.folder / "server.log",
            env={"PREFECT_API_DATABASE_CONNECTION_URL": database},
        ) as server:
            health = f"http://127.0.0.1:{port}/api/health"
            server.wait_until(lambda: services.http_answers(health), seconds=120)
            import flows

            one = flows.run_lecture if request.work == "W" else flows.run_jobs
            with asyncio.Runner() as runner:
                if request.variant == "global-limits":
                    runner.run(flows.create_global_limits())
                yield lambda units: runner.run(one(units))


if __name__ == "__main__":
    variants = ("semaphores", "global-limits")
    measure.main(measure.Peer("prefect", "prefect", bench, variants=variants, jobs=JOBS))
