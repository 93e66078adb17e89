"""What is to be made of a unit: in stages, in words, and what it would cost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from pydantic import BaseModel, Field

from pipeline_defs.domain.graph import (
    Group,
    Node,
    Stage,
    Standing,
    UnitGraph,
    describe,
    in_words,
    plan,
)
from pipeline_defs.domain.keys import split_part
from pipeline_defs.runtime.integrity import Broken

NOTHING = (
    "Nothing is stale, missing, failed or broken. `fresh` makes it anew and pays for it again."
)
Prices = Mapping[Node, float | None]


class NodeShape(BaseModel):
    """One asset of one part; `part` is the part's number, null for the whole unit."""

    asset: str = Field(examples=["segment_image"])
    part: int | None = Field(examples=[3])
    partition: str = Field(examples=["lecture-20261123-k7m2qx9c/003"])


def node_shape(node: Node) -> NodeShape:
    """A node as it is named."""
    part = split_part(node.partition)[1] if "/" in node.partition else None
    return NodeShape(asset=node.asset, part=part, partition=node.partition)


class PlannedNode(NodeShape):
    """The same, with how it stands now and what making it would cost; null where nothing like it
    was ever made."""

    standing: Standing = Field(examples=["stale"])
    cost_usd: float | None = Field(examples=[0.05])


class GroupShape(BaseModel):
    """What is made side by side; `concurrency` is how many at once."""

    batch_key: str
    concurrency: int | None
    nodes: list[PlannedNode]


class PlanStage(BaseModel):
    """What is made before the next stage begins."""

    number: int
    description: str = Field(examples=["Stage 2: 10 images in batches of 5"])
    groups: list[GroupShape]


class BrokenShape(NodeShape):
    """A result whose file is missing or changed."""

    code: str = Field(examples=["BLOB_MISSING"])
    message: str


class PlanShape(BaseModel):
    """What is to be made; `advice` where that is nothing.

    `cost_usd` is what it would cost at most, by what the same things cost before: what turns out to
    be unchanged is not paid for. `unpriced` of them were never made before and are not in it.
    """

    total: int
    summary: str = Field(examples=["1 image, 1 start frame, 1 clip and the video"])
    cost_usd: float = Field(examples=[0.35])
    unpriced: int = Field(examples=[0])
    stages: list[PlanStage]
    broken: list[BrokenShape] = []
    advice: str | None = None


def plan_shape(
    unit: UnitGraph, todo: Collection[Node], prices: Prices, broken: Iterable[Broken] = ()
) -> PlanShape:
    """The plan of making `todo`, of which every node has its price."""
    known = [price for node in todo if (price := prices[node]) is not None]
    return PlanShape(
        total=len(todo),
        summary=in_words(unit.graph, todo),
        cost_usd=round(sum(known), 6),
        unpriced=len(todo) - len(known),
        stages=[_stage(unit, stage, prices) for stage in plan(unit.graph, todo)],
        broken=broken_shapes(broken),
        advice=None if todo else NOTHING,
    )


def broken_shapes(broken: Iterable[Broken]) -> list[BrokenShape]:
    """Broken results, in the order of parts."""
    found = [
        BrokenShape(
            **node_shape(result.node).model_dump(), code=result.code, message=result.message
        )
        for result in broken
    ]
    return sorted(found, key=lambda shape: (shape.partition, shape.asset))


def _stage(unit: UnitGraph, stage: Stage, prices: Prices) -> PlanStage:
    return PlanStage(
        number=stage.number,
        description=describe(stage),
        groups=[_group(unit, group, prices) for group in stage.groups],
    )


def _group(unit: UnitGraph, group: Group, prices: Prices) -> GroupShape:
    return GroupShape(
        batch_key=group.batch_key,
        concurrency=group.concurrency,
        nodes=[
            PlannedNode(
                **node_shape(node).model_dump(),
                standing=unit.standing[node],
                cost_usd=prices[node],
            )
            for node in group.nodes
        ],
    )
