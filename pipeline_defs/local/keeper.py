"""Keeps the supervisor itself alive: `python -m pipeline_defs.local.keeper STATE [--follow PID]`.

A small process that starts the supervisor, starts it again when it is killed, and ends with it when
it stops in order. With `--follow` it also stops the stack once that process is gone: `pipeline up`
in a terminal passes its own id, so that nothing stays behind when it is killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from pipeline_defs.local.guard import adopt_orphans
from pipeline_defs.local.layout import Layout, write_private

_PATIENCE = 18.0  # an orderly stop takes at most the stop times of both groups
_LONGEST_PAUSE = 10.0
_stop_requested = False


def main() -> None:
    """Run until the supervisor has stopped in order."""
    layout = Layout(Path(sys.argv[1]))
    followed = int(sys.argv[3]) if sys.argv[2:3] == ["--follow"] else None
    adopt_orphans()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _request_stop)
    write_private(layout.keeper_pid, f"{os.getpid()}\n")
    pause = 0.2
    while True:
        started = time.monotonic()
        code = _watch(_start(layout), followed)
        if code == 0 or _stop_requested:
            break
        pause = 0.2 if time.monotonic() - started > 60 else min(pause * 2, _LONGEST_PAUSE)
        _report(f"the supervisor ended with code {code}: starting it again")
        time.sleep(pause)
        _recover(layout)
    layout.keeper_pid.unlink(missing_ok=True)


def _start(layout: Layout) -> subprocess.Popen[bytes]:
    module = "pipeline_defs.local.supervisord"
    command = (sys.executable, "-m", module, "-c", str(layout.supervisor_config))
    return subprocess.Popen(command)


def _watch(supervisor: subprocess.Popen[bytes], followed: int | None) -> int:
    """Wait for the supervisor's end, pass a request to stop on, and reap adopted orphans."""
    asked_at: float | None = None
    while (code := supervisor.poll()) is None:
        if followed is not None and os.getppid() != followed:
            _request_stop()
        if _stop_requested and asked_at is None:
            supervisor.terminate()
            asked_at = time.monotonic()
        if asked_at is not None and time.monotonic() - asked_at > _PATIENCE:
            supervisor.kill()
        _reap(supervisor.pid)
        time.sleep(0.2)
    return code


def _reap(supervisor_pid: int) -> None:
    """Collect ended orphans; the supervisor's own end is left to `poll`."""
    try:
        while True:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None or ended.si_pid == supervisor_pid:
                return
            os.waitpid(ended.si_pid, 0)
    except ChildProcessError:
        return


def _recover(layout: Layout) -> None:
    """Clear the ground after a killed supervisor and have the next one start everything."""
    from pipeline_defs.local import leftovers
    from pipeline_defs.local.postgres import clear_stale_lock
    from pipeline_defs.local.record import StackRecord

    leftovers.end(layout.state)
    record = StackRecord.load(layout.record)
    if record is not None and record.postgres_folder is not None:
        clear_stale_lock(Path(record.postgres_folder))
    if layout.migrated.exists():
        text = layout.supervisor_config.read_text()
        write_private(layout.supervisor_config, text.replace("autostart=false", "autostart=true"))


def _request_stop(*_: object) -> None:
    global _stop_requested
    _stop_requested = True


def _report(text: str) -> None:
    sys.stderr.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
