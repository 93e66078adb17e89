"""Run the local provider server: `python -m pipeline_defs.local.providers --port 8760`.

A development tool: it listens on loopback only, speaks the providers' APIs and needs no internet.
"""

from __future__ import annotations

import argparse
import ipaddress
import os
import sys
from pathlib import Path

import uvicorn

from pipeline_defs.local.providers.app import Config, create_app
from pipeline_defs.local.providers.server.connections import CuttableProtocol
from pipeline_defs.runtime.process import keep_freed_memory

KEY = "LOCAL_PROVIDERS_KEY"
STATE = "LOCAL_PROVIDERS_STATE"
WEBHOOK_SECRET = "OPENROUTER_WEBHOOK_SECRET"  # noqa: S105 # the variable's name
DEFAULT_PORT = 8760
SHUTDOWN_SECONDS = 3
KEEP_ALIVE_SECONDS = 60


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped; 2 where the command line or the environment is not right."""
    parser = argparse.ArgumentParser(prog="python -m pipeline_defs.local.providers")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    given = parser.parse_args(arguments)
    key, state = os.environ.get(KEY, ""), os.environ.get(STATE, "")
    fault = _fault(given.host, key, state)
    if fault:
        print(f"local providers: {fault}", file=sys.stderr)  # noqa: T201 # a program's own words
        return 2
    host = f"[{given.host}]" if ":" in given.host else given.host
    secret = os.environ.get(WEBHOOK_SECRET, "").split()  # of several the first one signs
    base_url = f"http://{host}:{given.port}"
    keep_freed_memory()
    app = create_app(Config(key, Path(state), base_url, secret[0] if secret else ""))
    uvicorn.run(
        app,
        host=given.host,
        port=given.port,
        http=CuttableProtocol,
        ws="none",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_level="warning",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    return 0


def _fault(host: str, key: str, state: str) -> str:
    """What forbids a start, in one sentence; empty where nothing does."""
    if not _is_loopback(host):
        return f"{host} is no loopback address: this server is for this machine only"
    if not key:
        return f"{KEY} is not set: clients must present it as their API key"
    if not state:
        return f"{STATE} is not set: a folder for the call log and the posts"
    return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


if __name__ == "__main__":
    sys.exit(main())
