"""The one command line of all peers: run.py --work W|W2 --repetitions N --json OUT

A peer gives a context manager that starts all it needs and yields `once(units)`: submit one
repetition over so many units and return when it is done. Only `once` is timed, after one small
untimed repetition.
"""

import argparse
import importlib.metadata
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import work

Once = Callable[[int], None]


@dataclass(frozen=True)
class Request:
    """What is to be measured, and a folder that is removed afterwards."""

    work: str
    variant: str
    folder: Path


@dataclass(frozen=True)
class Peer:
    """One system. `jobs` below 100 says that W2 takes minutes here and is run on fewer jobs.

    `crash` runs W once with a SIGKILL in the middle and returns when it is done nevertheless.
    """

    system: str
    package: str
    open: Callable[[Request], AbstractContextManager[Once]]
    variants: tuple[str, ...] = ("default",)
    jobs: int = work.JOBS
    crash: Callable[[Request], None] | None = None
    server_version: str = ""


def main(peer: Peer) -> None:
    args = _arguments(peer)
    _end_in_time(args.time_limit)
    units = work.ITEMS if args.work == "W" else (args.jobs or peer.jobs)
    with tempfile.TemporaryDirectory(prefix=f"bench-{peer.system}-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # the other user Postgres runs as must get through
        os.environ["BENCH_BODIES"] = str(folder / "bodies")
        (folder / "bodies").touch()
        request = Request(args.work, args.variant, folder)
        seconds = _crash(peer, request) if args.crash else _measure(peer, request, args, units)
        completed = work.bodies_done()
    result = {
        "system": peer.system,
        "variant": args.variant,
        "version": peer.server_version or importlib.metadata.version(peer.package),
        "work": args.work,
        "units": units,
        "seconds": [round(value, 4) for value in seconds],
        "completed_bodies": completed,
        "expected_bodies": work.bodies(args.work, units) * len(seconds),
    }
    text = json.dumps(result)
    print(text, flush=True)
    if args.json:
        args.json.write_text(text + "\n")
    sys.stdout.flush()
    if not args.crash and completed != result["expected_bodies"]:
        sys.exit(f"{completed} bodies ran, {result['expected_bodies']} expected")


def _measure(peer: Peer, request: Request, args: argparse.Namespace, units: int) -> list[float]:
    seconds = []
    with peer.open(request) as once:
        once(work.WARM_UP_UNITS)
        work.forget_bodies()
        for _ in range(args.repetitions):
            start = time.perf_counter()
            once(units)
            seconds.append(time.perf_counter() - start)
            print(f"{peer.system} {request.work} {seconds[-1]:.3f} s", file=sys.stderr, flush=True)
    return seconds


def _crash(peer: Peer, request: Request) -> list[float]:
    if peer.crash is None:
        sys.exit(f"{peer.system} has no crash check")
    start = time.perf_counter()
    peer.crash(request)
    return [time.perf_counter() - start]


def _arguments(peer: Peer) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=f"Times W or W2 on {peer.system}.")
    parser.add_argument("--work", choices=work.WORKS, required=True)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--variant", choices=peer.variants, default=peer.variants[0])
    parser.add_argument("--jobs", type=int, help="jobs of W2, where fewer than the peer's own")
    parser.add_argument("--crash", action="store_true", help="W once, with a SIGKILL in it")
    parser.add_argument("--time-limit", type=int, default=600, help="seconds, for everything")
    return parser.parse_args()


def _end_in_time(seconds: int) -> None:
    """SIGTERM and the time limit unwind the stack, so that every child is ended.

    SystemExit and not an ordinary exception: no library may take it for the failure of a step.
    """

    def end(number: int, _frame: object) -> None:
        signal.signal(signal.SIGALRM, lambda *_: os._exit(1))  # children end with their parent
        signal.alarm(30)
        reason = f"time limit of {seconds} s" if number == signal.SIGALRM else "terminated"
        raise SystemExit(reason)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
