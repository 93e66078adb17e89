"""Puts a page together: HTML, JSON-LD and meta from one object of facts."""

from __future__ import annotations

import asyncio

from pipeline_defs.defs.pages.making import Making
from pipeline_defs.defs.pages.pipeline import Detail
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.rendering.pages import assemble
from pipeline_defs.storage import pages


async def assemble_page(making: Making) -> Detail:
    """Assemble the document; a few milliseconds of computing, beside the event loop.

    Pages that were to be linked to and came to nothing meanwhile are not linked to.
    """
    page = making.page
    if page.context is None or page.components is None:
        raise Permanent(
            "NOT_WRITTEN",
            "the parts of the page are not written yet",
            advice="Materialize page_context and page_components for it first.",
        )
    facts, as_of = page.context.facts, page.context.as_of
    links = await making.job.work.transact(lambda tx: pages.living(tx, facts.links))
    facts = facts.model_copy(update={"links": links})
    making.document = document = await asyncio.to_thread(
        assemble, facts, page.components, as_of.date() if as_of else None
    )
    return {"words": document.words, "bytes": len(document.html.encode())}
