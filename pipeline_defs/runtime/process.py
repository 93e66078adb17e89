"""What a process of ours asks of the operating system."""

from __future__ import annotations

import ctypes
import signal
import sys

from pipeline_defs import policies

PR_SET_PDEATHSIG = 1  # linux/prctl.h
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # glibc's malloc.h


def die_with_parent(sent: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel signal this process when its parent dies (Linux; elsewhere nothing).

    The setting survives exec, not fork, and is cleared when the user changes.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(sent), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")


def keep_freed_memory() -> None:
    """Have malloc keep memory of the size of a picture once it is freed (glibc; elsewhere nothing).

    By itself it hands that back at once, and the kernel clears page after page for the next
    picture: a third of the time that looking at one takes.
    """
    libc = ctypes.CDLL(None)
    if sys.platform != "linux" or not hasattr(libc, "mallopt"):
        return
    libc.mallopt(M_MMAP_THRESHOLD, policies.MEMORY_REUSED_MOST)
    libc.mallopt(M_TRIM_THRESHOLD, policies.MEMORY_KEPT_FREE)
