"""What people change about a page: its request, and whether it may be published."""

from __future__ import annotations

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.kinds import PAGES
from pipeline_defs.domain.pages import recipe
from pipeline_defs.domain.pages.approval import is_current, publication_is_due
from pipeline_defs.domain.pages.decisions import PageApproval, PageRejection
from pipeline_defs.domain.pages.edits import PageEdit, edited
from pipeline_defs.domain.pages.models import PAGE, Page
from pipeline_defs.domain.publications import Published
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.storage import page_queue, pages, publications, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.unit_records import must_rest


async def edit(tx: Transaction, page_id: str, change: PageEdit, actor: str) -> None:
    """Change the request of a page that rests or waits; what was made from it is stale then.

    Raises Permanent `BUSY` while the page is being made.
    """
    page = await pages.required(tx, page_id)
    if page.status != "queued":
        must_rest(PAGES.noun, page.id, page.status)
    request = edited(page.request, change)
    if request == page.request:
        return
    await tx.run("pages.set_request", id=page_id, request=request.model_dump_json())
    if page.document is None:
        await pages.set_title(tx, page_id, pages.title_of(request))
    await page_queue.reconsider(
        tx, page_id, request, priority_changed="priority" in change.model_fields_set
    )
    await tx.run("units.touch", id=page_id)
    await units.audit(tx, actor, f"{PAGES.name}.edited", page_id, fields=change.named)
    if page.status == "queued":
        units.append_progress(
            tx, page_id, stage="queued", outcome="finished", message="The request was changed"
        )


async def approve(tx: Transaction, page_id: str, approval: PageApproval, actor: str) -> None:
    """Have the document that was looked at published; a second time has no further effect.

    Raises Permanent `BUSY` while the page is being made, `NOT_FINISHED`, `CHANGED` where the
    document is another one by now, `STALE` where it no longer says what the data say,
    `PUBLIC_ALREADY` where a draft would stand in place of a public post.
    """
    page = await pages.required(tx, page_id)
    publish = approval.status or _as_asked(page)
    if not _is_decided(page, approval.version, "approved", publish=publish):
        _must_be_seen(page, approval.version)
        _must_be_fresh(page)
        await publications.must_take(tx, page_id, publish, unpublished=approval.unpublished)
        await _decide(tx, page_id, approval.version, "approved", actor, publish=publish)
        page = await pages.required(tx, page_id)
    if page.status in FINAL_STATES and publication_is_due(page):
        told = {"version": approval.version, "status": publish}
        await pages.again(tx, page, actor, f"{PAGES.name}.approved", **told)


async def reject(tx: Transaction, page_id: str, rejection: PageRejection, actor: str) -> None:
    """Say why the document that was looked at is not published; the page rests as it is.

    Raises as `approve` does, and Permanent `PUBLISHED` where that document is out already.
    """
    page = await pages.required(tx, page_id)
    version, reason = rejection.version, rejection.reason
    if _is_decided(page, version, "rejected", reason=reason):
        return
    _must_be_seen(page, version)
    if is_current(page):
        raise Permanent(
            "PUBLISHED",
            f"page {page_id} is published already",
            advice="Take the post back on the site, or change the page and approve what comes out.",
        )
    await _decide(tx, page_id, version, "rejected", actor, reason=reason)
    await units.audit(tx, actor, f"{PAGES.name}.rejected", page_id, version=version, reason=reason)


async def _decide(
    tx: Transaction,
    page_id: str,
    version: str,
    decision: str,
    actor: str,
    *,
    publish: Published | None = None,
    reason: str = "",
) -> None:
    await tx.run(
        "pages.put_decision",
        id=page_id,
        version=version,
        decision=decision,
        publish=publish,
        reason=reason,
        decided_by=actor,
    )


def _as_asked(page: Page) -> Published:
    return "publish" if page.request.options.publish == "publish" else "draft"


def _is_decided(
    page: Page, version: str, decision: str, *, publish: Published | None = None, reason: str = ""
) -> bool:
    """Whether exactly this was said of the present document."""
    made, said = page.version(PAGE), page.decision
    if made is None or said is None or made.data_version != version:
        return False
    told = (said.version, said.decision, said.publish, said.reason)
    return told == (version, decision, publish, reason)


def _must_be_seen(page: Page, version: str) -> None:
    """One decides about the document that is stored now, and about no other."""
    must_rest(PAGES.noun, page.id, page.status)
    made = page.version(PAGE)
    if made is None or page.document is None:
        raise Permanent(
            "NOT_FINISHED",
            f"page {page.id} has no finished document",
            advice="Have it made first: `resume` or `rebuild`.",
        )
    if made.data_version != version:
        raise Permanent(
            "CHANGED",
            f"page {page.id} has another document by now than the one that was looked at",
            advice="Look at it again, and decide about that one.",
        )


def _must_be_fresh(page: Page) -> None:
    if any(recipe.is_stale(page, asset) for asset in recipe.ASSETS):
        raise Permanent(
            "STALE",
            f"page {page.id} no longer follows from its request and data",
            advice="Rebuild it, look at it again and approve that.",
        )
