"""Where the embedded stack keeps its files: one place for every path below the state directory."""

from __future__ import annotations

import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pipeline_defs.settings import copy_id

# struct sockaddr_un holds 108 bytes (104 on macOS) and supervisord first binds `<path>.<pid>`
_SOCKET_PATH_LIMIT = 88
_UNUSABLE_IN_PATHS = ("%", " ;", "\n")


class ConfigurationError(RuntimeError):
    """The environment asks for something that cannot be started; the message names the fix."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths of one copy of the stack."""

    state: Path

    @property
    def copy_id(self) -> str:
        """Eight characters that name this copy on this machine."""
        return copy_id(self.state)

    @property
    def logs(self) -> Path:
        """One log file per process."""
        return self.state / "logs"

    @property
    def run(self) -> Path:
        """Files that mean something only while the stack runs."""
        return self.state / "run"

    @property
    def record(self) -> Path:
        """Generated secrets and chosen ports, kept between runs."""
        return self.state / "stack.json"

    @property
    def env_file(self) -> Path:
        """The same as settings of the current run; read by every process of the product."""
        return self.state / "stack.env"

    @property
    def start_lock(self) -> Path:
        """Held while a stack is being started."""
        return self.state / "run" / "start.lock"

    @property
    def migrated(self) -> Path:
        """There once databases are migrated: from then on the application may be started."""
        return self.state / "run" / "migrated"

    @property
    def keeper_pid(self) -> Path:
        """Process id of the keeper."""
        return self.state / "run" / "keeper.pid"

    @property
    def supervisor_config(self) -> Path:
        """Generated at each start."""
        return self.state / "run" / "supervisord.conf"

    @property
    def dagster_home(self) -> Path:
        """DAGSTER_HOME of all processes."""
        return self.state / "dagster_home"

    @property
    def workspace(self) -> Path:
        """Points webserver and daemon to the one code server."""
        return self.state / "workspace.yaml"

    @property
    def valkey(self) -> Path:
        """Data and configuration of the embedded Valkey."""
        return self.state / "valkey"

    @property
    def providers(self) -> Path:
        """State of the local provider server."""
        return self.state / "providers"

    def log(self, name: str) -> Path:
        """The log of one process."""
        return self.logs / f"{name}.log"

    @property
    def socket(self) -> Path:
        """The supervisor's control socket: in the state directory unless that path is too long."""
        own = self.run / "supervisor.sock"
        if len(os.fsencode(own)) <= _SOCKET_PATH_LIMIT:
            return own
        return _short_directory() / f"pipeline-{os.getuid()}-{self.copy_id}" / "supervisor.sock"

    def create(self) -> None:
        """Make the folders. The state directory itself is closed to other users when we make it."""
        if any(odd in str(self.state) for odd in _UNUSABLE_IN_PATHS):
            raise ConfigurationError(
                f"The state directory {str(self.state)!r} has a name the process supervisor cannot "
                "work with (a percent sign, ' ;' or a line break): set PIPELINE_STATE to another"
            )
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.logs, self.run, self.dagster_home, self.valkey, self.providers):
            folder.mkdir(mode=0o700, exist_ok=True)
        _private_directory(self.socket.parent)


def _short_directory() -> Path:
    preferred = Path(tempfile.gettempdir())
    return preferred if len(os.fsencode(preferred)) < 40 else Path("/tmp")  # noqa: S108 (checked)


def _private_directory(path: Path) -> None:
    """Make a folder of ours in a shared place; refuse one that somebody else put there."""
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise RuntimeError(f"{path} exists and is not a folder of ours: remove it")
    path.chmod(0o700)


def write_private(path: Path, text: str) -> None:
    """Write a file only we can read, all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
