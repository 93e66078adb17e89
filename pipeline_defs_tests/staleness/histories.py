"""A unit as our tables have it, and the same history told to a Dagster instance."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import dagster as dg

from pipeline_defs.domain.graph import Node, UnitGraph
from pipeline_defs.domain.versions import AssetVersion
from pipeline_defs.runtime.dagster.internals import (
    CachingStaleStatusResolver,
    LoadingContextForTest,
    StaleStatus,
)
from pipeline_defs.runtime.reporting import Reporter, Untold
from pipeline_defs.runtime.work import Made
from pipeline_defs_tests.staleness.rules import RULES, bridge_of, made_of

SPACES = {
    "articles": ("articles", "sections"),
    "lectures": ("lectures", "segments"),
    "pages": ("pages", "pages"),
    "campaigns": ("campaigns", "calls"),
}


def tell(instance: dg.DagsterInstance, bridges: frozenset[str], versions: Iterable[Made]) -> None:
    """Tell Dagster of these as a run does, by the runtime's own reporter."""
    context: Any = SimpleNamespace(instance=instance)
    told = [Untold(made) for made in versions]
    for events in Reporter(context, bridges, "http://studio.example").events(told):
        for event in events:
            instance.report_runless_asset_event(event)


class History:
    """Of a unit of any line, held in memory; what a line keeps beside versions, its subclass
    does."""

    kind: str

    def __init__(self, unit: Any, instance: dg.DagsterInstance) -> None:
        self.unit = unit
        self.rules = RULES[self.kind]
        self._instance = instance
        partitions = {node.partition for node in self.graph.graph.nodes}
        for space in (*SPACES[self.kind], "hypotheses"):
            instance.add_dynamic_partitions(space, sorted(partitions))
        self._report_bridges()

    @property
    def graph(self) -> UnitGraph:
        """The unit's graph, as it stands."""
        return self.rules.standing_of(self.unit)

    def edit(self, field: str, part: int, value: str) -> None:
        """A change from outside of any run, and what is reported after it."""
        self.change(field, part, value)
        self._report_bridges()

    def make(self, node: Node, answer: int) -> None:
        """Make an asset from what there is, as a run does, if there is all it needs."""
        made = made_of(self.rules, self.unit, node, answer)
        if made is not None:
            self._keep(made)
            self.finish(made)
            self._report_bridges()

    def complete(self) -> None:
        """Make everything."""
        for node in self.graph.graph.nodes:
            self.make(node, 0)

    def ask_anew(self, node: Node) -> None:
        """It is to be made again though nothing has changed."""
        key = (node.asset, node.partition)
        self.unit.generations[key] = self.unit.generations.get(key, 0) + 1

    def tell_again(self) -> None:
        """What the first run of a unit does that had left Dagster."""
        for (asset, partition), known in self.unit.versions.items():
            versions = (known.data_version, known.code_version, known.input_hash)
            inputs = known.input_versions
            tell(
                self._instance,
                self.rules.bridges,
                [Made(asset, partition, *versions, inputs=inputs)],
            )

    def differences(self, definitions: Any) -> list[str]:
        """Where Dagster's staleness is another than ours."""
        resolver = CachingStaleStatusResolver(
            self._instance, definitions, LoadingContextForTest(self._instance)
        )
        found: list[str] = []
        for node, ours in self.graph.standing.items():
            key = dg.AssetKey(node.asset)
            if ours in ("fresh", "stale"):
                theirs = resolver.get_status(key, node.partition)
                if (ours == "stale") != (theirs == StaleStatus.STALE):
                    found.append(f"{node.asset} of {node.partition}: {ours}, Dagster: {theirs}")
        return found

    def change(self, field: str, part: int, value: str) -> None:
        """Change what the unit is made from."""
        raise NotImplementedError

    def finish(self, made: Made) -> None:
        """What a run stores beside the version."""
        raise NotImplementedError

    def _keep(self, made: Made) -> None:
        tell(self._instance, self.rules.bridges, [made])
        self.unit.versions[made.asset, made.partition] = AssetVersion(
            made.data_version, made.code_version, made.input_hash, dict(made.inputs)
        )

    def _report_bridges(self) -> None:
        graph = self.graph
        for bridge in graph.bridges:
            node = bridge.node
            known = graph.versions.get((node.asset, node.partition))
            if known is None or known.data_version != bridge.version:
                self._keep(bridge_of(node.asset, node.partition, bridge.version))
