"""The processes of the stack, as data.

`default_programs` describes the product. Tests and benchmarks pass a function of their own to
`Stack`, usually one that changes what this one returns.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from pipeline_defs import policies
from pipeline_defs.local.layout import Layout
from pipeline_defs.local.ports import LOOPBACK
from pipeline_defs.local.postgres import PostgresServer, guard_command
from pipeline_defs.local.valkey import ValkeyServer
from pipeline_defs.settings import PROJECT_ROOT

# Threads of numeric libraries: many processes work at once anyway, and their pools of threads have
# been seen to wait for each other for ever.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
Probe = Callable[[], str | None]  # None when ready, else what is still missing


@dataclass(frozen=True, slots=True)
class Program:
    """One supervised process. `command` is run without a shell, in the project's folder."""

    name: str
    command: tuple[str, ...]
    group: Literal["data", "app"] = "app"  # the application starts after, and stops before, data
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    stop_signal: str = "TERM"
    stop_seconds: int = 6  # then SIGKILL; both groups together stay below 15 s
    start_seconds: int = 2  # ending sooner counts as a failed start: the next try waits longer
    stop_whole_group: bool = True  # the stop signal goes to its child processes too
    guarded: bool = False  # the command line holds its guard already


@dataclass(frozen=True, slots=True)
class StackContext:
    """What the description of a process may refer to."""

    layout: Layout
    ports: Mapping[str, int]
    settings: Mapping[str, str]  # of this run, by variable name; secrets: never for argv
    module: str  # the Dagster definitions
    location: str  # and the name of their code location
    postgres: PostgresServer | None
    valkey: ValkeyServer | None


def default_programs(context: StackContext) -> tuple[Program, ...]:
    """The product's processes; embedded services only where the environment names no other."""
    found = (
        *_data_programs(context),
        *_provider_programs(context),
        _gateway(context),
        *_dagster_programs(context),
        _worker(context),
    )
    return tuple(replace(program, environment=_common(program)) for program in found)


def _common(program: Program) -> dict[str, str]:
    """Its environment; Postgres shows its name beside each of its connections."""
    return {**ONE_THREAD, "PGAPPNAME": program.name, **program.environment}


def _data_programs(context: StackContext) -> list[Program]:
    found: list[Program] = []
    if context.postgres is not None:
        command = context.postgres.command()
        found.append(
            Program(
                *("postgres", command, "data"),
                stop_signal="INT",  # "fast": ends sessions, writes a checkpoint
                stop_seconds=5,
                start_seconds=1,
                stop_whole_group=False,
                guarded=True,
            )
        )
    if context.valkey is not None:
        command = context.valkey.command()
        found.append(
            Program(*("valkey", command, "data"), stop_seconds=5, start_seconds=1, guarded=True)
        )
    return found


def _provider_programs(context: StackContext) -> list[Program]:
    if "local-providers" not in context.ports:
        return []
    port = str(context.ports["local-providers"])
    return [
        Program(
            "local-providers",
            python("pipeline_defs.local.providers", "--host", LOOPBACK, "--port", port),
            environment={"LOCAL_PROVIDERS_STATE": str(context.layout.providers)},
        )
    ]


def _gateway(context: StackContext) -> Program:
    port = str(context.ports["gateway"])
    return Program("gateway", python("pipeline_defs.web", "--host", LOOPBACK, "--port", port))


def _dagster_programs(context: StackContext) -> list[Program]:
    workspace = ("--workspace", str(context.layout.workspace))
    web_port = str(context.ports["dagster"])
    code_port = str(context.ports["code-server"])
    # `api grpc`, not `code-server start`: that one keeps a child server and ignored SIGTERM for
    # minutes, while a second one bound the same port.
    code_server = (
        *("api", "grpc", "--host", LOOPBACK, "--port", code_port),
        *("--module-name", context.module, "--location-name", context.location),
        *("--working-directory", str(PROJECT_ROOT)),
    )
    web = ("--host", LOOPBACK, "--port", web_port, *workspace)
    return [
        Program("code-server", python("dagster", *code_server), stop_seconds=4),
        Program("dagster-webserver", python("dagster_webserver", *web), stop_seconds=4),
        Program("dagster-daemon", python("pipeline_defs.runtime.dagster.daemon", *workspace)),
    ]


def _worker(context: StackContext) -> Program:
    arguments = (
        *("-A", "pipeline_defs.runtime.dagster.worker", "worker", "--pool", "prefork"),
        *("--concurrency", str(policies.RUNS_AT_ONCE), "--loglevel", "INFO"),
        *("--hostname", f"{worker_name(context.layout)}@%h"),
        *("--without-gossip", "--without-mingle"),
    )
    # SIGTERM goes to the parent alone: it lets runs in work end, for as long as stopping may take
    return Program("worker", python("celery", *arguments), stop_whole_group=False, start_seconds=4)


def worker_name(layout: Layout) -> str:
    """The part of the worker's name before the host: unique on a broker shared by copies."""
    return f"pipeline-{layout.copy_id}"


def python(module: str, *arguments: str) -> tuple[str, ...]:
    """A command line that runs a module with this interpreter."""
    return (sys.executable, "-m", module, *arguments)


def command_line(program: Program) -> tuple[str, ...]:
    """The command with the guard that ties it to the supervisor's life."""
    if program.guarded:
        return program.command
    return (*guard_command(), "--", *program.command)
