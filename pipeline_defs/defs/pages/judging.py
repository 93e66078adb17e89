"""The quality gate: a page that breaks a required rule is not stored as finished."""

from __future__ import annotations

import asyncio

from pipeline_defs.defs.pages.checks import report_page
from pipeline_defs.defs.pages.making import Making
from pipeline_defs.defs.pages.pipeline import Detail
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.pages.quality.findings import QualityReport
from pipeline_defs.domain.pages.quality.judging import judge
from pipeline_defs.storage import page_signatures, pages


def quality_unwanted(making: Making) -> str | None:
    """Why the gate is left out, where that was asked for."""
    return "as was asked for" if making.page.request.options.skip_quality else None


async def judge_page(making: Making) -> Detail:
    """Check the document; it is kept as a draft with what was found, whether it passes or not."""
    page, document = making.page, making.assembled
    if page.context is None or page.components is None:
        raise LookupError("a page is judged after it was assembled")
    near = await making.job.work.transact(
        lambda tx: page_signatures.nearest(tx, page.id, document.text)
    )
    making.report = report = await asyncio.to_thread(
        judge,
        document,
        page.context.facts,
        page.components,
        nearest=near.jaccard if near else 0.0,
        nearest_page=near.page_id if near else None,
    )
    await making.job.work.transact(lambda tx: pages.put_draft(tx, page.id, document, report))
    if not report.passed:
        await report_page(making, report)
        raise refused(report)
    return {
        "score": report.score,
        "advice": [finding.advice for finding in report.findings if not finding.passed],
    }


def refused(report: QualityReport) -> Permanent:
    """The error of a page that does not pass, with what to do about each fault."""
    faults = [f for f in report.findings if f.required and not f.passed]
    return Permanent(
        "QUALITY",
        "the page breaks required rules: " + ", ".join(f.check for f in faults),
        advice=" ".join(f.advice for f in faults)
        + " Have it written anew, change what was asked for, or leave the quality gate out.",
    )
