"""Asset checks of pages: what the quality gate found, each with its advice."""

from __future__ import annotations

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.defs.about import about_check
from pipeline_defs.defs.pages.making import Making
from pipeline_defs.defs.pages.partitions import pages
from pipeline_defs.domain.pages.models import PAGE
from pipeline_defs.domain.pages.quality.findings import QualityReport
from pipeline_defs.domain.pages.quality.judging import CHECKS

IF_REQUIRED = "the page fails and is kept as a draft; follow the advice of the result, then resume."
IF_ADVISORY = "the page is finished all the same; the result says what would make it better."


def page_check_specs() -> list[dg.AssetCheckSpec]:
    """One check for each rule of the gate."""
    return [
        dg.AssetCheckSpec(
            check.__name__,
            asset=PAGE,
            description=about_check((check.__doc__ or "").strip(), _if_it_fails(check.__name__)),
            partitions_def=pages,
        )
        for check in CHECKS
    ]


async def report_page(making: Making, report: QualityReport) -> None:
    """Tell Dagster what was found; figures by themselves, as Dagster plots those."""
    for finding in report.findings:
        figures = {n: v for n, v in finding.details.items() if isinstance(v, int | float)}
        rest = {n: v for n, v in finding.details.items() if n not in figures}
        await making.job.reporter.checked(
            PAGE,
            making.page.id,
            finding.check,
            [] if finding.passed else [finding.advice],
            **figures,
            required=finding.required,
            details=rest or None,
        )


def _if_it_fails(check: str) -> str:
    return IF_ADVISORY if check in policies.PAGE_QUALITY.advisory else IF_REQUIRED
