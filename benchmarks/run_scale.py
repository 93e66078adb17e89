"""Measures what grows with the number of partitions: `make scale`.

Two stacks of their own, with 100 and with 100,000 finished pages, are asked the same things in
turns, so that noise of the machine falls on both; then the large one is retired down to 100 live
pages, as `housekeeping` does over many nights, and both are asked again. Writes a JSON file, a
Markdown table and pictures of Dagster's pages into a folder.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.scale.interface import Query, record
from benchmarks.scale.world import World, copy
from pipeline_defs_tests.paging import product_page

FEW = 100
NIGHT = 500  # pages that the product's own housekeeping retires
PAGE = copy(FEW // 2)
PAGES = {
    "asset overview": "/assets/page?view=overview",
    "asset partitions": "/assets/page?view=partitions",
    "one partition": f"/assets/page?view=partitions&partition={PAGE}",
}
DRY_RUN = """
mutation Tick($selector: SensorSelector!) { sensorDryRun(selectorData: $selector, cursor: null) {
  __typename ... on DryRunInstigationTick { evaluationResult { error { message } } } } }"""
SENSOR = {
    "repositoryLocationName": "pipeline",
    "repositoryName": "__repository__",
    "sensorName": "due_work",
}
Measure = Callable[[World, int], None]


def asked_for(query: Query) -> Measure:
    """One query of a page of the UI."""

    def ask(world: World, _round: int) -> None:
        world.user.dagster.post("/graphql", json=query.body).raise_for_status()

    return ask


def sensor_tick(world: World, _round: int) -> None:
    """One evaluation of the sensor that delivers due work, in the code server."""
    ticked = world.user.graphql(DRY_RUN, selector=SENSOR)["sensorDryRun"]
    assert ticked["__typename"] == "DryRunInstigationTick", ticked
    assert not ticked["evaluationResult"]["error"], ticked


def staleness(world: World, _round: int) -> None:
    """Whether one page is stale, as the product asks Dagster."""
    assert world.user.stale("page", PAGE) == "FRESH"


def got(path: str) -> Measure:
    """An answer of the gateway."""

    def ask(world: World, _round: int) -> None:
        world.user.api.get(path).raise_for_status()

    return ask


def submit(world: World, round_number: int) -> None:
    """From a new page's request until its run works on it."""
    page = world.user.page(**product_page(10_000 + round_number))
    world.user.wait(page, until=lambda unit: unit["status"] != "queued")


def submit_five(world: World, round_number: int) -> None:
    """The same of five pages that share a run over a range of partitions."""
    requests = [product_page(20_000 + 5 * round_number + n) for n in range(5)]
    answer = world.user.api.post("/v1/pages/batches", json=requests)
    answer.raise_for_status()
    batch = answer.json()["links"]["self"]
    while True:
        found = world.user.api.get(batch).json()
        if found["processing"] + found["completed"]:
            return
        time.sleep(0.05)


OTHERS: dict[str, Measure] = {
    "Dagster: staleness of one page": staleness,
    "sensor tick": sensor_tick,
    "submit a page": submit,
    "submit five, as a range": submit_five,
    "Studio: one page": got(f"/v1/pages/{PAGE}"),
    "Studio: the list": got("/v1/queue/jobs?limit=50"),
}


def idle(world: World) -> None:
    """Wait until nothing is in work."""
    while True:
        queue = world.user.api.get("/v1/queue").json()
        if not queue["pending"] + queue["processing"]:
            return
        time.sleep(0.2)


def measured(
    worlds: Mapping[str, World], measures: Mapping[str, Measure], rounds: int
) -> dict[str, dict[str, float]]:
    """Medians in milliseconds of each measure in each world, taken in turns."""
    medians: dict[str, dict[str, float]] = {}
    for name, measure in measures.items():
        seconds: dict[str, list[float]] = {world: [] for world in worlds}
        for number in range(-1, rounds):  # one that does not count
            for world_name, world in worlds.items():
                began = time.perf_counter()
                measure(world, number + 1)
                if number >= 0:
                    seconds[world_name].append(time.perf_counter() - began)
                if measure in (submit, submit_five):
                    idle(world)
        medians[name] = {w: round(1000 * statistics.median(s), 1) for w, s in seconds.items()}
        say(f"  {name}: {medians[name]}")
    return medians


def by_page(
    queries: Mapping[str, Mapping[str, float]], asked: Mapping[str, Sequence[Query]]
) -> dict[str, dict[str, float]]:
    """What a page of the UI waits for in all: the sum over its queries."""
    return {
        f"Dagster: {page}": {
            world: round(sum(queries[f"{page}: {query.name}"][world] for query in found), 1)
            for world in ("few", "many")
        }
        for page, found in asked.items()
    }


def table(before: Mapping[str, Any], after: Mapping[str, Any], many: int) -> str:
    """A Markdown table; growth is taken within one sitting of turns."""
    lines = [
        f"| ms, median | {FEW} partitions | {many:,} | growth "
        f"| {many:,}, of which {FEW} are not retired | growth |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, first in before.items():
        second = after[name]
        growth, retired = (m["many"] / m["few"] for m in (first, second))
        lines.append(
            f"| {name} | {first['few']:.0f} | {first['many']:.0f} | {growth:.1f} | "
            f"{second['many']:.0f} | {retired:.1f} |"
        )
    return "\n".join(lines)


def say(words: str) -> None:
    """Progress, as it happens."""
    print(f"{time.strftime('%H:%M:%S')} {words}", flush=True)


def main() -> None:
    """Fill, measure, retire, measure again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="a folder whose stacks are used, and kept")
    parser.add_argument("--to", type=Path, default=Path(".pipeline/scale"))
    chosen = parser.parse_args()
    chosen.to.mkdir(parents=True, exist_ok=True)
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="pipeline-scale-"))
    worlds: dict[str, World] = {}
    try:
        for name, pages in {"few": FEW, "many": chosen.many}.items():
            say(f"{name}: a stack with {pages} pages")
            worlds[name] = World(folder / name)
            say(f"  filled in {worlds[name].fill(pages):.0f} s")
        address = worlds["many"].stack.settings["DAGSTER_URL"]
        asked = record(address, PAGES, chosen.to)
        queries = {
            f"{page}: {query.name}": asked_for(query)
            for page, found in asked.items()
            for query in found
        }
        sittings: list[dict[str, Any]] = []
        for sitting in ("all live", "retired"):
            if sitting == "retired":
                night = worlds["many"].retire_by_night(FEW, FEW + NIGHT - 1)
                say(
                    f"housekeeping retired {night[1]} pages in {night[0]:.1f} s; the others at once"
                )
                worlds["many"].retire_all(FEW - 1)
            say(f"measuring, {sitting}")
            single = measured(worlds, queries, chosen.rounds)
            others = measured(worlds, OTHERS, chosen.rounds)
            sittings.append({"all": by_page(single, asked) | others, "queries": single})
    finally:
        for world in () if chosen.keep else worlds.values():
            world.close()
    before, after = sittings
    found = {"all live": before, "retired": after, "night": night}
    (chosen.to / "scale.json").write_text(json.dumps(found, indent=1))
    text = table(before["all"], after["all"], chosen.many)
    (chosen.to / "scale.md").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
