"""Restate: its own server with its own log, the steps behind HTTP/2 in a second process.

The limits per scope need the server's experimental flags below, on a fresh data folder.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import httpx
import measure
import services
import work

HERE = Path(__file__).resolve().parent
PACKAGES = services.PROJECT / ".pipeline/bench/restate/node_modules/@restatedev"
LIMITS = {"a": work.STEPS_AT_ONCE, "b": work.STEPS_AT_ONCE, "jobs": work.JOBS_AT_ONCE}
CALL_SECONDS = 120.0


def binary(name: str) -> str:
    for path in PACKAGES.glob(f"{name}-*/bin/{name}"):
        if name == path.parts[-3].rsplit("-", 2)[0]:
            return str(path)
    raise RuntimeError(f"{name} is not installed: run run_peers.py --install")


@dataclass
class Restate:
    """The server and the process with the steps, on fixed ports, so that each can be restarted."""

    folder: Path
    ingress: int
    admin: int
    node: int
    steps: int

    def server(self) -> services.Child:
        local = "127.0.0.1"
        environment = {
            "RESTATE_BASE_DIR": str(self.folder / "restate"),
            "RESTATE_NODE_NAME": "bench",
            "RESTATE_LOG_FILTER": "warn",
            "RESTATE_DISABLE_TELEMETRY": "true",
            "RESTATE_INGRESS__BIND_ADDRESS": f"{local}:{self.ingress}",
            "RESTATE_ADMIN__BIND_ADDRESS": f"{local}:{self.admin}",
            "RESTATE_BIND_ADDRESS": f"{local}:{self.node}",
            "RESTATE_ADVERTISED_ADDRESS": f"http://{local}:{self.node}/",
            "RESTATE_EXPERIMENTAL_ENABLE_PROTOCOL_V7": "true",
            "RESTATE_EXPERIMENTAL_ENABLE_VQUEUES": "true",
        }
        command, log = [binary("restate-server")], self.folder / "server.log"
        return services.Child(command, log=log, env=environment, cwd=self.folder)

    def worker(self) -> services.Child:
        command = [sys.executable, "-m", "hypercorn", "--bind", f"127.0.0.1:{self.steps}"]
        environment = {"PYTHONPATH": f"{HERE}{os.pathsep}{services.PEERS}"}
        log = self.folder / "steps.log"
        return services.Child([*command, "services_app:app"], log=log, env=environment)

    def server_ready(self) -> bool:
        return services.http_answers(f"http://127.0.0.1:{self.admin}/health") and (
            services.http_answers(f"http://127.0.0.1:{self.ingress}/restate/health")
        )

    def worker_ready(self) -> bool:
        return services.port_answers(self.steps)

    def register(self) -> None:
        """Makes the steps and the limits known to the server, once per data folder."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.admin}/deployments",
            data=json.dumps({"uri": f"http://127.0.0.1:{self.steps}"}).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30):
            pass
        environment = {
            **os.environ,
            "RESTATE_ADMIN_URL": f"http://127.0.0.1:{self.admin}",
            "RESTATE_CLI_CONFIG_HOME": str(self.folder),
            "DO_NOT_TRACK": "1",
        }
        for scope, at_once in LIMITS.items():
            command = [binary("restate"), "-y", "rules", "set", scope, f"--concurrency={at_once}"]
            done = subprocess.run(
                command, env=environment, timeout=60, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise RuntimeError(f"limit of scope {scope}: {done.stderr.strip()[-300:]}")

    async def call(self, path: str, arguments: list[int], **headers: str) -> list[int]:
        async with httpx.AsyncClient(
            timeout=CALL_SECONDS,
            limits=httpx.Limits(max_connections=200),
            base_url=f"http://127.0.0.1:{self.ingress}/restate",
            headers=headers,
        ) as client:
            answers = await asyncio.gather(*(client.post(path, json=each) for each in arguments))
        return [answer.raise_for_status().json() for answer in answers]


@contextmanager
def bench(request: measure.Request) -> Iterator[measure.Once]:
    restate = Restate(request.folder, *(services.free_port() for _ in range(4)))
    children: list[services.Child] = []
    try:
        children.append(restate.server())
        children.append(restate.worker())
        children[0].wait_until(restate.server_ready)
        children[1].wait_until(restate.worker_ready)
        restate.register()

        def once(units: int) -> None:
            if request.work == "W":
                assert asyncio.run(restate.call("/call/Lecture/run", [units])) == [units]
            else:
                numbers = list(range(units))
                assert asyncio.run(restate.call("/scope/jobs/call/Job/run", numbers)) == numbers

        yield once
    finally:
        for child in reversed(children):
            child.stop()


def crash(request: measure.Request) -> None:
    """W while server and steps are both killed after a third of the bodies, and started again.

    The caller's connection breaks, so it calls again under the same idempotency key and is given
    the answer of the invocation that was going on.
    """
    restate = Restate(request.folder, *(services.free_port() for _ in range(4)))
    children: list[services.Child] = []

    async def killed_in_the_middle() -> None:
        key = {"idempotency-key": "lecture-1"}
        first = asyncio.create_task(restate.call("/call/Lecture/run", [work.ITEMS], **key))
        while work.bodies_done() < work.bodies("W", work.ITEMS) // 3:
            await asyncio.sleep(0.1)
        for child in children:
            child.kill()
        await asyncio.gather(first, return_exceptions=True)
        await asyncio.sleep(1)
        start()
        answer = await restate.call("/call/Lecture/run", [work.ITEMS], **key)
        assert answer == [work.ITEMS]

    def start() -> None:
        children.append(restate.server())
        children.append(restate.worker())
        children[-2].wait_until(restate.server_ready)
        children[-1].wait_until(restate.worker_ready)

    try:
        start()
        restate.register()
        asyncio.run(killed_in_the_middle())
        time.sleep(1)  # a body that runs too often would still be counted
    finally:
        for child in reversed(children):
            child.stop()


if __name__ == "__main__":
    packages = json.loads((HERE / "package.json").read_text())["dependencies"]
    server = packages["@restatedev/restate-server"]
    measure.main(
        measure.Peer("restate", "restate-sdk", bench, crash=crash, server_version=server)
    )
