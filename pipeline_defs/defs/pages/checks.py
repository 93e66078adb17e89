"""Asset checks of pages: what the quality gate found, each with its advice."""

from __future__ import annotations

import dagster as dg

from pipeline_defs.defs.pages.making import Making
from pipeline_defs.defs.pages.partitions import pages
from pipeline_defs.domain.pages.models import PAGE
from pipeline_defs.domain.pages.quality.findings import QualityReport
from pipeline_defs.domain.pages.quality.judging import CHECKS


def page_check_specs() -> list[dg.AssetCheckSpec]:
    """One check for each rule of the gate."""
    return [
        dg.AssetCheckSpec(
            check.__name__,
            asset=PAGE,
            description=(check.__doc__ or "").strip(),
            partitions_def=pages,
        )
        for check in CHECKS
    ]


async def report_page(making: Making, report: QualityReport) -> None:
    """Tell Dagster what was found."""
    for finding in report.findings:
        await making.job.reporter.checked(
            PAGE,
            making.page.id,
            finding.check,
            [] if finding.passed else [finding.advice],
            required=finding.required,
            score=report.score,
            advice={"md": finding.advice or "none"},
            details=finding.details,
        )
