"""Removes what is old from histories, in statements that each take a batch."""

from __future__ import annotations

from pipeline_defs import policies
from pipeline_defs.storage.database import Database


async def progress(database: Database) -> int:
    """Progress events older than the archive keeps; how many."""
    return await _purge(database, "progress.purge", policies.PROGRESS_ARCHIVE_DAYS)


async def inbox(database: Database) -> int:
    """Bodies of settled events and requests, unless a unit waited for one; how many.

    Their ids stay, so that the same one again has no second effect.
    """
    return await _purge(database, "retention.empty_inbox", policies.INBOX_DAYS)


async def _purge(database: Database, name: str, days: float) -> int:
    purged, most = 0, policies.ROWS_PURGED_AT_ONCE
    while purged < policies.ROWS_PURGED_PER_NIGHT:
        row = await database.one(None, name, days=days, most=most)
        batch = int(row["purged"]) if row else 0
        purged += batch
        if batch < most:
            break
    return purged
