"""The supervisor's configuration file and the connection to a running supervisor."""

from __future__ import annotations

import os
import shlex
import time
import xmlrpc.client
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, cast

from pipeline_defs.local.layout import Layout, write_private
from pipeline_defs.local.programs import Program, command_line

USER = "pipeline"
_NEVER_GIVE_UP = 1_000_000_000
_GROUP_PRIORITY = {"data": 10, "app": 20}  # started in this order, stopped in the other

_DAEMON = """\
[unix_http_server]
file={socket}
chmod=0700
username={user}
password={password}

[supervisord]
nodaemon=true
silent=true
logfile={log}
logfile_maxbytes=10MB
logfile_backups=3
pidfile={pid_file}
childlogdir={logs}
umask=077
{run_as}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[rpcinterface:pipeline]
supervisor.rpcinterface_factory=pipeline_defs.local.supervisord:make_restart_counts

"""

_PROGRAM = """\
[program:{name}]
command={command}
directory={directory}
environment={environment}
autostart={autostart}
autorestart=true
startsecs={start_seconds}
startretries={retries}
stopsignal={stop_signal}
stopwaitsecs={stop_seconds}
stopasgroup={stop_whole_group}
killasgroup=true
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3

"""


@dataclass(frozen=True, slots=True)
class ServiceState:
    """One process as `pipeline status` shows it."""

    name: str
    state: str  # running, starting, backoff, stopped, exited, fatal
    pid: int | None
    uptime_seconds: int
    restarts: int
    log: str

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def write_configuration(
    layout: Layout, programs: Sequence[Program], directory: Path, password: str
) -> None:
    """Write the supervisor's configuration (mode 0600: it holds the password of its socket)."""
    daemon = _DAEMON.format(
        socket=_plain(layout.socket),
        user=USER,
        password=password,
        log=_plain(layout.log("supervisord")),
        logs=_plain(layout.logs),
        pid_file=_plain(layout.run / "supervisord.pid"),
        run_as="user=root\n" if os.geteuid() == 0 else "",
    )
    sections = [_section(layout, program, directory) for program in programs]
    groups = [
        f"[group:{group}]\nprograms={','.join(names)}\npriority={priority}\n\n"
        for group, priority in _GROUP_PRIORITY.items()
        if (names := [program.name for program in programs if program.group == group])
    ]
    write_private(layout.supervisor_config, daemon + "".join(sections) + "".join(groups))


def _section(layout: Layout, program: Program, directory: Path) -> str:
    return _PROGRAM.format(
        name=program.name,
        command=_plain(shlex.join(command_line(program))),
        directory=_plain(directory),
        environment=",".join(f"{k}={_quoted(v)}" for k, v in program.environment.items()),
        autostart=str(program.group == "data").lower(),
        start_seconds=program.start_seconds,
        retries=_NEVER_GIVE_UP,
        stop_signal=program.stop_signal,
        stop_seconds=program.stop_seconds,
        stop_whole_group=str(program.stop_whole_group).lower(),
        log=_plain(layout.log(program.name)),
    )


def _plain(value: object) -> str:
    """A value for the file: `%` starts an expansion there, and ` ;` a comment."""
    text = str(value)
    if " ;" in text or "\n" in text:
        raise RuntimeError(f"The supervisor cannot use this path or argument: {text!r}")
    return text.replace("%", "%%")


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return _plain(f'"{escaped}"')


class Supervisor:
    """Talks to the running supervisor of one copy; raises `ConnectionError` when there is none."""

    def __init__(self, layout: Layout, password: str) -> None:
        from supervisor.xmlrpc import SupervisorTransport

        self._layout = layout
        self._transport = SupervisorTransport(USER, password, f"unix://{layout.socket}")
        self._server = xmlrpc.client.ServerProxy("http://127.0.0.1", self._transport)

    def services(self) -> list[ServiceState]:
        """All processes with their state."""
        counts = cast("dict[str, int]", self._call("pipeline.restarts"))
        now = time.time()
        return [
            ServiceState(
                name=info["name"],
                state=info["statename"].lower(),
                pid=info["pid"] or None,
                uptime_seconds=int(now - info["start"]) if info["pid"] else 0,
                restarts=counts.get(info["name"], 0),
                log=str(self._layout.log(info["name"])),
            )
            for info in cast("list[dict[str, Any]]", self._call("supervisor.getAllProcessInfo"))
        ]

    def is_running(self) -> bool:
        """Whether a supervisor answers and is not on its way down."""
        try:
            state = cast("dict[str, Any]", self._call("supervisor.getState"))
        except ConnectionError:
            return False
        return state["statename"] == "RUNNING"

    def start_group(self, group: str) -> None:
        """Start what does not run yet in a group, without waiting for it."""
        self._call("supervisor.startProcessGroup", group, False)

    def shut_down(self) -> None:
        """Ask for an orderly end: application first, then data."""
        self._call("supervisor.shutdown")

    def _call(self, method: str, *arguments: object) -> Any:
        from supervisor.xmlrpc import Faults

        try:
            return getattr(self._server, method)(*arguments)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != Faults.SHUTDOWN_STATE:
                raise
            raise ConnectionError("the supervisor is on its way down") from fault
        except (OSError, HTTPException, xmlrpc.client.ProtocolError) as error:
            raise ConnectionError(f"the supervisor does not answer: {error}") from error
        finally:
            self._transport.close()
