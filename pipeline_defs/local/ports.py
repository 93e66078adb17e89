"""Free ports on the loopback interface. Whoever holds a port keeps it: we take another one."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Container

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


def choose(preferred: int, taken: Container[int] = ()) -> int:
    """The preferred port when free, else the next free one above it."""
    for port in range(preferred, min(preferred + _SEARCHED, 65_536)):
        if port not in taken and is_free(port):
            return port
    raise RuntimeError(f"No free port between {preferred} and {preferred + _SEARCHED}")


def ephemeral() -> int:
    """Any free port, as the system hands it out (for tests)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
