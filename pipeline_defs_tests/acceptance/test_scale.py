"""`make scale` in small: all it measures is measured, before and after it fills and retires."""

from __future__ import annotations

from benchmarks.scale.__main__ import run, table
from benchmarks.scale.subject import Subject
from pipeline_defs_tests.browser.conftest import chromium  # noqa: F401 (a fixture)
from pipeline_defs_tests.journey import Journey
from pipeline_defs_tests.product import ProductStack

FEW, MANY = 1, 3
PARTITIONS_EACH = 3  # of a lecture of two segments
MEASURED = ("sensor tick", "staleness of one", "submission of a run", "lineage of one, ours")


def test_growth_is_measured_at_every_size(
    user: Journey,
    stack: ProductStack,
    chromium: str,  # noqa: F811
) -> None:
    with Subject(stack.state) as subject:
        before = subject.registered()
        times = run(subject, FEW, MANY, rounds=1)
        # the template itself, and the few that retention has kept
        assert subject.registered() == before + (1 + FEW) * PARTITIONS_EACH
    assert set(times) == {"few", "many", "retained"}
    for state in times.values():
        assert set(MEASURED) < set(state)
        assert any(name.startswith("page: ") for name in state)
        assert all(time["median"] > 0 for time in state.values())
    assert table(times, FEW, MANY).count("\n") == len(times["few"]) + 1
    user.providers.delete("/_control/latency").raise_for_status()
