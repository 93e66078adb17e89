"""The graph, what a change reaches, and the stages, against plain reachability."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs import policies
from pipeline_defs.domain.graph import (
    Graph,
    Node,
    Stage,
    affected,
    describe,
    in_words,
    plan,
    remaining,
)
from pipeline_defs.domain.lectures.graph import KINDS, build
from pipeline_defs.domain.lectures.models import MAX_SEGMENTS, SEGMENT_ASSETS

ID = "lecture-20261123-k7m2qx9c"
SCRIPT, MUSIC, VIDEO = (Node(f"lecture_{name}", ID) for name in ("script", "music", "video"))
GRAPHS = st.builds(build, st.just(ID), st.integers(0, 12), music=st.booleans())


def of(segment: int, asset: str) -> Node:
    return Node(f"segment_{asset}", f"{ID}/{segment:03d}")


@st.composite
def random_graphs(draw: st.DrawFn) -> Graph:
    """Any graph without cycles, not only those of lectures."""
    nodes = [Node(draw(st.sampled_from(sorted(KINDS))), str(n)) for n in range(draw(SIZES))]
    needs: dict[Node, frozenset[Node]] = {}
    for number, node in enumerate(nodes):
        earlier = st.sampled_from(nodes[:number]) if number else st.nothing()
        needs[node] = frozenset(draw(st.sets(earlier, max_size=3))) if number else frozenset()
    return Graph(needs, KINDS)


SIZES = st.integers(1, 14)


@st.composite
def graphs_and_nodes(draw: st.DrawFn) -> tuple[Graph, frozenset[Node]]:
    graph = draw(GRAPHS | random_graphs())
    return graph, frozenset(draw(st.sets(st.sampled_from(graph.nodes))))


def reached(graph: Graph, start: frozenset[Node]) -> frozenset[Node]:
    """All that rests on `start`, found by walking back from every node."""

    def rests(node: Node) -> bool:
        return node in start or any(rests(need) for need in graph.needs[node])

    return frozenset(node for node in graph.nodes if rests(node))


def stage_of(stages: tuple[Stage, ...]) -> dict[Node, int]:
    return {node: stage.number for stage in stages for node in stage.nodes}


def test_a_lecture_of_one_segment_is_made_in_five_stages() -> None:
    graph = build(ID, 1, music=True)
    stages = plan(graph, graph.nodes)
    assert [describe(stage) for stage in stages] == [
        "Stage 1: script, music",
        "Stage 2: 1 image, 1 narration",
        "Stage 3: 1 start frame",
        "Stage 4: 1 clip",
        "Stage 5: video",
    ]
    assert {group.concurrency for stage in stages for group in stage.groups} == {None}


def test_the_longest_lecture_is_planned_in_batches() -> None:
    graph = build(ID, MAX_SEGMENTS, music=False)
    assert len(graph.nodes) == 2 + 4 * MAX_SEGMENTS
    stages = plan(graph, graph.nodes)
    limit = policies.CAPABILITY_LIMITS["image"]
    assert [describe(stage) for stage in stages] == [
        "Stage 1: script",
        f"Stage 2: {MAX_SEGMENTS} images in batches of {limit}, "
        f"{MAX_SEGMENTS} narrations in batches of {policies.CAPABILITY_LIMITS['speech']}",
        f"Stage 3: {MAX_SEGMENTS} start frames in batches of {policies.SEGMENTS_AT_ONCE}",
        f"Stage 4: {MAX_SEGMENTS} clips in batches of {policies.CAPABILITY_LIMITS['video']}",
        "Stage 5: video",
    ]


def test_batches_are_named_only_where_there_are_several() -> None:
    nodes = [of(n, "image") for n in range(1, 11)]
    graph = build(ID, 10, music=False)
    assert describe(plan(graph, nodes)[0]) == "Stage 1: 10 images in batches of 5"
    assert describe(plan(graph, nodes[:5])[0]) == "Stage 1: 5 images"


def test_a_group_hints_at_the_limit_of_its_capability() -> None:
    graph = build(ID, 3, music=True)
    groups = {g.batch_key: g for stage in plan(graph, graph.nodes) for g in stage.groups}
    assert groups["segment_clip"].concurrency == policies.CAPABILITY_LIMITS["video"]
    assert groups["segment_start_frame"].concurrency == policies.SEGMENTS_AT_ONCE
    assert groups["lecture_video"].concurrency is None
    assert groups["segment_clip"].nodes == tuple(of(n, "clip") for n in (1, 2, 3))
    assert set(groups) == set(KINDS)


def test_the_video_needs_every_narration_and_clip_and_the_music() -> None:
    needs = build(ID, 2, music=True).needs[VIDEO]
    assert needs - {SCRIPT} == {
        MUSIC, of(1, "narration"), of(1, "clip"), of(2, "narration"), of(2, "clip"),
    }  # fmt: skip
    assert MUSIC not in build(ID, 2, music=False).nodes


def test_a_new_picture_reaches_its_own_segment_and_the_video_alone() -> None:
    graph = build(ID, 3, music=True)
    assert affected(graph, {of(2, "image")}) == {
        of(2, "image"), of(2, "start_frame"), of(2, "clip"), VIDEO,
    }  # fmt: skip
    assert affected(graph, {of(2, "narration")}) == {of(2, "narration"), VIDEO}
    assert affected(graph, {MUSIC}) == {MUSIC, VIDEO}


def test_a_new_script_reaches_everything_but_the_music() -> None:
    graph = build(ID, 3, music=True)
    assert affected(graph, {SCRIPT}) == set(graph.nodes) - {MUSIC}
    unwritten = build(ID, 0, music=True)
    assert affected(unwritten, {SCRIPT}) == {SCRIPT, VIDEO}


def test_what_is_clean_between_two_nodes_does_not_bring_them_into_one_stage() -> None:
    graph = build(ID, 1, music=False)
    stages = plan(graph, {of(1, "image"), of(1, "clip")})
    assert [stage.nodes for stage in stages] == [(of(1, "image"),), (of(1, "clip"),)]


def test_nothing_to_do_is_no_stage() -> None:
    graph = build(ID, 2, music=True)
    assert plan(graph, ()) == ()
    assert affected(graph, ()) == frozenset()
    assert remaining((), ()) == 0


@pytest.mark.parametrize("use", [affected, plan])
def test_a_node_of_another_lecture_is_refused_by_name(use: Any) -> None:
    with pytest.raises(ValueError, match=r"segment_clip of .*/003 is not part of this unit"):
        use(build(ID, 2, music=True), {of(3, "clip")})


def test_a_graph_lists_nothing_before_its_needs() -> None:
    with pytest.raises(ValueError, match="listed before its needs"):
        Graph({VIDEO: frozenset({SCRIPT}), SCRIPT: frozenset()}, KINDS)
    with pytest.raises(ValueError, match="listed before its needs"):
        Graph({VIDEO: frozenset({VIDEO})}, KINDS)


@given(graphs_and_nodes())
def test_affected_is_exactly_what_can_be_reached(case: tuple[Graph, frozenset[Node]]) -> None:
    graph, changed = case
    dirty = affected(graph, changed)
    assert dirty == reached(graph, changed)
    assert affected(graph, dirty) == dirty


@given(graphs_and_nodes(), st.data())
def test_more_changes_never_reach_less(
    case: tuple[Graph, frozenset[Node]], data: st.DataObject
) -> None:
    graph, changed = case
    fewer = data.draw(st.sets(st.sampled_from(sorted(changed)))) if changed else set[Node]()
    assert affected(graph, fewer) <= affected(graph, changed)


@given(graphs_and_nodes())
def test_a_plan_makes_every_node_once_and_never_before_its_needs(
    case: tuple[Graph, frozenset[Node]],
) -> None:
    graph, todo = case
    stages = plan(graph, todo)
    planned = [node for stage in stages for node in stage.nodes]
    assert sorted(planned) == sorted(todo)
    assert [stage.number for stage in stages] == list(range(1, len(stages) + 1))
    number = stage_of(stages)
    for node in todo:
        below = reached(graph, frozenset({node})) & todo
        assert all(number[later] > number[node] for later in below - {node})


@given(graphs_and_nodes())
def test_no_node_waits_longer_than_it_must(case: tuple[Graph, frozenset[Node]]) -> None:
    graph, todo = case
    number = stage_of(plan(graph, todo))
    for node, stage in number.items():
        above = [n for n in todo if n != node and node in reached(graph, frozenset({n}))]
        assert stage == 1 + max((number[n] for n in above), default=0)


@given(graphs_and_nodes())
def test_groups_are_of_one_kind_and_plans_are_the_same_again(
    case: tuple[Graph, frozenset[Node]],
) -> None:
    graph, changed = case
    todo = affected(graph, changed)
    stages = plan(graph, todo)
    assert plan(graph, [*todo, *sorted(todo)]) == stages
    for stage in stages:
        keys = [group.batch_key for group in stage.groups]
        assert len(keys) == len(set(keys))
        for group in stage.groups:
            assert {node.asset for node in group.nodes} == {group.batch_key}
            assert (group.concurrency is None) == (len(group.nodes) == 1)


@given(graphs_and_nodes(), st.data())
def test_what_remains_shrinks_to_nothing(
    case: tuple[Graph, frozenset[Node]], data: st.DataObject
) -> None:
    graph, todo = case
    stages = plan(graph, todo)
    done = data.draw(st.sets(st.sampled_from(graph.nodes)))
    assert remaining(stages, done) == len(todo - done)
    assert remaining(stages, todo) == 0


def test_what_is_made_is_said_in_words() -> None:
    graph = build(ID, 3, music=True)
    assert in_words(graph, ()) == ""
    assert in_words(graph, {VIDEO}) == "the video"
    assert in_words(graph, affected(graph, {of(2, "image")})) == (
        "1 image, 1 start frame, 1 clip and the video"
    )
    assert in_words(graph, graph.nodes).startswith("the script, 3 images, 3 narrations")
    assert not any(KINDS[asset].whole for asset in SEGMENT_ASSETS)
