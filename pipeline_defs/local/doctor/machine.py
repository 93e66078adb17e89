"""Checks of the machine: Python, disk, state directory, ports, clock."""

from __future__ import annotations

import shutil
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from pipeline_defs.local import ports
from pipeline_defs.local.doctor.finding import Finding, fail, ok, warn
from pipeline_defs.local.record import PREFERRED_PORTS, StackRecord
from pipeline_defs.local.stack import Stack
from pipeline_defs.settings import PROJECT_ROOT

_DISK_NEEDED = 1_000_000_000
_DISK_COMFORTABLE = 5_000_000_000
_PRIVATE_FILES = ("stack.env", "stack.json", "run/supervisord.conf", "valkey/valkey.conf")


def checks(stack: Stack) -> Iterator[Finding]:
    """All findings about the machine."""
    yield _python()
    yield _disk(stack.state)
    yield _state_directory(stack.state)
    yield _ports(stack)
    yield _clock()


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] < (3, 14):
        return ok("python", f"version {version}")
    return fail("python", f"version {version}", "Use Python 3.11, 3.12 or 3.13: make setup")


def _disk(state: Path) -> Finding:
    existing = next(path for path in (state, *state.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    words = f"{free / 1e9:.1f} GB free for {state}"
    if free < _DISK_NEEDED:
        return fail("disk", words, "Free some space: databases stop when the disk is full")
    if free < _DISK_COMFORTABLE:
        return warn("disk", words, "Media and databases grow: free some space soon")
    return ok("disk", words)


def _state_directory(state: Path) -> Finding:
    if not state.exists():
        return ok("state directory", f"{state} will be made on the first start")
    open_files = [
        name
        for name in _PRIVATE_FILES
        if (state / name).exists() and (state / name).stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    ]
    if open_files:
        return fail(
            "state directory",
            f"other users can read {', '.join(open_files)} in {state}",
            f"chmod 600 {' '.join(str(state / name) for name in open_files)}",
        )
    probe = state / ".doctor"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        return fail("state directory", f"cannot write: {error}", f"Check the owner of {state}")
    return ok("state directory", f"{state} is writable, secrets are readable by you only")


def _ports(stack: Stack) -> Finding:
    record = StackRecord.load(stack.layout.record)
    chosen = PREFERRED_PORTS | (record.ports if record else {})
    listed = ", ".join(f"{name} {port}" for name, port in chosen.items())
    if stack.is_running():
        return ok("ports", f"in use by this stack: {listed}")
    taken = [f"{name} {port}" for name, port in chosen.items() if not ports.is_free(port)]
    if taken:
        return warn(
            "ports",
            f"used by other programs: {', '.join(taken)}",
            "Nothing to do: the next free ports will be taken; `pipeline status` shows them",
        )
    return ok("ports", f"free: {listed}")


def _clock() -> Finding:
    newest = (PROJECT_ROOT / "pyproject.toml").stat().st_mtime
    if time.time() < newest - 60:
        return fail(
            "clock",
            f"this machine's clock ({time.strftime('%Y-%m-%d %H:%M')}) is behind its own files",
            "Set the clock: signatures, leases and schedules go by it",
        )
    return ok("clock", time.strftime("%Y-%m-%d %H:%M:%S %Z"))
