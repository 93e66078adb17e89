"""The local provider server as a process of its own, on a free port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline_defs.settings import PROJECT_ROOT

MODULE = "pipeline_defs.local.providers"
LOCAL_KEY = "local-integration-key"
CALLBACK_SECRET = "local-callback-secret"
START_TIMEOUT = 20.0


@contextmanager
def running_local_server(state: Path) -> Generator[str]:
    """Its address; it ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "PIPELINE_STATE": str(state),
        "LOCAL_PROVIDERS_STATE": str(state),
        "LOCAL_PROVIDERS_KEY": LOCAL_KEY,
        "OPENROUTER_WEBHOOK_SECRET": CALLBACK_SECRET,
    }
    command = [sys.executable, "-m", MODULE, "--host", "127.0.0.1", "--port", str(port)]
    log = state / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, cwd=PROJECT_ROOT, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_listening(port, process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_until_listening(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + START_TIMEOUT
    while time.monotonic() < ends and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the local provider server did not start:\n{log.read_text()[-2000:]}")
