"""Measures lectures: the media run against the ideal from permits, and a real one against its CPU.

A stack of its own is started in a temporary folder; nothing of a running one is touched.

- **Media run**: the local providers answer after a fixed time and encode nothing (their latency
  model). The ideal is the shortest schedule that the permits allow, computed here; efficiency is
  ideal / measured, from the announcement of the work to the last result stored.
- **Real lecture**: sixty seconds with real engines. `engines` is the CPU time of everything that
  draws, speaks, listens, composes and encodes; efficiency is that over cores x total time.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any, LiteralString

import httpx
import psutil
import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pipeline_defs import policies

LATENCY = {"image": 0.2, "video": 0.3, "speech": 0.1, "transcription": 0.1, "music": 0.1}
SENTENCE = "Segment {n} of a lecture that is only there to be measured, and says nothing at all."
TOPIC = "Photosynthesis"
FINAL = ("completed", "incomplete", "failed", "cancelled")


def ideal(segments: int) -> float:
    """Seconds of the shortest schedule: image then clip, speech then transcript, by permits."""
    chains = (("image", "video"), ("speech", "transcription"))
    return max(_makespan(segments, chain) for chain in chains)


def _makespan(segments: int, chain: tuple[str, ...]) -> float:
    """First come, first served on each capability in turn, which is optimal for equal work."""
    ready = [0.0] * segments
    for capability in chain:
        free = [0.0] * policies.CAPABILITY_LIMITS[capability]
        heapq.heapify(free)
        ended: list[float] = []
        for at in sorted(ready):
            end = max(at, heapq.heappop(free)) + LATENCY[capability]
            heapq.heappush(free, end)
            ended.append(end)
        ready = ended
    return max(ready)


class Measured:
    """The started stack, as its clients see it."""

    def __init__(self, state: Path) -> None:
        from pipeline_defs.local.stack import read_env_file

        self.settings = read_env_file(state / "stack.env")
        self.state = state
        self.api = httpx.Client(
            base_url=self.settings["GATEWAY_URL"],
            headers={"authorization": f"Bearer {self.settings['DEVELOPMENT_API_KEY']}"},
            timeout=30,
        )
        self.database = psycopg.connect(self.settings["DATABASE_URL"], autocommit=True)
        self.database.execute("select set_config('app.org', 'default', false)")
        self.providers = httpx.Client(
            base_url=self.settings["LOCAL_PROVIDERS_URL"],
            headers={"authorization": f"Bearer {self.settings['LOCAL_PROVIDERS_KEY']}"},
            timeout=30,
        )

    def lecture(self, **request: Any) -> tuple[dict[str, Any], float]:
        """A finished lecture and the seconds it took."""
        began = time.perf_counter()
        created = self.api.post("/v1/lectures", json=request)
        created.raise_for_status()
        unit = created.json()["id"]
        while self._row("select status from app.units where id = %s", unit)[0] not in FINAL:
            time.sleep(0.1)
        seconds = time.perf_counter() - began
        found = self.api.get(f"/v1/lectures/{unit}").raise_for_status().json()
        if found["status"] != "completed":
            raise RuntimeError(f"the lecture is {found['status']}: {found['error']}")
        return found, seconds

    def media(self, segments: int, name: str) -> float:
        """Seconds of the media run of a lecture, which is cancelled once it has all media."""
        script = [f"{SENTENCE.format(n=n)} {name}." for n in range(1, segments + 1)]
        body = {"script": script, "title": name, "music_tracks": 0}
        unit = self.api.post("/v1/lectures", json=body).raise_for_status().json()["id"]
        while self._ready(unit) < 4 * segments:
            time.sleep(0.2)
        self.api.post(f"/v1/lectures/{unit}/cancel").raise_for_status()
        return self.media_seconds(unit)

    def _ready(self, lecture_id: str) -> int:
        row = self._row(
            "select count(*) from app.lecture_assets "
            "where lecture_id = %s and status = 'ready' and asset like 'segment_%%'",
            lecture_id,
        )
        return row[0]

    def _row(self, query: LiteralString, unit: str) -> Any:
        """One row about a unit, by the one connection: looking must not load what is measured."""
        return self.database.execute(query, [unit]).fetchone()

    def media_seconds(self, lecture_id: str) -> float:
        """From the announcement of the media to the last of them stored."""
        rows = self.database.execute(
            "select event ->> 'stage', event ->> 'at' from app.progress_events "
            "where unit_id = %s order by seq",
            [lecture_id],
        ).fetchall()
        began = next(at for stage, at in rows if stage == "planned")
        ended = [at for stage, at in rows if stage.startswith("segment_")][-1]
        return (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds()

    def engines_cpu(self) -> float:
        """CPU seconds of the local engines and of every encoder so far, ended ones included."""
        from pipeline_defs.local.stack import Stack

        used = 0.0
        for service in Stack(self.state).status()["services"]:
            if service["name"] == "local-providers":
                used += _cpu(psutil.Process(service["pid"]), own=True)
            if service["name"] == "worker":
                worker = psutil.Process(service["pid"])
                used += sum(_cpu(child, own=False) for child in worker.children(recursive=True))
        return used


def _cpu(process: psutil.Process, *, own: bool) -> float:
    times = process.cpu_times()
    children = times.children_user + times.children_system
    return children + (times.user + times.system if own else 0.0)


def media_runs(stack: Measured, segments: int, repetitions: int) -> dict[str, Any]:
    """Lectures of so many segments under the latency model."""
    stack.providers.put("/_control/latency", json=LATENCY).raise_for_status()
    try:
        rounds = range(repetitions + 1)  # the first one warms up
        seconds = [stack.media(segments, f"Round {number}") for number in rounds]
    finally:
        stack.providers.delete("/_control/latency").raise_for_status()
    measured = statistics.median(seconds[1:])
    wanted = ideal(segments)
    return {
        "segments": segments,
        "ideal": wanted,
        "measured": measured,
        "samples": seconds[1:],
        "efficiency": wanted / measured,
    }


def real_lecture(stack: Measured) -> dict[str, Any]:
    """A minute on a topic of the corpus, with real engines; warm, as a second lecture would be."""
    stack.lecture(topic=TOPIC, minutes=0.5)
    before = stack.engines_cpu()
    _, seconds = stack.lecture(topic=TOPIC, minutes=1)
    used = stack.engines_cpu() - before
    cores = os.cpu_count() or 1
    return {"total": seconds, "engines_cpu": used, "efficiency": used / (cores * seconds)}


def run(repetitions: int) -> dict[str, Any]:
    """Start a stack, measure, remove it."""
    state = Path(tempfile.mkdtemp(prefix="pipeline-bench-"))
    os.environ["PIPELINE_STATE"] = str(state)
    from pipeline_defs.local.stack import Stack

    stack = Stack(state)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # a terminated benchmark cleans up
    try:
        stack.start(report=lambda name, what, detail: print(f"{name}: {what}", file=sys.stderr))
        measured = Measured(state)
        return {
            "media": [media_runs(measured, n, repetitions) for n in (6, 30)],
            "real": real_lecture(measured),
        }
    finally:
        stack.stop()
        stack.remove_data()  # its database may lie outside of the folder
        shutil.rmtree(state, ignore_errors=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--repetitions", type=int, default=3)
    arguments = parser.parse_args()
    result = {"lectures": run(arguments.repetitions)}
    print(json.dumps(result, indent=2))
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
