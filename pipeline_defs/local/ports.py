"""Free ports on the loopback interface. Whoever holds a port keeps it: we take another one."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
import tempfile
from pathlib import Path

LOOPBACK = "127.0.0.1"
_SEARCHED = 400


def is_free(port: int) -> bool:
    """Whether we could listen on the port now, on loopback and beside wildcard listeners."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # TIME_WAIT is not "in use"
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return not is_answering(port)


def is_answering(port: int, timeout: float = 0.3) -> bool:
    """Whether something accepts connections on the port."""
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout):
        return True
    return False


def ephemeral() -> int:
    """Any free port, as the system hands it out (for tests)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


class PortReservations:
    """Ports that are a copy's own, also while nothing listens on them: no other copy takes them.

    Each is a lock on a file named after the port in the shared temporary folder. A lock ends with
    the last process that holds its handle: this one's share is given back by `close()`, the
    stack's keeper inherits the `handles` and holds them as long as the stack runs, so that a
    service which is killed finds its port free when it comes back.
    """

    def __init__(self) -> None:
        self._held: dict[int, int] = {}

    @property
    def handles(self) -> tuple[int, ...]:
        """File descriptors of the locks, to be inherited."""
        return tuple(self._held.values())

    def take(self, port: int) -> bool:
        """Reserve this very port; False when it is in use or somebody else's."""
        if port in self._held or not is_free(port):
            return False
        handle = self._lock(port)
        if handle is None:
            return False
        self._held[port] = handle
        if is_free(port):
            return True
        os.close(self._held.pop(port))
        return False

    def choose(self, preferred: int) -> int:
        """Reserve the preferred port, else the next free one above it."""
        for port in range(preferred, min(preferred + _SEARCHED, 65_536)):
            if self.take(port):
                return port
        raise RuntimeError(f"No free port between {preferred} and {preferred + _SEARCHED}")

    def close(self) -> None:
        """Give this process's share of all reservations back."""
        while self._held:
            os.close(self._held.popitem()[1])

    @staticmethod
    def _lock(port: int) -> int | None:
        path = Path(tempfile.gettempdir()) / f"pipeline-port-{port}.lock"
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            handle = os.open(path, flags)  # without O_CREAT: it may be another user's file
        except FileNotFoundError:
            handle = os.open(path, flags | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
        return handle
