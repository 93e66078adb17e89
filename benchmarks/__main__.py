"""`make bench`: our runtime and the peers in one sitting, then one table.

    python -m benchmarks [--systems floor,restate,...] [--repetitions 3] [--with-dagster]

Plain Dagster (a process per run and per op) takes minutes per round, so it runs once and only when
asked for. Results are written to .pipeline/bench/{ours,lectures,pages,peers,dagster}.json.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / ".pipeline" / "bench"
PEERS = "floor,restate,celery,procrastinate,dbos,dbos:semaphores,prefect"


def main() -> int:
    """Install the peers, measure, print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--systems", default=PEERS)
    parser.add_argument("--repetitions", default="3")
    parser.add_argument("--with-dagster", action="store_true", help="plain Dagster too (minutes)")
    arguments = parser.parse_args()
    RESULTS.mkdir(parents=True, exist_ok=True)
    names = ("ours", "lectures", "peers", "dagster")
    ours, lectures, peers, dagster = (RESULTS / f"{name}.json" for name in names)
    files = [ours, lectures, peers]
    repetitions = ("--repetitions", arguments.repetitions)
    script("run_ours.py", "--json", ours, *repetitions)
    script("run_lectures.py", "--json", lectures, *repetitions)
    script("run_pages.py", "--json", RESULTS / "pages.json")
    script(
        "run_peers.py",
        "--install",
        "--systems",
        arguments.systems,
        *repetitions,
        "--json",
        peers,
    )
    if arguments.with_dagster:
        files.append(dagster)
        script(
            "run_peers.py",
            "--install",
            "--systems",
            "dagster",
            "--repetitions",
            "1",
            "--json",
            dagster,
        )
    return script("report.py", *files)


def script(name: str, *arguments: object) -> int:
    """Run one of the scripts beside this file; a failing one does not stop the rest."""
    command = [sys.executable, str(HERE / name), *map(str, arguments)]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
