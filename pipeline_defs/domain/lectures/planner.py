"""Graph first: what a lecture consists of, what a change reaches, in which order to make it.

Pure values, no state: the graph says what needs what, `affected` spreads a change to all that rests
on it, `plan` layers what is to be made into stages, whose groups may be made side by side.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pipeline_defs import policies
from pipeline_defs.domain.keys import part_key
from pipeline_defs.domain.lectures.models import SEGMENT_ASSETS, SEGMENT_WIDTH

# The capability whose limit bounds how many of an asset are made at once.
CAPABILITIES = {
    "lecture_script": "text",
    "segment_image": "image",
    "segment_narration": "speech",
    "segment_clip": "video",
    "lecture_music": "music",
}
NAMES = {
    "lecture_script": ("script", "scripts"),
    "segment_image": ("image", "images"),
    "segment_narration": ("narration", "narrations"),
    "segment_start_frame": ("start frame", "start frames"),
    "segment_clip": ("clip", "clips"),
    "lecture_music": ("music", "pieces of music"),
    "lecture_video": ("video", "videos"),
}


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """One asset of one partition: of the lecture itself or of a segment."""

    asset: str
    partition: str


@dataclass(frozen=True, slots=True)
class Graph:
    """What each node is made from; none is listed before its needs, so there are no cycles."""

    needs: Mapping[Node, frozenset[Node]]

    def __post_init__(self) -> None:
        seen: set[Node] = set()
        for node, needs in self.needs.items():
            if not needs <= seen:
                raise ValueError(f"{node.asset} of {node.partition} is listed before its needs")
            seen.add(node)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every node, in an order in which they could be made."""
        return tuple(self.needs)

    def known(self, nodes: Iterable[Node]) -> frozenset[Node]:
        """The same nodes as a set; ValueError names one that is not of this graph."""
        found = frozenset(nodes)
        for node in sorted(found):
            if node not in self.needs:
                raise ValueError(f"{node.asset} of {node.partition} is not part of this lecture")
        return found


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes of one kind that may be made side by side.

    `batch_key` is their asset; `concurrency` is how many at once, None for a single node.
    """

    batch_key: str
    nodes: tuple[Node, ...]
    concurrency: int | None


@dataclass(frozen=True, slots=True)
class Stage:
    """Groups that need nothing of each other; stages are made in order, numbered from one."""

    number: int
    groups: tuple[Group, ...]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes of its groups."""
        return tuple(node for group in self.groups for node in group.nodes)


def build(lecture_id: str, segments: int, *, music: bool) -> Graph:
    """The graph of a lecture of so many segments; without any while its script is not written."""
    script = Node("lecture_script", lecture_id)
    needs: dict[Node, frozenset[Node]] = {script: frozenset()}
    shown: set[Node] = {script}
    for order in range(1, segments + 1):
        key = part_key(lecture_id, order, SEGMENT_WIDTH)
        image, narration, frame, clip = (Node(asset, key) for asset in SEGMENT_ASSETS)
        needs |= {
            image: frozenset({script}),
            narration: frozenset({script}),
            frame: frozenset({image}),
            clip: frozenset({frame}),
        }
        shown |= {narration, clip}
    if music:
        track = Node("lecture_music", lecture_id)
        needs[track] = frozenset()
        shown.add(track)
    needs[Node("lecture_video", lecture_id)] = frozenset(shown)
    return Graph(needs)


def affected(graph: Graph, changed: Iterable[Node]) -> frozenset[Node]:
    """What is to be made again: the changed nodes and everything downstream of them."""
    dirty = set(graph.known(changed))
    for node in graph.nodes:
        if not dirty.isdisjoint(graph.needs[node]):
            dirty.add(node)
    return frozenset(dirty)


def plan(graph: Graph, todo: Iterable[Node]) -> tuple[Stage, ...]:
    """Stages in which to make `todo`: each node once, after everything of `todo` it rests on."""
    wanted = graph.known(todo)
    layer: dict[Node, int] = {}
    layers: dict[int, dict[str, list[Node]]] = {}
    for node in graph.nodes:
        layer[node] = max((layer[need] + (need in wanted) for need in graph.needs[node]), default=0)
        if node in wanted:
            layers.setdefault(layer[node], {}).setdefault(node.asset, []).append(node)
    return tuple(
        Stage(number + 1, tuple(_group(asset, nodes) for asset, nodes in layers[number].items()))
        for number in sorted(layers)
    )


def describe(stage: Stage) -> str:
    """A stage in words: `Stage 2: 10 images in batches of 5, 10 narrations in batches of 5`."""
    return f"Stage {stage.number}: {', '.join(_described(group) for group in stage.groups)}"


def remaining(stages: Iterable[Stage], done: Collection[Node]) -> int:
    """How many nodes of a plan are still to be made."""
    finished = frozenset(done)
    return sum(node not in finished for stage in stages for node in stage.nodes)


def _group(asset: str, nodes: list[Node]) -> Group:
    if len(nodes) == 1:
        return Group(asset, tuple(nodes), None)
    capability = CAPABILITIES.get(asset)
    limit = policies.CAPABILITY_LIMITS[capability] if capability else policies.SEGMENTS_AT_ONCE
    return Group(asset, tuple(sorted(nodes)), limit)


def _described(group: Group) -> str:
    count, limit = len(group.nodes), group.concurrency
    one, many = NAMES[group.batch_key]
    if limit is None:
        return f"1 {one}" if group.batch_key in SEGMENT_ASSETS else one
    return f"{count} {many} in batches of {limit}" if count > limit else f"{count} {many}"
