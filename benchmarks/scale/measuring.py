"""What is timed: the page's requests, a tick of the dispatcher's sensor, the submission of a run,
and what is stale of one lecture, as Dagster and as our own API say it.

Every number is the median of a few rounds in milliseconds; a first round, which warms Dagster's own
caches, is measured apart as `first`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.scale.recording import Requests
from benchmarks.scale.subject import Subject

STALENESS = """
query Stale($key: AssetKeyInput!, $partitions: [String!]!) {
  assetNodeOrError(assetKey: $key) {
    ... on AssetNode { staleStatusByPartition(partitions: $partitions) }
  }
}"""
TICK = """
mutation Tick($selector: SensorSelector!) {
  sensorDryRun(selectorData: $selector, cursor: null) {
    __typename
    ... on DryRunInstigationTick { evaluationResult { error { message } } }
  }
}"""
REPOSITORIES = "{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } } }"
SENSOR = "due_work"

Times = dict[str, dict[str, float]]  # "median" and "first", in milliseconds, by what was timed


def requests(subject: Subject, asset: str, partition: str, page: Requests) -> Requests:
    """Everything that is timed, by its name in the report."""
    stale = {"key": {"path": [asset]}, "partitions": [partition]}
    return {f"page: {name}": body for name, body in sorted(page.items())} | {
        "sensor tick": {"query": TICK, "variables": {"selector": _selector(subject)}},
        "staleness of one": {"query": STALENESS, "variables": stale},
    }


def measure(subject: Subject, wanted: Requests, template: str, rounds: int) -> Times:
    """Each in turn, a first time and then so many times more."""
    timed = {name: partial(_answered, subject, body) for name, body in wanted.items()} | {
        "submission of a run": partial(subject.submit, template),
        "lineage of one, ours": partial(subject.ours, f"/v1/lectures/{template}/lineage"),
        "plan of one, ours": partial(subject.ours, f"/v1/lectures/{template}/plan"),
    }
    times: Times = {}
    for name, ask in timed.items():
        first, *rest = [_milliseconds(ask) for _ in range(rounds + 1)]
        times[name] = {"first": first, "median": statistics.median(rest)}
    return times


def _selector(subject: Subject) -> dict[str, Any]:
    found = subject.graphql({"query": REPOSITORIES})["repositoriesOrError"]["nodes"]
    return {
        "repositoryName": found[0]["name"],
        "repositoryLocationName": "pipeline",
        "sensorName": SENSOR,
    }


def _milliseconds(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000


def _answered(subject: Subject, body: dict[str, Any]) -> None:
    data = subject.graphql(body)
    if "sensorDryRun" in data:  # fails as an answer, not as an error
        tick = data["sensorDryRun"]
        if tick["__typename"] != "DryRunInstigationTick" or tick["evaluationResult"]["error"]:
            raise RuntimeError(f"the tick failed: {tick}")
