"""Whether a page may be published: somebody looked at exactly this document and approved it.

Approval is a state, for as long as it takes; no worker waits for anybody. It belongs to a version
of the document: a page that was made anew with other content waits for approval again.
"""

from __future__ import annotations

from typing import Literal

from pipeline_defs.domain.pages.models import PAGE, PAGE_PUBLICATION, Page

ApprovalState = Literal["none", "waiting", "approved", "rejected"]


def approval_state(page: Page) -> ApprovalState:
    """`waiting`: it is finished, publication was asked for and nobody has decided yet."""
    made, decision = page.version(PAGE), page.decision
    if made is None or page.document is None:
        return "none"
    if decision is not None and decision.version == made.data_version:
        return decision.decision
    asked = page.request.options.publish != "none"
    return "waiting" if asked and page.status == "completed" else "none"


def publication_is_due(page: Page) -> bool:
    """Whether the document is approved and not out in the way that was approved."""
    made, decision = page.version(PAGE), page.decision
    if made is None or decision is None or approval_state(page) != "approved":
        return False
    return not is_current(page) or page.published_as != decision.publish


def is_current(page: Page) -> bool:
    """Whether what is published is the present document."""
    made, out = page.version(PAGE), page.version(PAGE_PUBLICATION)
    if made is None or out is None:
        return False
    return out.input_versions.get(PAGE) == made.data_version
