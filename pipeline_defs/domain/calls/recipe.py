"""What the assets of a campaign are made from: versions, input hashes, staleness.

Pure functions of a `Campaign`. The same rules stand behind Dagster's staleness (through the tags on
every materialization), Studio's and the command line's, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline_defs.domain.calls.campaigns import Call, Campaign, Hypothesis
from pipeline_defs.domain.calls.claims import Claim, GroundedClaim
from pipeline_defs.domain.graph import Node
from pipeline_defs.domain.stored_files import Files, files_in
from pipeline_defs.domain.versions import Maker, maker, version_of

CALL = "call"
CALL_RECORDING = "call_recording"
TRANSCRIPT = "transcript"
CLAIMS = "claims"
HYPOTHESIS_EVIDENCE = "hypothesis_evidence"
HYPOTHESIS_VERDICT = "hypothesis_verdict"
CAMPAIGN_EVIDENCE = "campaign_evidence"
CAMPAIGN_REPORT = "campaign_report"
CALL_ASSETS = (CALL, TRANSCRIPT, CLAIMS)
BRIDGES = frozenset({CALL_RECORDING, HYPOTHESIS_EVIDENCE, CAMPAIGN_EVIDENCE})

CALLS_CODE = "pipeline_defs.domain.calls"
# A changed prompt, rule, number or model turns exactly its assets stale.
MAKERS: Mapping[str, Maker] = {
    CALL: maker(billed=True),  # nobody's telephone rings again for a changed program
    TRANSCRIPT: maker(
        code=(
            f"{CALLS_CODE}.utterances",
            "pipeline_defs.defs.calls.transcribing:transcribe_recording",
            "pipeline_defs.defs.calls.channels_at_once",
        ),
        purposes=("transcription",),
    ),
    CLAIMS: maker(
        code=(
            f"{CALLS_CODE}.grounding",
            f"{CALLS_CODE}.passages",
            f"{CALLS_CODE}.prompts",
            f"{CALLS_CODE}.retrieval",
            "pipeline_defs.domain.articles.prompts:as_prompt",
            "pipeline_defs.policies:PASSAGES_PER_CALL",
        ),
        purposes=("extraction", "embedding"),
    ),
    HYPOTHESIS_VERDICT: maker(code=(f"{CALLS_CODE}.conclusions",)),
    CAMPAIGN_REPORT: maker(code=(f"{CALLS_CODE}.report",)),
}
# What each asset is made from within its own partition: asset or bridge.
NEEDS: dict[str, tuple[str, ...]] = {
    CALL: (),
    TRANSCRIPT: (CALL_RECORDING,),
    CLAIMS: (TRANSCRIPT,),
    HYPOTHESIS_VERDICT: (HYPOTHESIS_EVIDENCE,),
    CAMPAIGN_REPORT: (CAMPAIGN_EVIDENCE,),
}


def code_version(campaign: Campaign, asset: str) -> str:
    """Version of the prompts, rules, code and models that make an asset."""
    return MAKERS[asset].version(campaign.models)


def call_inputs(campaign: Campaign, call: Call) -> str:
    """Hash of what a call is about: whom it reaches at which attempt, and what is asked."""
    asked = [question.question for question in campaign.checklist]
    return _inputs(campaign, CALL, call.key, call.phone, call.attempt, campaign.consent, asked)


def recording_version(call: Call) -> str | None:
    """Version of a call's recording, which the provider keeps; None without one."""
    return version_of(call.recording.sid) if call.recording is not None else None


def transcript_inputs(campaign: Campaign, call: Call, recording: str) -> str:
    """Hash of what a transcript is made from."""
    return _inputs(campaign, TRANSCRIPT, call.key, recording)


def claims_inputs(campaign: Campaign, call: Call, transcript: str) -> str:
    """Hash of what claims are extracted from: what was said, and what it may be about."""
    hypotheses = [hypothesis.text for hypothesis in campaign.hypotheses]
    checklist = [(question.question, question.hypothesis) for question in campaign.checklist]
    return _inputs(campaign, CLAIMS, call.key, transcript, hypotheses, checklist)


def evidence_version(campaign: Campaign, hypothesis: Hypothesis) -> str:
    """Version of everything said on a hypothesis, and of whether more may come."""
    said = [
        (call.order, call.respondent, claim.order, claim.quote, claim.stance, claim.confidence)
        for call, claim in claims_on(campaign, hypothesis)
    ]
    return version_of(hypothesis.text, said, is_heard(campaign))


def verdict_inputs(campaign: Campaign, hypothesis: Hypothesis) -> str:
    """Hash of what a verdict is passed on."""
    evidence = evidence_version(campaign, hypothesis)
    return _inputs(campaign, HYPOTHESIS_VERDICT, hypothesis.key, evidence)


def findings_version(campaign: Campaign) -> str:
    """Version of everything a report tells: how calls went, what was said, the verdicts."""
    return version_of(
        [(call.status, call.attempt, call.seconds, bool(call.error)) for call in campaign.calls],
        [evidence_version(campaign, hypothesis) for hypothesis in campaign.hypotheses],
        [hypothesis.verdict for hypothesis in campaign.hypotheses],
    )


def report_inputs(campaign: Campaign) -> str:
    """Hash of what a report is written from."""
    return _inputs(campaign, CAMPAIGN_REPORT, campaign.id, findings_version(campaign))


def sources_of(campaign: Campaign, asset: str, partition: str) -> dict[str, str | None]:
    """Current version of all that an asset is made from; None of what is not made."""
    return {name: _source_version(campaign, name, partition) for name in NEEDS[asset]}


def _source_version(campaign: Campaign, name: str, partition: str) -> str | None:
    match name:
        case "call_recording":
            return recording_version(campaign.call(partition))
        case "hypothesis_evidence":
            return evidence_version(campaign, campaign.hypothesis(partition))
        case "campaign_evidence":
            return findings_version(campaign)
        case _:
            made = campaign.version(name, partition)
            return made.data_version if made else None


def inputs_of(campaign: Campaign, asset: str, partition: str) -> str | None:
    """Hash of all an asset is made from now; None while some of it is missing."""
    match asset:
        case "call":
            return call_inputs(campaign, campaign.call(partition))
        case "transcript":
            call = campaign.call(partition)
            recording = recording_version(call)
            return transcript_inputs(campaign, call, recording) if recording else None
        case "claims":
            made = campaign.version(TRANSCRIPT, partition)
            call = campaign.call(partition)
            return claims_inputs(campaign, call, made.data_version) if made else None
        case "hypothesis_verdict":
            return verdict_inputs(campaign, campaign.hypothesis(partition))
        case _:
            return report_inputs(campaign)


def is_stale(campaign: Campaign, asset: str, partition: str) -> bool:
    """Whether a result no longer follows from what it was made from, or was asked for anew."""
    made = campaign.version(asset, partition)
    inputs = inputs_of(campaign, asset, partition)
    return made is not None and inputs is not None and made.input_hash != inputs


def nodes(campaign: Campaign) -> Iterator[tuple[str, str]]:
    """Every (asset, partition) of the campaign, in the order of making."""
    for call in campaign.calls:
        for asset in CALL_ASSETS:
            yield asset, call.key
    for hypothesis in campaign.hypotheses:
        yield HYPOTHESIS_VERDICT, hypothesis.key
    yield CAMPAIGN_REPORT, campaign.id


def files(campaign: Campaign) -> Files:
    """Every file that its results refer to: a recording is kept for its transcript."""
    recordings = [
        (Node(TRANSCRIPT, call.key), file)
        for call in campaign.calls
        for file in files_in(call.transcript)
    ]
    report = Node(CAMPAIGN_REPORT, campaign.id)
    return [*recordings, *((report, file) for file in files_in(campaign.report))]


def claims_on(campaign: Campaign, hypothesis: Hypothesis) -> Iterator[tuple[Call, GroundedClaim]]:
    """What was said on a hypothesis, in the order of the calls."""
    for call in campaign.calls:
        for claim in campaign.claims.get(call.order, ()):
            if claim.hypothesis == hypothesis.order:
                yield call, claim


def evidence(campaign: Campaign, hypothesis: Hypothesis) -> list[Claim]:
    """The same as the rules of verdicts take it."""
    return [
        Claim(hypothesis.key, call.key, call.respondent, claim.stance, claim.confidence)
        for call, claim in claims_on(campaign, hypothesis)
    ]


def awaits_reading(call: Call) -> bool:
    """Whether there is a conversation of which not everything is known yet."""
    if call.status != "completed" or call.error is not None or call.recording_state == "absent":
        return False
    return call.transcript is None or call.extraction is None


def is_heard(campaign: Campaign) -> bool:
    """Whether nothing more will be said: every call is over and read as far as it can be."""
    return all(call.is_over and not awaits_reading(call) for call in campaign.calls)


def _inputs(campaign: Campaign, asset: str, partition: str, *parts: object) -> str:
    generation = campaign.generation(asset, partition)
    return version_of(*parts, code_version(campaign, asset), generation)
