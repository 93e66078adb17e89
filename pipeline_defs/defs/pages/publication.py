"""Publishes a page that somebody approved: the document that was looked at, and no other."""

from __future__ import annotations

from pipeline_defs.defs.publishing import Post, publish
from pipeline_defs.domain.pages import recipe
from pipeline_defs.domain.pages.approval import publication_is_due
from pipeline_defs.domain.pages.models import PAGE, PAGE_PUBLICATION
from pipeline_defs.runtime.driving import Assignment
from pipeline_defs.runtime.lines import PAGE_LINE
from pipeline_defs.storage import pages


async def publish_page(job: Assignment) -> None:
    """Create or update the page's post, if that is approved and not done yet."""
    if not job.selects(PAGE_PUBLICATION):
        return
    page = await job.work.transact(lambda tx: pages.required(tx, job.unit_id))
    document, made, decision = page.document, page.version(PAGE), page.decision
    if not publication_is_due(page) or document is None or made is None or decision is None:
        return
    post = Post(
        asset=PAGE_PUBLICATION,
        code_version=recipe.code_version(page, PAGE_PUBLICATION),
        made_from=PAGE,
        version=made.data_version,
        title=document.headline,
        html=document.body_html,
        excerpt=document.description,
        requested=decision.publish or "draft",
    )
    await publish(job, PAGE_LINE, post)
