"""The embedded stack: start it, stop it, ask how it is.

Order of a start: data services, migrations, then everything else at once, until each process says
that it is ready. The supervisor and its keeper run detached from the caller; `start(follow=...)`
ties them to a process.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline_defs.local import leftovers
from pipeline_defs.local.guard import MEMBER
from pipeline_defs.local.layout import Layout
from pipeline_defs.local.ports import PortReservations
from pipeline_defs.local.preparation import Preparation, prepare
from pipeline_defs.local.programs import Probe, Program, StackContext, default_programs
from pipeline_defs.local.readiness import default_probes
from pipeline_defs.local.record import StackRecord
from pipeline_defs.local.supervision import ServiceState, Supervisor, write_configuration
from pipeline_defs.settings import PROJECT_ROOT, get_settings, state_directory

READY_WITHIN = 180.0
STOPPED_WITHIN = 15.0
_SUPERVISOR_WITHIN = 20.0
_TAIL_LINES = 15
_HOPELESS_RESTARTS = 3  # a killed predecessor's shared memory is gone after two tries

Report = Callable[[str, str, str], None]  # service, state ("starting", "ready"), detail
ProgramsOf = Callable[[StackContext], tuple[Program, ...]]
ProbesOf = Callable[[StackContext], dict[str, Probe]]


class StackNotRunningError(RuntimeError):
    """There is no running stack in this state directory."""


class StackFailedError(RuntimeError):
    """A process did not become ready; the message names it and shows the end of its log."""


def _silent(_service: str, _state: str, _detail: str) -> None:
    """Report nothing."""


@dataclass
class Stack:
    """One copy of the stack, by its state directory."""

    state: Path
    configuration: Path = PROJECT_ROOT  # the folder of dagster.yaml and workspace.yaml
    programs: ProgramsOf = default_programs
    probes: ProbesOf = default_probes

    @classmethod
    def here(cls) -> Stack:
        """The stack of this process's state directory."""
        return cls(state_directory())

    @property
    def layout(self) -> Layout:
        """Paths of this copy."""
        return Layout(self.state)

    # --- asking ---------------------------------------------------------------------------------

    def is_running(self) -> bool:
        """Whether a supervisor of this copy answers."""
        supervisor = self._supervisor()
        return supervisor is not None and supervisor.is_running()

    def has_processes(self) -> bool:
        """Whether any process of this copy lives, the supervisor's keeper included."""
        return bool(leftovers.find(self.state))

    def services(self) -> list[ServiceState]:
        """All processes of the running stack."""
        supervisor = self._supervisor()
        try:
            if supervisor is not None:
                return supervisor.services()
        except ConnectionError:
            pass
        raise StackNotRunningError(
            f"No stack is running in {self.state}: start it with `pipeline up`"
        )

    def status(self) -> dict[str, Any]:
        """Addresses, the development API key and all processes."""
        services = [service.as_json() for service in self.services()]
        values = read_env_file(self.layout.env_file)
        return {
            "gateway": {"url": values["GATEWAY_URL"]},
            "dagster": {"url": values["DAGSTER_URL"]},
            "api_key": values["DEVELOPMENT_API_KEY"],
            "services": services,
        }

    # --- starting -------------------------------------------------------------------------------

    def start(self, report: Report = _silent, follow: int | None = None) -> bool:
        """Start everything and return when it is ready; False when it was running already.

        A stack that does not become ready is stopped again and `StackFailedError` raised.
        """
        self.layout.create()
        with _lock(self.layout.start_lock):
            if self.is_running():
                return False
            leftovers.end(self.state)
            self.layout.migrated.unlink(missing_ok=True)
            try:
                self._start(report, follow)
            except BaseException:
                self.stop()
                raise
        return True

    def _start(self, report: Report, follow: int | None) -> None:
        reservations = PortReservations()
        try:
            report("postgres", "starting", "preparing the data folder")
            prepared = prepare(self.layout, self.configuration, reservations)
            get_settings.cache_clear()
            programs = self.programs(prepared.context)
            password = prepared.record.supervisor_password
            write_configuration(self.layout, programs, PROJECT_ROOT, password)
            self._start_keeper(prepared, follow, reservations.handles)
            self._start_services(prepared, programs, report)
        finally:
            reservations.close()

    def _start_keeper(
        self, prepared: Preparation, follow: int | None, reserved: tuple[int, ...]
    ) -> None:
        command = [sys.executable, "-m", "pipeline_defs.local.keeper", str(self.state)]
        if follow is not None:
            command += ["--follow", str(follow)]
        with self.layout.log("keeper").open("ab") as log:
            keeper = subprocess.Popen(
                command,
                cwd=PROJECT_ROOT,
                env=prepared.environment | {MEMBER: str(self.state)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=reserved,
            )
        deadline = time.monotonic() + _SUPERVISOR_WITHIN
        while not self.is_running():
            if keeper.poll() is not None or time.monotonic() > deadline:
                raise StackFailedError(f"The supervisor did not start\n{self._tail('keeper')}")
            time.sleep(0.05)

    def _start_services(
        self, prepared: Preparation, programs: tuple[Program, ...], report: Report
    ) -> None:
        supervisor = Supervisor(self.layout, prepared.record.supervisor_password)

        def alive(name: str) -> bool:
            return self._is_starting(supervisor, name)

        steps: tuple[tuple[str, str, Callable[[], None]], ...] = (
            ("postgres", "postgres", lambda: prepared.wait_for_postgres(alive)),
            ("valkey", "valkey", lambda: prepared.wait_for_valkey(alive)),
            ("migrations", "postgres", prepared.migrate),
        )
        for name, process, wait in steps:
            report(name, "starting", "")
            with self._blaming(name, process):
                wait()
            report(name, "ready", "")
        self.layout.migrated.touch()
        supervisor.start_group("app")
        self._wait_until_ready(self.probes(prepared.context), programs, report)

    def _wait_until_ready(
        self, probes: dict[str, Probe], programs: tuple[Program, ...], report: Report
    ) -> None:
        names = {program.name for program in programs}
        waiting = {name: probe for name, probe in probes.items() if name in names}
        for name in waiting:
            report(name, "starting", "")
        deadline = time.monotonic() + READY_WITHIN
        while waiting:
            for name, probe in list(waiting.items()):
                missing = probe()
                if missing is None:
                    del waiting[name]
                    report(name, "ready", "")
                    continue
                report(name, "starting", missing)
                if time.monotonic() > deadline:
                    raise StackFailedError(
                        f"{name} is not ready after {READY_WITHIN:.0f} s: {missing}\n"
                        f"{self._tail(name)}"
                    )
            time.sleep(0.1)

    # --- stopping -------------------------------------------------------------------------------

    def stop(self) -> bool:
        """Stop every process of this copy; True when there was something to stop."""
        running = self.is_running()
        supervisor = self._supervisor()
        if supervisor is not None and running:
            with contextlib.suppress(ConnectionError):
                supervisor.shut_down()
            deadline = time.monotonic() + STOPPED_WITHIN
            while leftovers.find(self.state) and time.monotonic() < deadline:
                time.sleep(0.1)
        ended = leftovers.end(self.state)
        return running or ended > 0

    def remove_data(self) -> None:
        """Delete the data of a stopped stack: only a folder that holds our own record."""
        record = StackRecord.load(self.layout.record)
        if record is None:
            return
        if record.postgres_folder is not None:
            shutil.rmtree(Path(record.postgres_folder).parent, ignore_errors=True)
        shutil.rmtree(self.state)

    @staticmethod
    def _is_starting(supervisor: Supervisor, name: str) -> bool:
        """Whether a process still has a chance: one that ended several times has none."""
        found = next(s for s in supervisor.services() if s.name == name)
        return found.restarts < _HOPELESS_RESTARTS

    # --- inside ---------------------------------------------------------------------------------

    def _supervisor(self) -> Supervisor | None:
        record = StackRecord.load(self.layout.record)
        return None if record is None else Supervisor(self.layout, record.supervisor_password)

    def _tail(self, service: str) -> str:
        log = self.layout.log(service)
        with contextlib.suppress(OSError):
            lines = log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
            return f"The last lines of {log}:\n" + "\n".join(f"  {line}" for line in lines)
        return f"{log} is empty"

    @contextlib.contextmanager
    def _blaming(self, name: str, process: str) -> Generator[None]:
        """Turn an error of start-up work into one that shows the log of the process behind it."""
        try:
            yield
        except Exception as error:
            raise StackFailedError(f"{name}: {error}\n{self._tail(process)}") from error


@contextlib.contextmanager
def _lock(path: Path) -> Generator[None]:
    """Let one process at a time start the stack."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def read_env_file(path: Path) -> dict[str, str]:
    """The settings in `stack.env`."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return dict(pairs)
