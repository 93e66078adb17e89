"""Our staleness against Dagster's own, on random edits and re-makes of every line.

The graph says what is stale from our tables; Dagster says it from the tags of its events. Both are
asked after every step of a random history, for every asset of every partition.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dagster as dg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline_defs.runtime.dagster import history
from pipeline_defs_tests.staleness.histories import SPACES, History
from pipeline_defs_tests.staleness.lines import HISTORIES, PARTS, new

ALL_SPACES = sorted({space for spaces in SPACES.values() for space in spaces} | {"hypotheses"})
edits = st.tuples(
    st.just("edit"),
    st.integers(0, 4),  # which field, of as many as there are
    st.integers(1, PARTS),
    st.sampled_from(["one thing", "another thing", "a third thing"]),
)
makes = st.tuples(st.just("make"), st.integers(0, 20), st.integers(0, 1))
anew = st.tuples(st.just("anew"), st.integers(0, 20))


@pytest.fixture(scope="module")
def definitions() -> Any:
    from pipeline_defs.definitions import defs

    return defs().resolve_asset_graph()


@pytest.mark.parametrize("kind", HISTORIES, ids=lambda kind: kind.kind)
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.reuse, Phase.generate),  # shrinking takes minutes, and histories are short
)
@given(steps=st.lists(edits | makes | anew, max_size=10), finished=st.booleans())
def test_we_and_dagster_agree_on_what_is_stale_after_any_history(
    definitions: Any, kind: Callable[..., History], steps: list[tuple[Any, ...]], finished: bool
) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        history = new(kind, instance)
        if finished:
            history.complete()
        for step in steps:
            take(history, *step)
            assert history.differences(definitions) == []


@pytest.mark.parametrize("forgotten", [False, True])
@pytest.mark.parametrize("kind", HISTORIES, ids=lambda kind: kind.kind)
def test_a_unit_that_left_dagster_and_returned_is_as_stale_as_before(
    definitions: Any, kind: Callable[..., History], *, forgotten: bool
) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        left = new(kind, instance)
        left.complete()
        left.edit(left.fields[0], 1, "something else")
        stale = {node for node, standing in left.graph.standing.items() if standing == "stale"}
        assert stale
        assets = list(instance.all_asset_keys())
        before = {asset: instance.get_materialized_partitions(asset) for asset in assets}
        spaces = {space: instance.get_dynamic_partitions(space) for space in ALL_SPACES}
        keys = sorted({key for found in spaces.values() for key in found})
        for space, found in spaces.items():
            for key in found:
                instance.delete_dynamic_partition(space, key)
        if forgotten:
            assert history.wipe(instance, assets, keys)
            assert not any(instance.get_materialized_partitions(asset) for asset in assets)
            # An emptied log numbers its events from 1 here; the log of a stack never does.
            instance.report_runless_asset_event(dg.AssetMaterialization("of_another_unit"))
        for space, found in spaces.items():
            instance.add_dynamic_partitions(space, list(found))
        left.tell_again()
        assert left.differences(definitions) == []
        assert before == {asset: instance.get_materialized_partitions(asset) for asset in assets}


def take(history: Any, what: str, *how: Any) -> None:
    """One step of a history."""
    nodes = history.graph.graph.nodes
    if what == "edit":
        field, part, value = how
        history.edit(history.fields[field % len(history.fields)], part, value)
    elif what == "make":
        history.make(nodes[how[0] % len(nodes)], how[1])
    else:
        history.ask_anew(nodes[how[0] % len(nodes)])
