"""What is to be made of a lecture, in stages and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, Field

from pipeline_defs.domain.keys import split_part
from pipeline_defs.domain.lectures import planner
from pipeline_defs.domain.lectures.models import LECTURE_ASSETS, Lecture
from pipeline_defs.domain.lectures.planner import Node
from pipeline_defs.runtime.integrity import Broken
from pipeline_defs.storage.lecture_changes import graph_of

NOTHING = (
    "Nothing is stale, missing, failed or broken. `fresh` makes it anew and pays for it again."
)


class NodeShape(BaseModel):
    """One asset of one part; `part` is the segment's number, null for the whole lecture."""

    asset: str = Field(examples=["segment_image"])
    part: int | None = Field(examples=[3])
    partition: str = Field(examples=["lecture-20261123-k7m2qx9c/003"])


class GroupShape(BaseModel):
    """What is made side by side; `concurrency` is how many at once."""

    batch_key: str
    concurrency: int | None
    nodes: list[NodeShape]


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
    """What is to be made; `advice` where that is nothing."""

    total: int
    summary: str = Field(examples=["1 image, 1 start frame, 1 clip and the video"])
    stages: list[PlanStage]
    broken: list[BrokenShape] = []
    advice: str | None = None


def plan_shape(lecture: Lecture, todo: Sequence[Node], broken: Iterable[Broken] = ()) -> PlanShape:
    """The plan of making `todo`."""
    return PlanShape(
        total=len(todo),
        summary=in_words(todo),
        stages=[_stage(stage) for stage in planner.plan(graph_of(lecture), todo)],
        broken=broken_shapes(broken),
        advice=None if todo else NOTHING,
    )


def in_words(todo: Iterable[Node]) -> str:
    """`2 images, 2 start frames, 2 clips and the video`; empty for nothing."""
    counts = Counter(node.asset for node in todo)
    parts = [_counted(asset, counts[asset]) for asset in planner.NAMES if counts[asset]]
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def broken_shapes(broken: Iterable[Broken]) -> list[BrokenShape]:
    """Broken results, in the order of segments."""
    found = [
        BrokenShape(**_node(result.node).model_dump(), code=result.code, message=result.message)
        for result in broken
    ]
    return sorted(found, key=lambda shape: (shape.partition, shape.asset))


def _stage(stage: planner.Stage) -> PlanStage:
    return PlanStage(
        number=stage.number,
        description=planner.describe(stage),
        groups=[
            GroupShape(
                batch_key=group.batch_key,
                concurrency=group.concurrency,
                nodes=[_node(node) for node in group.nodes],
            )
            for group in stage.groups
        ],
    )


def _node(node: Node) -> NodeShape:
    part = split_part(node.partition)[1] if "/" in node.partition else None
    return NodeShape(asset=node.asset, part=part, partition=node.partition)


def _counted(asset: str, count: int) -> str:
    one, many = planner.NAMES[asset]
    return f"the {one}" if asset in LECTURE_ASSETS else f"{count} {one if count == 1 else many}"
