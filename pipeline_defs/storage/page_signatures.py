"""The index by which pages that say nearly the same are found among all of an organization."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline_defs import policies
from pipeline_defs.domain.pages.similarity import bands, jaccard, signature
from pipeline_defs.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another page and its exact similarity, 0 to 1."""

    page_id: str
    jaccard: float


async def one_at_a_time(tx: Transaction) -> None:
    """Until the transaction ends no other page of the organization is compared and stored."""
    await tx.one("page_signatures.lock")


async def put(tx: Transaction, page_id: str, text: str) -> None:
    """Let the page be found by what it shows; a text too short to compare is not found."""
    hashes = bands(signature(text))
    if not hashes:
        await remove(tx, page_id)
        return
    await tx.run(
        "page_signatures.put", page_id=page_id, bands=list(range(len(hashes))), hashes=hashes
    )


async def nearest(tx: Transaction, page_id: str, text: str) -> Neighbour | None:
    """The stored page that is most like `text`, apart from the page itself; None if none is."""
    hashes = bands(signature(text))
    rows = await tx.all(
        "page_signatures.candidates",
        page_id=page_id,
        bands=list(range(len(hashes))),
        hashes=hashes,
        most=policies.PAGE_DUPLICATE_CANDIDATES,
    )
    found = [Neighbour(row["page_id"], jaccard(text, row["text"])) for row in rows]
    return max(found, key=lambda neighbour: neighbour.jaccard, default=None)


async def remove(tx: Transaction, page_id: str) -> None:
    """The page is found no longer."""
    await tx.run("page_signatures.remove", page_id=page_id)
