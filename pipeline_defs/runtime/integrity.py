"""Compares what the database says was made with what the blob store holds."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline_defs import policies
from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.domain.graph import Node
from pipeline_defs.domain.stored_files import Files
from pipeline_defs.gateways.blobs import BlobRef, BlobStore
from pipeline_defs.runtime.inspection import put_wanting
from pipeline_defs.runtime.lines import Ask, Line
from pipeline_defs.storage.database import Database, Transaction

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


async def find_broken(blobs: BlobStore, files: Files, *, deep: bool) -> list[Broken]:
    """Results whose files are missing or, when looked at `deep`, changed."""
    slots = asyncio.Semaphore(policies.BLOB_CHECKS_AT_ONCE)

    async def look(node: Node, ref: BlobRef) -> Broken | None:
        async with slots:
            return await _fault(blobs, node, ref, deep=deep)

    found = await asyncio.gather(*[look(node, BlobRef(**file)) for node, file in files])
    by_node = {broken.node: broken for broken in found if broken is not None}
    return list(by_node.values())


async def check_due(
    database: Database, blobs: BlobStore, lines: Mapping[str, Line]
) -> dict[str, int]:
    """Look at the files of finished units whose turn it is, and note what is broken as wanting.

    How many results are broken of each unit of which any is.
    """
    due = await database.all(
        None,
        "wanting.to_check",
        kinds=[name for name, line in lines.items() if line.files is not None],
        hours=policies.FILES_CHECK_HOURS,
        most=policies.FILES_CHECK_LIMIT,
    )
    counts: dict[str, int] = {}
    for row in due:
        files = lines[row["kind"]].files
        if files is not None:
            broken = await _check(database, blobs, row["org_id"], row["id"], files)
            counts |= {row["id"]: broken} if broken else {}
    return counts


async def _check(
    database: Database, blobs: BlobStore, org_id: str, unit_id: str, files: Ask[Files]
) -> int:
    """How many results of a unit are broken, noted. It may have gone on meanwhile: whoever makes
    them again asks whether they still name the file."""
    wanted = await database.transact(org_id, lambda tx: files(tx, unit_id))
    broken = await find_broken(blobs, wanted, deep=True)
    rows = [
        {
            "asset": fault.node.asset,
            "partition": fault.node.partition,
            "standing": "corrupt",
            "error": fault.as_error(),
        }
        for fault in broken
    ]

    async def note(tx: Transaction) -> None:
        await put_wanting(tx, unit_id, rows)
        await tx.run("wanting.checked", unit_id=unit_id)

    await database.transact(org_id, note)
    return len(broken)


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
