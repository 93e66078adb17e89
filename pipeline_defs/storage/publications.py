"""Where units of any line are published: one row per unit, the post as it is out now."""

from __future__ import annotations

from typing import Any

from pipeline_defs.domain.publications import Published, is_public, public_already
from pipeline_defs.storage.database import Transaction


async def of_unit(tx: Transaction, unit_id: str) -> dict[str, Any] | None:
    """The unit's publication, or None."""
    return await tx.one("publications.of_unit", unit_id=unit_id)


async def must_take(
    tx: Transaction, unit_id: str, requested: Published, *, unpublished: bool
) -> None:
    """Raise Permanent `PUBLIC_ALREADY` where a draft is asked for in place of a public post.

    `unpublished`: somebody took the post back on the site, of which the site does not tell.
    """
    if requested == "publish" or unpublished:
        return
    post = await of_unit(tx, unit_id)
    if post is not None and is_public(post["status"]):
        raise public_already(f"the post of {unit_id}")


async def put(
    tx: Transaction,
    unit_id: str,
    *,
    slug: str,
    version: str,
    requested: str,
    post: dict[str, Any],
) -> None:
    """What is out now: `version` of the content, as the site answered with `post`."""
    await tx.run(
        "publications.put",
        unit_id=unit_id,
        slug=slug,
        version=version,
        external_id=post["id"],
        link=post["link"],
        requested=requested,
        status=post["status"],
    )
