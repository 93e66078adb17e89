"""A clock that all processes of a stack share, and that is put forward by writing to a file.

libfaketime is loaded into each process, ours and the servers', and adds what stands in the file to
the real time. Clocks that only measure how long something takes stay as they are, so that timeouts
and pauses are real ones. The library comes from the system's packages, unpacked without being
installed, so nobody has to be root.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from pipeline_defs.settings import state_directory
from pipeline_defs_tests.servers import PostgresForTests, ValkeyForTests

PACKAGE = "libfaketime"
LIBRARY = "libfaketimeMT.so.1"  # the one for processes with threads
READ_AGAIN = 1  # second after which a process looks into the file again, in whole seconds
NOTICED = 2.5  # seconds after which all have


@dataclass
class Clock:
    """The time of a stack, kept in a folder that every user may read: Postgres may run as another
    one."""

    folder: Path
    ahead: timedelta = timedelta(0)

    @classmethod
    @contextmanager
    def made(cls, found: Path) -> Iterator[Clock]:
        """A clock by this library, in a folder of its own."""
        folder = Path(tempfile.mkdtemp(prefix="pipeline-clock-"))
        try:
            folder.chmod(0o755)
            shutil.copyfile(found, folder / LIBRARY)
            clock = cls(folder)
            clock._write()
            yield clock
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def file(self) -> Path:
        """Seconds by which it is ahead."""
        return self.folder / "ahead"

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process needs to go by this clock."""
        return {
            "LD_PRELOAD": str(self.folder / LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": str(READ_AGAIN),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "PYTHONPATH": str(Path(__file__).with_name("site")),
        }

    def wrapped(self, command: tuple[str, ...]) -> tuple[str, ...]:
        """A guarded server's command, which gives its process nothing of our environment."""
        at = command.index("--") + 1
        pairs = [f"{name}={value}" for name, value in self.environment.items()]
        return (*command[:at], "env", *pairs, *command[at:])

    def now(self) -> datetime:
        """The time of the stack."""
        return datetime.now(UTC) + self.ahead

    def forward(self, by: timedelta) -> None:
        """Put it forward, and wait until every process has noticed."""
        self.ahead += by
        self._write()
        time.sleep(NOTICED)

    def _write(self) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"+{int(self.ahead.total_seconds())}\n")
        fresh.chmod(0o644)
        fresh.replace(self.file)


class PostgresOnAClock(PostgresForTests):
    """A Postgres that goes by a clock."""

    clock: Clock

    def _spawn(self, command: tuple[str, ...], log: Path) -> None:
        super()._spawn(self.clock.wrapped(command), log)


class ValkeyOnAClock(ValkeyForTests):
    """A Valkey that goes by a clock."""

    clock: Clock

    def _spawn(self, command: tuple[str, ...], log: Path) -> None:
        super()._spawn(self.clock.wrapped(command), log)


@cache
def library() -> Path | None:
    """libfaketime of this machine, fetched when there is none; None where that cannot be done."""
    if platform.system() != "Linux":
        return None
    cached = state_directory() / PACKAGE
    return _below(Path("/usr/lib")) or _below(cached) or _fetched(cached)


def _below(folder: Path) -> Path | None:
    return next(folder.glob(f"**/faketime/{LIBRARY}"), None) if folder.is_dir() else None


def _fetched(folder: Path) -> Path | None:
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    fetch = ["apt-get", "-o", "APT::Sandbox::User=root", "download", "-qq", PACKAGE]
    for before in ([], ["apt-get", "update", "-qq"]):
        if before:  # only the superuser may; without it the lists are as old as they are
            subprocess.run(before, stdout=sys.stderr, stderr=sys.stderr, check=False)
        done = subprocess.run(fetch, cwd=folder, stdout=sys.stderr, stderr=sys.stderr, check=False)
        if done.returncode == 0:
            break
    for archive in folder.glob("*.deb"):
        unpack = ["dpkg-deb", "-x", archive.name, "."]
        subprocess.run(unpack, cwd=folder, check=True)
    return _below(folder)
