"""Compares what the database says was made with what the blob store holds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from pipeline_defs import policies
from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.domain.graph import Node
from pipeline_defs.domain.lectures import recipe
from pipeline_defs.domain.lectures.models import Lecture
from pipeline_defs.gateways.blobs import BlobRef, BlobStore
from pipeline_defs.storage import lectures
from pipeline_defs.storage.database import Database

BROKEN = frozenset({"BLOB_MISSING", "BLOB_CORRUPT"})


@dataclass(frozen=True, slots=True)
class Broken:
    """A result whose file is not what it should be."""

    node: Node
    sha256: str
    code: str
    message: str

    def as_error(self) -> dict[str, object]:
        """As it is stored with the asset."""
        return {
            "code": self.code,
            "message": self.message,
            "sha256": self.sha256,
            "retryable": True,
            "advice": "It is made again by itself; rebuild to do so now.",
        }


async def find_broken(
    database: Database, blobs: BlobStore, org_id: str, lecture_id: str, *, deep: bool
) -> list[Broken]:
    """Results of a lecture whose files are missing or, when looked at `deep`, changed."""
    lecture = await database.transact(org_id, lambda tx: lectures.read(tx, lecture_id))
    if lecture is None:
        return []
    slots = asyncio.Semaphore(policies.BLOB_CHECKS_AT_ONCE)

    async def look(node: Node, ref: BlobRef) -> Broken | None:
        async with slots:
            return await _fault(blobs, node, ref, deep=deep)

    found = await asyncio.gather(*[look(node, ref) for node, ref in files_of(lecture)])
    by_node = {broken.node: broken for broken in found if broken is not None}
    return list(by_node.values())


def files_of(lecture: Lecture) -> list[tuple[Node, BlobRef]]:
    """Every file that the results of a lecture refer to."""
    return [
        (Node(asset, partition), BlobRef(**ref))
        for asset, partition in recipe.nodes(lecture)
        for ref in recipe.blobs_of(lecture.state(asset, partition).result)
    ]


async def _fault(blobs: BlobStore, node: Node, ref: BlobRef, *, deep: bool) -> Broken | None:
    try:
        if deep:
            async for _ in blobs.stream(ref, 0, ref.size):
                pass
            return None
        if await blobs.exists(ref):
            return None
    except PipelineError as error:
        if error.code not in BROKEN:
            raise
        return Broken(node, ref.sha256, error.code, error.message)
    return Broken(node, ref.sha256, "BLOB_MISSING", f"the file {ref.sha256[:12]} is not stored")
