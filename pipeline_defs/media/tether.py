"""Become an encoder that is limited by the kernel and never outlives the process that wanted it.

Run as a plain file with `python -I -S`, so keep it on a handful of standard modules: it is on the
start path of every encoding. Doing this between fork and exec instead is unsafe with threads.

On Linux the kernel kills the encoder when the thread that started it ends; no process stays between
the two. Elsewhere this process stays: it holds the reading end of a pipe whose writing end only the
worker has, and ends the encoder when the pipe closes.
"""

from __future__ import annotations

import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PARENT_GONE = 70


def main(arguments: list[str]) -> None:
    """`tether PARENT LIFELINE CPU_SECONDS FILE_BYTES MEMORY_BYTES NICENESS COMMAND...`.

    LIFELINE is the number of the inherited pipe, or -1 where the kernel watches the parent.
    """
    parent, lifeline, cpu, size, memory, niceness = map(int, arguments[:6])
    command = arguments[6:]
    os.nice(niceness)
    _limit(resource.RLIMIT_CPU, cpu)
    _limit(resource.RLIMIT_FSIZE, size)
    _limit(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":
        _limit(resource.RLIMIT_AS, memory)  # macOS knows the limit and refuses to set it
    if lifeline >= 0:
        sys.exit(_watched(command, lifeline))
    _die_with_parent()
    if os.getppid() != parent:
        sys.exit(_PARENT_GONE)
    os.execve(command[0], command, {})  # noqa: S606  (a list of our own; no secret is passed on)


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (allowed, allowed))


def _die_with_parent() -> None:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")


def _watched(command: list[str], lifeline: int) -> int:
    """Run the command; its exit code. A signal that ends it ends this process too."""
    import threading

    child = os.posix_spawn(command[0], command, {})

    def end_with_parent() -> None:
        os.read(lifeline, 1)  # nothing is ever written: this returns when the writing end closes
        os.kill(child, signal.SIGKILL)

    threading.Thread(target=end_with_parent, daemon=True).start()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code < 0:
        os.kill(os.getpid(), -code)
    return code


if __name__ == "__main__":
    main(sys.argv[1:])
