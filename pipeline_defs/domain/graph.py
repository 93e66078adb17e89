"""Graph first: what a unit consists of, how each of it stands, what a change reaches, in which
order to make it.

Pure values, the same for every line: the graph says what needs what, `affected` spreads a change to
all that rests on it, `plan` layers what is to be made into stages, whose groups may be made side by
side.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from pipeline_defs.domain.keys import split_part
from pipeline_defs.domain.versions import AssetVersion

# How a node stands. stale: its code or what it is made from has changed, which Dagster calls stale
# too; missing: not made yet, or asked for anew; skipped: it cannot be made for want of another.
Standing = Literal["fresh", "stale", "missing", "failed", "skipped"]


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """One asset of one partition: of the unit itself or of a part of it."""

    asset: str
    partition: str


@dataclass(frozen=True, slots=True)
class AssetKind:
    """What an asset is called, and how many of it are made side by side.

    `whole`: of the unit itself, not of a part. `by_name_only`: made anew only where it is named,
    since that would discard what people changed, or call somebody again.
    """

    one: str
    many: str
    at_once: int
    whole: bool = False
    by_name_only: bool = False

    def counted(self, count: int) -> str:
        """`the video`, `1 image`, `3 images`."""
        return (
            f"the {self.one}" if self.whole else f"{count} {self.one if count == 1 else self.many}"
        )


@dataclass(frozen=True, slots=True)
class Graph:
    """What each node is made from; none is listed before its needs, so there are no cycles.

    `kinds`: of every asset, in the order in which they are named.
    """

    needs: Mapping[Node, frozenset[Node]]
    kinds: Mapping[str, AssetKind]

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
                raise ValueError(f"{node.asset} of {node.partition} is not part of this unit")
        return found


@dataclass(frozen=True, slots=True)
class Bridge:
    """A bridge of one partition: its version by what stands in our tables now."""

    node: Node
    version: str


@dataclass(frozen=True, slots=True)
class UnitGraph:
    """What a unit consists of, and how it stands with each of it.

    `standing` and `graph` cover the same nodes; `versions` also those of bridges, as they were last
    told to Dagster. `refused`: see the function; none of a unit that fails as a whole.
    """

    unit_id: str
    graph: Graph
    standing: Mapping[Node, Standing]
    bridges: tuple[Bridge, ...]
    versions: Mapping[tuple[str, str], AssetVersion]
    refused: frozenset[Node] = frozenset()

    def standing_as(self, wanted: Standing) -> frozenset[Node]:
        """The nodes that stand so."""
        return frozenset(node for node, standing in self.standing.items() if standing == wanted)

    @property
    def changed_bridges(self) -> tuple[Bridge, ...]:
        """Those that Dagster knows by another version."""
        return tuple(b for b in self.bridges if self._is_changed(b))

    def _is_changed(self, bridge: Bridge) -> bool:
        known = self.versions.get((bridge.node.asset, bridge.node.partition))
        return known is not None and known.data_version != bridge.version


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes of one kind that may be made side by side.

    `batch_key` is their asset; `concurrency` is how many at once, None for a single node.
    """

    batch_key: str
    kind: AssetKind
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


def standing_by(
    made: AssetVersion, code_version: str, sources: Mapping[str, str | None], inputs: str | None
) -> Standing:
    """How a result stands: see `AssetVersion.follows`. `inputs` is the hash of what it would be
    made from now, which another generation changes too; None where that is not known.
    """
    if not made.follows(code_version, sources):
        return "stale"
    return "fresh" if inputs in (None, made.input_hash) else "missing"


def affected(graph: Graph, changed: Iterable[Node]) -> frozenset[Node]:
    """What is to be made again: the changed nodes and everything downstream of them."""
    dirty = set(graph.known(changed))
    for node in graph.nodes:
        if not dirty.isdisjoint(graph.needs[node]):
            dirty.add(node)
    return frozenset(dirty)


def refused(
    graph: Graph, standing: Mapping[Node, Standing], for_good: Iterable[Node]
) -> frozenset[Node]:
    """What a person has to change something for: what failed `for_good`, for a reason that does not
    pass by itself, and what was skipped for want of it."""
    return frozenset(
        node for node in affected(graph, for_good) if standing[node] in ("failed", "skipped")
    )


def requested(
    unit: UnitGraph,
    *,
    parts: Collection[int] | None = None,
    assets: Collection[str] | None = None,
    fresh: bool = False,
) -> frozenset[Node]:
    """What a rebuild means: the named assets of the named parts, or everything; of these what is
    not fresh, unless they are asked for anew. What rests on it is not among them: see `affected`.
    """

    def is_meant(node: Node) -> bool:
        if assets is not None and node.asset not in assets:
            return False
        if parts is not None and _part_of(node) not in parts:
            return False
        if unit.graph.kinds[node.asset].by_name_only and assets is None:
            return unit.standing[node] != "stale" and unit.standing[node] != "fresh"
        return fresh or unit.standing[node] != "fresh"

    return frozenset(node for node in unit.graph.nodes if is_meant(node))


def _part_of(node: Node) -> int | None:
    return split_part(node.partition)[1] if "/" in node.partition else None


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
        Stage(
            number + 1,
            tuple(_group(graph.kinds[asset], nodes) for asset, nodes in layers[number].items()),
        )
        for number in sorted(layers)
    )


def describe(stage: Stage) -> str:
    """A stage in words: `Stage 2: 10 images in batches of 5, 10 narrations in batches of 5`."""
    return f"Stage {stage.number}: {', '.join(_described(group) for group in stage.groups)}"


def in_words(graph: Graph, todo: Collection[Node]) -> str:
    """`2 images, 2 start frames, 2 clips and the video`; empty for nothing."""
    counts = {asset: sum(node.asset == asset for node in todo) for asset in graph.kinds}
    parts = [graph.kinds[asset].counted(count) for asset, count in counts.items() if count]
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def remaining(stages: Iterable[Stage], done: Collection[Node]) -> int:
    """How many nodes of a plan are still to be made."""
    finished = frozenset(done)
    return sum(node not in finished for stage in stages for node in stage.nodes)


def _group(kind: AssetKind, nodes: list[Node]) -> Group:
    concurrency = kind.at_once if len(nodes) > 1 else None
    return Group(nodes[0].asset, kind, tuple(sorted(nodes)), concurrency)


def _described(group: Group) -> str:
    count, limit, kind = len(group.nodes), group.concurrency, group.kind
    if limit is None:
        return kind.one if kind.whole else f"1 {kind.one}"
    return f"{count} {kind.many} in batches of {limit}" if count > limit else f"{count} {kind.many}"
