"""The warm run worker: `celery -A pipeline_defs.runtime.dagster.worker worker`.

The parent builds the definitions once; its forked children execute runs without importing anything
and keep one Dagster instance, with its connections, for their life. A child dies with its parent.
"""

from __future__ import annotations

import gc
import logging
from functools import cache
from importlib import import_module
from typing import Any

import uvloop
from celery.signals import worker_init, worker_process_init, worker_ready
from dagster import DagsterInstance

from pipeline_defs.runtime.dagster import heartbeat
from pipeline_defs.runtime.dagster.broker import EXECUTE_RUN, make_broker
from pipeline_defs.runtime.dagster.internals import execute_run_command_body
from pipeline_defs.runtime.process import die_with_parent, keep_freed_memory
from pipeline_defs.settings import get_settings

app = make_broker()
app.conf.imports = (get_settings().definitions_module,)


@cache
def instance_of_this_process() -> DagsterInstance:
    """The Dagster instance of this child."""
    return DagsterInstance.get()


@worker_init.connect
def _prepare_parent(**_: Any) -> None:
    """Definitions are built before the fork, so that no child spends the time on its first run."""
    import_module(get_settings().definitions_module).defs()
    for name in ("httpx", "httpx2"):  # a line for each request would bury all others
        logging.getLogger(name).setLevel(logging.WARNING)
    gc.freeze()  # the children never look through what is loaded, and share its memory


@worker_ready.connect
def _say_so(**_: Any) -> None:
    heartbeat.start(get_settings())


@worker_process_init.connect
def _prepare_child(**_: Any) -> None:
    die_with_parent()
    keep_freed_memory()
    uvloop.install()  # Dagster makes the loop of each op


@app.task(name=EXECUTE_RUN)  # pyright: ignore[reportUntypedFunctionDecorator]
def execute_run(run_id: str) -> int:
    """Execute one run; 0 when it succeeded. Failures are in Dagster's event log, not raised."""
    return execute_run_command_body(
        run_id=run_id,
        instance=instance_of_this_process(),
        write_stream_fn=_ignore,
        set_exit_code_on_failure=True,
    )


def _ignore(_event: object) -> None:
    """Events are read from the event log; nobody listens on the worker's output."""
