"""Become another program, tied to the life of the supervisor that started us.

Every process of the embedded stack starts through this file. It switches to another OS user where
asked (Postgres refuses to run as root), asks the kernel to be signalled when the supervisor dies
(a supervisor killed with SIGKILL cannot stop its children itself), and then replaces itself by the
command: no extra process stays behind.

Run as a plain file with `python -I -S`, so keep it on a handful of standard modules: it is on the
start path of everything. Elsewhere than on Linux there is no parent-death signal; there
`pipeline up` finds and ends what a killed supervisor left behind.
"""

from __future__ import annotations

import os
import signal
import sys

SUPERVISOR_PID = "PIPELINE_SUPERVISOR_PID"
MEMBER = "PIPELINE_STACK_MEMBER"
_KEPT_IN_CLEAN_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", MEMBER)
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def die_with_parent(signal_number: int = signal.SIGKILL) -> None:
    """Ask the kernel to send us this signal when the thread that started us ends (Linux only).

    The setting survives exec but neither fork nor a change of user.
    """
    _prctl(_PR_SET_PDEATHSIG, int(signal_number))


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent dies, so that they can be reaped."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _switch_user(name: str) -> None:
    import pwd

    user = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


def _clean_environment() -> None:
    kept = {key: os.environ[key] for key in _KEPT_IN_CLEAN_ENVIRONMENT if key in os.environ}
    os.environ.clear()
    os.environ.update(kept)


def main(arguments: list[str]) -> None:
    """`guard [--user NAME] [--clean-env] [--death-signal NAME] -- COMMAND...`."""
    # loaded before the user changes: afterwards the standard library may be out of reach
    for module in ("ctypes", "pwd", "warnings"):
        __import__(module)
    split = arguments.index("--")
    options, command = arguments[:split], arguments[split + 1 :]
    parent = os.environ.get(SUPERVISOR_PID)
    death_signal = signal.SIGKILL
    while options:
        option = options.pop(0)
        if option == "--user":
            _switch_user(options.pop(0))
        elif option == "--clean-env":
            _clean_environment()
        elif option == "--death-signal":
            death_signal = signal.Signals[f"SIG{options.pop(0)}"]
        else:
            sys.exit(f"guard: unknown option {option}")
    die_with_parent(death_signal)
    if parent is not None and os.getppid() != int(parent):
        sys.exit("guard: the supervisor is gone already")
    os.execvp(command[0], command)  # noqa: S606  (a list of our own, no shell wanted)


if __name__ == "__main__":
    main(sys.argv[1:])
