"""Stores a finished page and makes it findable for those that come after it."""

from __future__ import annotations

from pipeline_defs import policies
from pipeline_defs.defs.pages import checks, previews
from pipeline_defs.defs.pages.making import Making
from pipeline_defs.defs.pages.pipeline import Detail
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.pages.models import PAGE
from pipeline_defs.domain.versions import version_of
from pipeline_defs.storage import page_signatures, pages
from pipeline_defs.storage.database import Transaction


async def store_page(making: Making) -> Detail:
    """Store the document with its report, and tell Dagster and its checks."""
    document = making.assembled
    version = version_of(document)
    context = making.page.context
    as_of = context.as_of if context else None
    await making.keep(
        PAGE,
        version,
        previews.page(making.page, document, making.report, as_of),
        lambda tx: _put(tx, making),
    )
    if making.report is not None:
        await checks.report_page(making, making.report)
    return {"version": version}


async def _put(tx: Transaction, making: Making) -> None:
    """Two pages that say the same and were made at the same time meet here at the latest."""
    page, document = making.page, making.assembled
    await page_signatures.one_at_a_time(tx)
    if making.report is not None:
        near = await page_signatures.nearest(tx, page.id, document.text)
        if near is not None and near.jaccard >= policies.PAGE_QUALITY.near_duplicate_jaccard:
            raise Permanent(
                "NEAR_DUPLICATE",
                f"it says nearly the same as page {near.page_id} (Jaccard {near.jaccard:.2f})",
                advice="Give one of them other products, keywords or another voice.",
            )
    await pages.put_document(tx, page.id, document, making.report)
    await pages.set_title(tx, page.id, document.headline)
    await page_signatures.put(tx, page.id, document.text)
