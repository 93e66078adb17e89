"""`pipeline` with a small application: real Postgres, Valkey, supervisor and commands, stubs above.

Run as a program by the tests of the stack: `python -m pipeline_defs_tests.local.small_stack up`.
The gateway stub answers `/readyz` and `/v1/queue`; with STUBBORN in the environment there is also a
process that ignores SIGTERM and has a child.
"""

from __future__ import annotations

import http.server
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from pipeline_defs.cli import main
from pipeline_defs.local.programs import Probe, Program, StackContext, default_programs, python
from pipeline_defs.local.readiness import gateway as gateway_probe
from pipeline_defs.local.stack import Stack
from pipeline_defs.settings import state_directory

MODULE = "pipeline_defs_tests.local.small_stack"


def programs(context: StackContext) -> tuple[Program, ...]:
    """The product's data services, and two stubs."""
    data = [program for program in default_programs(context) if program.group == "data"]
    port = str(context.ports["gateway"])
    gateway = Program("gateway", python(MODULE, "serve-gateway", port), start_seconds=1)
    stubborn = Program("stubborn", python(MODULE, "be-stubborn"), start_seconds=1, stop_seconds=1)
    return (*data, gateway, *([stubborn] if "STUBBORN" in os.environ else []))


def probes(context: StackContext) -> dict[str, Probe]:
    """Only the gateway says when it is ready."""
    return {"gateway": lambda: gateway_probe(context.settings["GATEWAY_URL"])}


def small_stack() -> Stack:
    """The stack of this process's state directory."""
    configuration = Path(__file__).with_name("small_stack_configuration")
    return Stack(state_directory(), configuration, programs, probes)


class _Gateway(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = self.path in ("/readyz", "/v1/queue")
        body = json.dumps({"waiting": 0}).encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


def _be_stubborn() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    while True:
        time.sleep(60)


if __name__ == "__main__":
    if sys.argv[1] == "serve-gateway":
        http.server.HTTPServer(("127.0.0.1", int(sys.argv[2])), _Gateway).serve_forever()
    elif sys.argv[1] == "be-stubborn":
        _be_stubborn()
    else:
        Stack.here = staticmethod(small_stack)  # type: ignore[method-assign]
        assert os.environ["PIPELINE_STATE"]
        main.main(prog_name="pipeline")
