"""The assets of a campaign of phone interviews.

    call -> (call_recording) -> transcript -> claims
        -> (hypothesis_evidence) -> hypothesis_verdict -> (campaign_evidence) -> campaign_report

Names in brackets are bridges: a recording is made by the telephone provider; evidence carries
versions from calls to hypotheses and from hypotheses to the campaign.
"""

import dagster as dg

from pipeline_defs.defs.calls.about import ABOUT
from pipeline_defs.defs.calls.checks import call_check_specs, verdict_check_specs
from pipeline_defs.defs.calls.conducting import conduct
from pipeline_defs.defs.calls.judging import judge
from pipeline_defs.defs.calls.partitions import calls, campaigns, hypotheses
from pipeline_defs.defs.calls.reading import extract, read
from pipeline_defs.defs.calls.reporting import report
from pipeline_defs.defs.calls.transcribing import transcribe_recording
from pipeline_defs.defs.orchestration import Group
from pipeline_defs.domain.calls import prompts, recipe
from pipeline_defs.domain.calls.agenda import step_of
from pipeline_defs.domain.calls.report import write_report
from pipeline_defs.domain.calls.verdicts import final_verdict
from pipeline_defs.runtime.lines import CAMPAIGN_LINE

LINE = Group(CAMPAIGN_LINE, ["team:research"], ABOUT, recipe.BRIDGES, recipe)

hypothesis_evidence = LINE.bridge(
    recipe.HYPOTHESIS_EVIDENCE,
    hypotheses,
    deps=[recipe.CLAIMS],
    kinds={"postgres"},
    code={"code": judge},
)

campaign_evidence = LINE.bridge(
    recipe.CAMPAIGN_EVIDENCE,
    campaigns,
    deps=[recipe.HYPOTHESIS_VERDICT],
    kinds={"postgres"},
    code={"code": report},
)

call_recording = LINE.bridge(
    recipe.CALL_RECORDING,
    calls,
    deps=[recipe.CALL],
    kinds={"twilio", "audio"},
    code={"code": read},
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
            deps=recipe.NEEDS[recipe.CALL],
            kinds={"twilio"},
            code={"code": conduct, "agenda": step_of},
            asks=["telephony"],
        ),
        LINE.asset(
            recipe.TRANSCRIPT,
            calls,
            deps=recipe.NEEDS[recipe.TRANSCRIPT],
            kinds={"openai", "table"},
            code={"code": read, "telling speakers apart": transcribe_recording},
            asks=["transcription"],
        ),
        LINE.asset(
            recipe.CLAIMS,
            calls,
            deps=recipe.NEEDS[recipe.CLAIMS],
            kinds={"openai", "table"},
            code={"code": extract, "prompts": prompts},
            asks=["embedding", "extraction"],
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
            deps=recipe.NEEDS[recipe.HYPOTHESIS_VERDICT],
            kinds={"python", "json"},
            code={"code": judge, "verdict rule": final_verdict},
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
            deps=recipe.NEEDS[recipe.CAMPAIGN_REPORT],
            kinds={"pandas", "csv", "markdown"},
            code={"code": report, "tables and text": write_report},
        )
    ],
    work_on=report,
)


@dg.definitions
def call_assets() -> dg.Definitions:
    """The assets and bridges, in one group."""
    return LINE.definitions(
        [
            call_recording,
            hypothesis_evidence,
            campaign_evidence,
            interviews,
            verdicts,
            reports,
        ]
    )
