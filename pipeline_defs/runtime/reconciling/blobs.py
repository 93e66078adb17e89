"""Files in the blob store that nothing refers to: of workers that died before they could commit, of
answers that were refused, of units that were deleted.

A file is written before the row that names it, so it is left alone for a day, counted from when it
was put last. Names are compared with the database a page at a time; a store of any size takes the
memory of one page. Where most of a page is unknown here, the store is taken for somebody else's, or
the database for an old one, and nothing is removed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline_defs import policies
from pipeline_defs.domain.reconciliation import Finding
from pipeline_defs.gateways.blobs import BlobStore, StoredFile
from pipeline_defs.storage.database import Database


@dataclass(slots=True)
class Sweep:
    """What a sweep has seen so far. `after`: the path at which the next one goes on."""

    after: str
    before: float  # files written since are left alone: seconds since the epoch
    orphaned: list[int] = field(default_factory=lambda: [0, 0, 0])  # found, removed, bytes
    unfinished: list[int] = field(default_factory=lambda: [0, 0, 0])
    foreign: int = 0

    @property
    def removed(self) -> int:
        """Files removed so far."""
        return self.orphaned[1] + self.unfinished[1]

    def findings(self) -> list[Finding]:
        """For the report."""
        return [
            *[
                Finding(loss, found=found, removed=removed, removed_bytes=size)
                for loss, (found, removed, size) in (
                    ("blobs_orphaned", self.orphaned),
                    ("blobs_unfinished", self.unfinished),
                )
            ],
            Finding("blobs_foreign", found=self.foreign),
        ]


async def sweep(database: Database, blobs: BlobStore, after: str) -> Sweep:
    """Remove what nothing refers to, from the path `after` on, within the time and number allowed.

    The clock of a bucket and ours may be apart by far less than the grace.
    """
    swept = Sweep(after, before=time.time() - policies.BLOB_GRACE)
    until = time.monotonic() + policies.BLOBS_SWEEP_DEADLINE
    async for page in blobs.pages(after, policies.BLOB_PAGE):
        await _compare(database, blobs, swept, [file for file in page if file.is_ours])
        swept.after = page[-1].path
        if time.monotonic() > until or swept.removed >= policies.BLOBS_REMOVED_MOST:
            return swept
    swept.after = ""  # all was seen: the next one begins anew
    return swept


async def _compare(
    database: Database, blobs: BlobStore, swept: Sweep, page: Sequence[StoredFile]
) -> None:
    aged = [file for file in page if file.written_at < swept.before]
    named = [file for file in aged if file.sha256]
    rows = await database.all(
        None, "reconciliation.blobs_referred", hashes=[file.sha256 for file in named]
    )
    referred = {row["sha256"] for row in rows}
    orphans = [file for file in named if file.sha256 not in referred]
    enough = len(named) >= policies.BLOBS_UNKNOWN_LEAST
    if swept.foreign or (enough and len(orphans) > policies.BLOBS_UNKNOWN_MOST * len(named)):
        swept.foreign += len(orphans)
        return
    await _remove(blobs, orphans, swept.before, swept.orphaned)
    await _remove(blobs, [file for file in aged if not file.sha256], swept.before, swept.unfinished)


async def _remove(
    blobs: BlobStore, files: Sequence[StoredFile], before: float, counts: list[int]
) -> None:
    for file in files:
        counts[0] += 1
        if await blobs.discard(file.path, before):
            counts[1] += 1
            counts[2] += file.size
