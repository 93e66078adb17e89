"""Folders in the machine's temporary folder, and locks that end with the process holding them."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path


def own_folder(name: str) -> Path:
    """A folder of this user's in the temporary folder, the same for all its processes.

    PermissionError when somebody else's folder has the name: in a shared temporary folder anybody
    could have made it.
    """
    folder = Path(tempfile.gettempdir()) / f"pipeline-{name}-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder.name} in the temporary folder belongs to somebody else")
    return folder


def lock(path: Path) -> int | None:
    """Lock an existing file or folder; None while another process holds it.

    The lock is given back by `os.close` of what is returned, or when the process ends.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle
