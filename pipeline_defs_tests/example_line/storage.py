"""Haikus in the database: reading one whole, and what people and workers change."""

from __future__ import annotations

from pipeline_defs.domain.keys import split_part
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.unit_records import must_rest, no_such_unit, read_record
from pipeline_defs_tests.example_line.domain import (
    HAIKUS,
    Haiku,
    HaikuRequest,
    Verse,
    VerseEdit,
    standing_of,
)

SQL = "pipeline_defs_tests.example_line/haikus."  # in the product: "haikus."


async def create(tx: Transaction, request: HaikuRequest, actor: str) -> str:
    """Store a new haiku and return its id; it is dispatched by itself."""
    title, steps = ", ".join(request.themes), len(request.themes) + 1
    haiku_id = await units.create(tx, HAIKUS, title, actor, steps_total=steps)
    await tx.run(f"{SQL}create", id=haiku_id)
    await tx.run(f"{SQL}add_verses", id=haiku_id, themes=request.themes)
    return haiku_id


async def read(tx: Transaction, haiku_id: str, *, lock: bool = False) -> Haiku | None:
    """The haiku with its verses and versions, or None."""
    record = await read_record(tx, haiku_id, lock=lock)
    row = await tx.one(f"{SQL}get", id=haiku_id)
    if record is None or row is None:
        return None
    verses = [Verse(*verse.values()) for verse in await tx.all(f"{SQL}verses", id=haiku_id)]
    return Haiku(
        id=haiku_id,
        status=record.status,
        text=row["text"],
        verses=tuple(verses),
        versions=record.versions,
        has_unreported=record.has_unreported,
    )


async def required(tx: Transaction, haiku_id: str) -> Haiku:
    """The haiku, locked for a change; Permanent `NOT_FOUND` when there is none."""
    haiku = await read(tx, haiku_id, lock=True)
    if haiku is None:
        raise no_such_unit(HAIKUS.noun, haiku_id)
    return haiku


async def edit(tx: Transaction, haiku_id: str, order: int, change: VerseEdit) -> None:
    """Another theme: what was written on the old one is stale from now on."""
    await required(tx, haiku_id)
    await tx.run(f"{SQL}set_theme", id=haiku_id, order=order, theme=change.theme)
    await tx.run("units.touch", id=haiku_id)  # looked at again: what is stale now


async def settle(_tx: Transaction, _haiku_id: str) -> None:
    """Verses wait until they are ready or failed: none is ever left in work."""


async def resume(tx: Transaction, haiku_id: str, actor: str) -> None:
    """Go on with what is missing or failed, and with what is stale."""
    await rebuild(tx, haiku_id, actor, True)


async def rebuild(tx: Transaction, haiku_id: str, actor: str, stale_too: bool) -> None:
    """Queue what is missing or failed again, stale too where that is said, and nothing else."""
    haiku = await required(tx, haiku_id)
    must_rest(HAIKUS.noun, haiku_id, haiku.status)
    wanted = {"missing", "failed", "stale"} if stale_too else {"missing", "failed"}
    found = standing_of(haiku).standing.items()
    due = [n.partition for n, standing in found if n.asset == "verse" and standing in wanted]
    orders = [split_part(key)[1] for key in due]
    await tx.run(f"{SQL}make_due", id=haiku_id, orders=orders)
    await units.requeue(tx, haiku_id, haiku.status, actor, f"{HAIKUS.name}.rebuild_requested")
