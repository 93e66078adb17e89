"""Studio's staleness of a lecture against Dagster's own, on random edits and re-makes.

The recipe says what is stale from our tables; Dagster says it from the tags of its events. Both are
asked after every step of a random history, for every asset of every partition.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline_defs.defs.lectures.bridges import BRIDGES
from pipeline_defs.domain.lectures import recipe
from pipeline_defs.domain.lectures.models import AssetState, Lecture, Segment
from pipeline_defs.domain.versions import AssetVersion, version_of
from pipeline_defs.domain.voice import Voice
from pipeline_defs.runtime.dagster.internals import (
    CachingStaleStatusResolver,
    LoadingContextForTest,
    StaleStatus,
)
from pipeline_defs.runtime.reporting import Reporter, Version
from pipeline_defs.runtime.work import Made
from pipeline_defs.storage.models_in_use import models_in_use

LECTURE_ID = "lecture-20261125-k7m2qx9c"
SEGMENTS = 3
EDITS = ("text", "picture", "heading")


@pytest.fixture(scope="module")
def graph() -> Any:
    from pipeline_defs.definitions import defs

    return defs().resolve_asset_graph()


@dataclass
class World:
    """A lecture as our tables have it, and the same history told to a Dagster instance."""

    lecture: Lecture
    instance: dg.DagsterInstance

    def __post_init__(self) -> None:
        context: Any = SimpleNamespace(instance=self.instance)
        self._reporter = Reporter(context, BRIDGES, "http://studio.test")
        self.instance.add_dynamic_partitions("lectures", [LECTURE_ID])
        self.instance.add_dynamic_partitions("segments", [s.key for s in self.lecture.segments])
        self._report_bridges()

    def edit(self, order: int, field: str, value: str) -> None:
        """A user's edit, with what the gateway reports after it."""
        segments = list(self.lecture.segments)
        segments[order - 1] = replace(segments[order - 1], **{field: value})
        self.lecture = replace(self.lecture, segments=tuple(segments))
        self._report_bridges()

    def make(self, asset: str, partition: str, noise: int) -> None:
        """Make an asset from what there is, as a run does; `noise`: another answer each time."""
        inputs = recipe.inputs_of(self.lecture, asset, partition)
        if inputs is None:
            return
        used = {n: recipe.input_version(self.lecture, n, partition) for n in recipe.NEEDS[asset]}
        made = Made(
            asset,
            partition,
            data_version=version_of(inputs, noise),
            code_version=recipe.code_version(self.lecture, asset),
            input_hash=inputs,
            inputs={name: version for name, version in used.items() if version},
        )
        self._tell(made)
        self._remember(asset, partition, made)
        self._report_bridges()

    def differences(self, graph: Any) -> list[str]:
        """Where the two disagree."""
        resolver = CachingStaleStatusResolver(
            self.instance, graph, LoadingContextForTest(self.instance)
        )
        found = []
        for asset, partition in recipe.nodes(self.lecture):
            if self.lecture.version(asset, partition) is None:
                continue
            theirs = resolver.get_status(dg.AssetKey(asset), partition) == StaleStatus.STALE
            ours = recipe.is_stale(self.lecture, asset, partition)
            if ours != theirs:
                found.append(f"{asset} of {partition}: ours {ours}, Dagster's {theirs}")
        return found

    def _report_bridges(self) -> None:
        wanted = [(recipe.LECTURE_MEDIA, LECTURE_ID, recipe.media_version(self.lecture))]
        for segment in self.lecture.segments:
            text = recipe.script_version(self.lecture, segment)
            prompt = recipe.prompt_version(self.lecture, segment)
            wanted.append((recipe.SEGMENT_SCRIPT, segment.key, text))
            wanted.append((recipe.SEGMENT_PROMPT, segment.key, prompt))
        for asset, partition, version in wanted:
            known = self.lecture.version(asset, partition)
            if known is None or known.data_version != version:
                made = Made(asset, partition, version, "", "")
                self._tell(made)
                self._remember(asset, partition, made)

    def _tell(self, made: Made) -> None:
        work: Any = None  # only needed to note that Dagster was told
        for events in self._reporter.events([Version(work, made, reused=False)]):
            for event in events:
                self.instance.report_runless_asset_event(event)

    def _remember(self, asset: str, partition: str, made: Made) -> None:
        version = AssetVersion(
            made.data_version, made.code_version, made.input_hash, dict(made.inputs)
        )
        self.lecture.versions[asset, partition] = version
        state = AssetState("ready", {})
        if partition == LECTURE_ID:
            self.lecture.assets[asset] = state
        elif asset in recipe.SEGMENT_ASSETS:
            self.lecture.segment(partition).assets[asset] = state


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def new_world(instance: dg.DagsterInstance) -> World:
    segments = tuple(
        Segment(LECTURE_ID, n, f"Heading {n}", f"Sentence {n}.", f"A diagram of {n}", assets={})
        for n in range(1, SEGMENTS + 1)
    )
    lecture = Lecture(
        id=LECTURE_ID,
        status="completed",
        topic="Tides",
        seconds=SEGMENTS * 10,
        language="en",
        voice="warm",
        style=Voice(),
        music_tracks=1,
        images_per_segment=1,
        title="Tides",
        segments=segments,
        assets={},
        versions={},
        generations={},
        models=models_in_use(),
    )
    return World(lecture, instance)


def complete(world: World) -> World:
    for asset, partition in recipe.nodes(world.lecture):
        world.make(asset, partition, 0)
    return world


edits = st.tuples(
    st.just("edit"),
    st.integers(1, SEGMENTS),
    st.sampled_from(EDITS),
    st.sampled_from(["one thing", "another thing", "a third thing"]),
)
makes = st.tuples(st.just("make"), st.integers(0, 4 * SEGMENTS + 2), st.integers(0, 1))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(edits | makes, max_size=12), finished=st.booleans())
def test_we_and_dagster_agree_on_what_is_stale_after_any_history(
    graph: Any, steps: list[tuple[Any, ...]], finished: bool
) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        world = new_world(instance)
        if finished:
            complete(world)
        for step in steps:
            if step[0] == "edit":
                world.edit(*step[1:])
            else:
                nodes = list(recipe.nodes(world.lecture))
                world.make(*nodes[step[1] % len(nodes)], step[2])
            assert world.differences(graph) == []


@pytest.mark.parametrize(
    ("field", "stale"),
    [
        ("text", {"segment_image", "segment_narration"}),
        ("picture", {"segment_image"}),
        ("heading", {"segment_image", "lecture_video"}),
    ],
)
def test_an_edit_turns_exactly_what_rests_on_it_stale(
    graph: Any, instance: dg.DagsterInstance, field: str, stale: set[str]
) -> None:
    world = complete(new_world(instance))
    second = world.lecture.segments[1].key
    world.edit(2, field, "something else")
    found = {n for n in recipe.nodes(world.lecture) if recipe.is_stale(world.lecture, *n)}
    assert found == {(asset, LECTURE_ID if asset == "lecture_video" else second) for asset in stale}
    assert world.differences(graph) == []
