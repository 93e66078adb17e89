"""`make scale`: Dagster's pages, ticks and runs at a hundred and at a hundred thousand partitions.

A stack of its own is started in a temporary folder. One small lecture is made through the API and
copied by SQL, into our units and into Dagster's partitions and events; of its events only those of
the asset whose page is opened. A lecture of two segments has three partitions. Three states are
measured: few lectures, many, and many ever made of which retention has kept the few.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.scale.measuring import Times, measure, requests
from benchmarks.scale.recording import page_requests
from benchmarks.scale.subject import Subject

ASSET = "lecture_video"


def run(subject: Subject, few: int, many: int, rounds: int) -> dict[str, Times]:
    """Times by state: few, many, retained."""
    template = subject.lecture()
    wanted = requests(subject, ASSET, template, page_requests(subject.dagster_url, ASSET))
    times: dict[str, Times] = {}
    subject.fill(template, ASSET, 1, few)
    times["few"] = measure(subject, wanted, template, rounds)
    subject.fill(template, ASSET, few + 1, many)
    times["many"] = measure(subject, wanted, template, rounds)
    subject.retain(f"scale-{few:06}")
    times["retained"] = measure(subject, wanted, template, rounds)
    return times


def table(times: dict[str, Times], few: int, many: int) -> str:
    """Medians side by side, in milliseconds, with the growth against few."""
    heads = ["lectures", str(few), str(many), "growth", "retained", "growth"]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for name in times["few"]:
        base, many, kept = (times[state][name]["median"] for state in ("few", "many", "retained"))
        lines.append(
            f"| {name} | {base:.0f} | {many:.0f} | {many / base:.1f}x "
            f"| {kept:.0f} | {kept / base:.1f}x |"
        )
    return "\n".join(lines)


@contextmanager
def started() -> Iterator[Subject]:
    """A stack of its own, removed at the end."""
    state = Path(tempfile.mkdtemp(prefix="pipeline-scale-"))
    os.environ["PIPELINE_STATE"] = str(state)
    from pipeline_defs.local.stack import Stack

    stack = Stack(state)
    try:
        stack.start(follow=os.getpid())
        with Subject(state) as subject:
            yield subject
    finally:
        stack.stop()
        shutil.rmtree(state, ignore_errors=True)


def main() -> int:
    """Measure, print the table, write the numbers where asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--few", type=int, default=33)
    parser.add_argument("--many", type=int, default=33_333)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with started() as subject:
        times = run(subject, arguments.few, arguments.many, arguments.rounds)
    print(table(times, arguments.few, arguments.many))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(times, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
