"""Where everything of a unit came from, as the API tells it and as an OpenLineage event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from pipeline_defs.domain.graph import Node, Standing, UnitGraph
from pipeline_defs.domain.units import Unit
from pipeline_defs.web.links import Links
from pipeline_defs.web.plan_shape import NodeShape, node_shape


class Source(BaseModel):
    """Something a result was made from, in the version that was used."""

    asset: str = Field(examples=["segment_prompt"])
    version: str
    is_current: bool = Field(description="Whether that is still its version.")


class LineageNode(NodeShape):
    """A result or a bridge; `standing` is null for bridges, which are told, not made."""

    standing: Standing | None = Field(examples=["fresh"])
    version: str | None
    code_version: str | None
    made_from: list[Source]
    rests_on: dict[str, list[str]] = Field(
        description="Results it rests on, of any part, also those a bridge tells it of: partitions "
        "by asset.",
        examples=[{"segment_start_frame": ["lecture-20261123-k7m2qx9c/003"]}],
    )
    cost_usd: float
    made_at: datetime | None
    run_id: str | None
    link: str | None = Field(description="In the Dagster UI.")


class LineageShape(BaseModel):
    """All of a unit, sources before what is made from them."""

    id: str
    kind: str
    title: str
    nodes: list[LineageNode]


def lineage_shape(
    unit: Unit, graph: UnitGraph, rows: Sequence[Mapping[str, Any]], links: Links
) -> LineageShape:
    """The unit's lineage; `rows` are its versions."""
    made = {Node(row["asset"], row["partition"]): row for row in rows}
    versions = {node: row["data_version"] for node, row in made.items()}
    versions |= {bridge.node: bridge.version for bridge in graph.bridges}
    ordered = _ordered(graph, made)
    return LineageShape(
        id=unit.id,
        kind=unit.kind,
        title=unit.title,
        nodes=[_node(graph, node, made.get(node), versions, links) for node in ordered],
    )


def _ordered(graph: UnitGraph, made: Mapping[Node, Mapping[str, Any]]) -> list[Node]:
    """Bridges stand before the first that is made from them."""
    bridges = [node for node in made if node not in graph.standing]
    users: dict[Node, list[Node]] = {}
    for node in graph.graph.nodes:
        for bridge in bridges:
            uses = made.get(node, {}).get("input_versions", {})
            if bridge.asset in uses and bridge.partition == node.partition:
                users.setdefault(node, []).append(bridge)
    ordered: list[Node] = []
    for node in graph.graph.nodes:
        ordered += [bridge for bridge in users.get(node, ()) if bridge not in ordered]
        ordered.append(node)
    return [*(bridge for bridge in bridges if bridge not in ordered), *ordered]


def _node(
    graph: UnitGraph,
    node: Node,
    row: Mapping[str, Any] | None,
    versions: Mapping[Node, str],
    links: Links,
) -> LineageNode:
    sources = (row["input_versions"] if row else {}).items()
    return LineageNode(
        **node_shape(node).model_dump(),
        standing=graph.standing.get(node),
        version=row["data_version"] if row else None,
        code_version=(row["code_version"] or None) if row else None,
        made_from=[
            Source(
                asset=asset,
                version=used,
                is_current=versions.get(Node(asset, node.partition)) == used,
            )
            for asset, used in sources
        ],
        rests_on=_rests_on(graph, node),
        cost_usd=float(row["cost_usd"]) if row else 0.0,
        made_at=row["made_at"] if row else None,
        run_id=row["run_id"] if row else None,
        link=links.of_asset(node.asset, node.partition) if row else None,
    )


def _rests_on(graph: UnitGraph, node: Node) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for need in sorted(graph.graph.needs.get(node, ())):
        found.setdefault(need.asset, []).append(need.partition)
    return found
