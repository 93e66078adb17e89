"""What a process of ours asks of the operating system."""

from __future__ import annotations

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent(sent: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel signal this process when its parent dies (Linux; elsewhere nothing).

    The setting survives exec, not fork, and is cleared when the user changes.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(sent), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
