"""Jobs of the calls line, as people and the dispatcher launch them."""

import dagster as dg

from pipeline_defs.defs.calls.assets import LINE
from pipeline_defs.domain.calls import recipe

conduct_interviews = LINE.job(
    "conduct_interviews",
    "Place the calls of a campaign that are due, transcribe what was recorded, extract claims.",
    selection=list(recipe.CALL_ASSETS),
)
judge_hypotheses = LINE.job(
    "judge_hypotheses",
    "Judge the hypotheses of a campaign for which there is enough evidence, or will be no more.",
    selection=[recipe.HYPOTHESIS_VERDICT],
)
report_campaign = LINE.job(
    "report_campaign",
    "Write the report of a campaign: tables, verdicts, quotes.",
    selection=[recipe.CAMPAIGN_REPORT],
)
JOBS = [conduct_interviews, judge_hypotheses, report_campaign]


@dg.definitions
def call_jobs() -> dg.Definitions:
    """The asset jobs of the line."""
    return dg.Definitions(jobs=JOBS)
