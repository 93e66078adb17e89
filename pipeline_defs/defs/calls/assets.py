"""The assets of a campaign of phone interviews.

    call -> (call_recording) -> transcript -> claims
        -> (hypothesis_evidence) -> hypothesis_verdict -> (campaign_evidence) -> campaign_report

Names in brackets are bridges: a recording is made by the telephone provider; evidence carries
versions from calls to hypotheses and from hypotheses to the campaign.
"""

import dagster as dg

from pipeline_defs.defs.calls.checks import call_check_specs, verdict_check_specs
from pipeline_defs.defs.calls.conducting import conduct
from pipeline_defs.defs.calls.judging import judge
from pipeline_defs.defs.calls.partitions import calls, campaigns, hypotheses
from pipeline_defs.defs.calls.reporting import report
from pipeline_defs.defs.orchestration import Group
from pipeline_defs.domain.calls import recipe
from pipeline_defs.runtime.lines import CAMPAIGN_LINE

LINE = Group(CAMPAIGN_LINE, ["team:research"], recipe.BRIDGES)

hypothesis_evidence = LINE.bridge(
    recipe.HYPOTHESIS_EVIDENCE,
    hypotheses,
    "Everything respondents said on a hypothesis, over all calls: a new claim turns its verdict "
    "stale.",
    deps=[recipe.CLAIMS],
    kinds={"json"},
)

campaign_evidence = LINE.bridge(
    recipe.CAMPAIGN_EVIDENCE,
    campaigns,
    "How the calls went and all verdicts together.",
    deps=[recipe.HYPOTHESIS_VERDICT],
    kinds={"json"},
)

call_recording = LINE.bridge(
    recipe.CALL_RECORDING,
    calls,
    "The recording of a call at the telephone provider, with a channel for each speaker.",
    deps=[recipe.CALL],
    kinds={"audio"},
    within=True,
)


interviews = LINE.op(
    "interviews",
    "Call people within the campaign's rules, and read each call as soon as it is recorded.",
    pool="interviews",
    specs=[
        LINE.asset(
            recipe.CALL,
            calls,
            "The interview with one contact: consent, then the checklist. Placed at most once per "
            "attempt, within quiet hours, rate and budget.",
            deps=recipe.NEEDS[recipe.CALL],
            kinds={"phone"},
        ),
        LINE.asset(
            recipe.TRANSCRIPT,
            calls,
            "What was said: utterances with the times of their words, per channel, interviewer "
            "and respondent told apart.",
            deps=recipe.NEEDS[recipe.TRANSCRIPT],
            kinds={"text", "audio"},
        ),
        LINE.asset(
            recipe.CLAIMS,
            calls,
            "What the respondent claims about the hypotheses, each with its quote, its second in "
            "the recording and its stance.",
            deps=recipe.NEEDS[recipe.CLAIMS],
            kinds={"json", "llm"},
        ),
    ],
    work_on=conduct,
    checks=call_check_specs(),
)


verdicts = LINE.op(
    "verdicts",
    "Judge hypotheses by triangulation: several respondents have to say the same.",
    pool="verdicts",
    specs=[
        LINE.asset(
            recipe.HYPOTHESIS_VERDICT,
            hypotheses,
            "Validated, invalidated or inconclusive, with the reason, the confidence and how much "
            "it hangs on a single call. Passed anew when new evidence arrives.",
            deps=recipe.NEEDS[recipe.HYPOTHESIS_VERDICT],
            kinds={"json"},
        )
    ],
    work_on=judge,
    checks=verdict_check_specs(),
)


reports = LINE.op(
    "reports",
    "Write down what campaigns have found out.",
    pool="campaign_reporting",
    specs=[
        LINE.asset(
            recipe.CAMPAIGN_REPORT,
            campaigns,
            "The report: verdicts with their quotes, every claim and every call, as Markdown and "
            "as CSV.",
            deps=recipe.NEEDS[recipe.CAMPAIGN_REPORT],
            kinds={"markdown", "csv", "pandas"},
        )
    ],
    work_on=report,
)


@dg.definitions
def call_assets() -> dg.Definitions:
    """The assets and bridges, in one group."""
    return dg.Definitions(
        assets=[
            call_recording,
            hypothesis_evidence,
            campaign_evidence,
            interviews,
            verdicts,
            reports,
        ]
    )
