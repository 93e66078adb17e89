"""kill -9 of anything during an article ends in a finished article with no step paid twice."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from pipeline_defs_tests.chaos.conftest import started
from pipeline_defs_tests.journey import Journey, paid_twice
from pipeline_defs_tests.product import ProductStack

POINTS = [
    f"{step}.{point}"
    for step in ("search", "write")
    for point in ("before_call", "after_call", "before_commit", "after_commit")
]
SLOW = {"match": {}, "action": {"delay": 0.7}}


def nothing_is_paid_twice(user: Journey) -> None:
    """Each billed call under a key of its own, and each of them a finished step of the ledger."""
    calls = user.calls()
    assert paid_twice(calls) == []
    billed = [c for c in calls if c["billed"] and c["capability"] in ("research", "text")]
    assert len(billed) == user.ledger_entries()


def article_survives(product: ProductStack, victim: str, number: int = signal.SIGKILL) -> None:
    """Kill a process in the middle of an article and see it finished, nothing paid twice."""
    with Journey(product) as user:
        user.faults(SLOW)
        article_id = user.create("Honey Bees", 3, publish="draft")
        user.wait(article_id, 60, until=lambda a: _some_section_is(a, "writing", "completed"))
        product.signal(victim, number)
        user.unit(article_id)
        user.faults()
        user.finished(article_id, seconds=150)
        nothing_is_paid_twice(user)


def _some_section_is(article: dict, *states: str) -> bool:
    return any(section["status"] in states for section in article["sections"])


def test_an_article_survives_kill_9_of_its_whole_worker(product: ProductStack) -> None:
    article_survives(product, "worker")


@pytest.mark.slow
def test_an_article_survives_kill_9_of_postgres(product: ProductStack) -> None:
    article_survives(product, "postgres")


@pytest.mark.slow
@pytest.mark.parametrize(
    "victim", ["valkey", "gateway", "dagster-daemon", "code-server", "dagster-webserver"]
)
def test_an_article_survives_kill_9_of_any_other_process(
    product: ProductStack, victim: str
) -> None:
    article_survives(product, victim)


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["research", "text"])
def test_an_article_survives_kill_9_of_the_worker_during_a_provider_call(
    product: ProductStack, stage: str
) -> None:
    with Journey(product) as user:
        user.faults({"match": {"capability": stage}, "action": {"delay": 4.0}, "times": 3})
        article_id = user.create("Graph Theory", 2)
        working = {"research": "researching", "text": "writing"}[stage]
        user.wait(article_id, 60, until=lambda a: _some_section_is(a, working))
        time.sleep(1.0)
        product.signal("worker", signal.SIGKILL)
        user.finished(article_id, seconds=150)
        nothing_is_paid_twice(user)


def crashes_at(folder: Path, points: list[str]) -> None:
    """An article whose worker process dies once at each of the points."""
    markers = folder / "markers"
    markers.mkdir()
    product = started(folder, CRASH_AT=",".join(points), CRASH_MARKER_DIR=str(markers))
    try:
        with Journey(product) as user:
            article_id = user.create("Cryptography", 2)
            user.finished(article_id, seconds=60 + 45 * len(points))
            assert {marker.name for marker in markers.iterdir()} == set(points)
            nothing_is_paid_twice(user)
    finally:
        product.remove()


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_an_article_survives_a_crash_at_every_point(tmp_path: Path, point: str) -> None:
    crashes_at(tmp_path, [point])
