"""Asset checks of the calls line: predicates on transcripts, claims and verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.defs.about import about_check
from pipeline_defs.defs.calls.partitions import calls, hypotheses
from pipeline_defs.domain.calls import recipe
from pipeline_defs.domain.calls.campaigns import Call, Campaign, Hypothesis
from pipeline_defs.domain.calls.claims import GroundedClaim
from pipeline_defs.domain.calls.transcripts import Transcript
from pipeline_defs.runtime.driving import Assignment

TRANSCRIPT_CHECKS = {
    "transcript_tells_speakers_apart": about_check(
        "Every utterance is known to be the interviewer's or the respondent's.",
        "listen to the recording in Studio. Claims are taken only from what is known to be the "
        "respondent's; record with a channel for each speaker.",
    ),
    "transcript_times_are_within_the_recording": about_check(
        "No word begins before or ends after the recording, and none ends before it begins.",
        "transcribe the call again with another model of the chain `transcription`.",
    ),
}
CLAIM_CHECKS = {
    "claims_are_quoted_from_the_respondent": about_check(
        "Every claim quotes words of the respondent that stand in the transcript at that time.",
        "the transcript was made anew after the claims. Materialize `claims` of this call.",
    ),
}
VERDICT_CHECKS = {
    "verdict_rests_on_no_single_call": about_check(
        f"At least {policies.VERDICT_STABILITY_LEAST:.0%} of the calls could be left out, one at "
        "a time, without another verdict.",
        "call more people before relying on the verdict.",
    ),
}


def call_check_specs() -> list[dg.AssetCheckSpec]:
    """Checks of `transcript` and `claims`, per call."""
    return [
        dg.AssetCheckSpec(name, asset=asset, description=text, partitions_def=calls)
        for asset, checks in (
            (recipe.TRANSCRIPT, TRANSCRIPT_CHECKS),
            (recipe.CLAIMS, CLAIM_CHECKS),
        )
        for name, text in checks.items()
    ]


def verdict_check_specs() -> list[dg.AssetCheckSpec]:
    """Checks of `hypothesis_verdict`, per hypothesis."""
    return [
        dg.AssetCheckSpec(
            name, asset=recipe.HYPOTHESIS_VERDICT, description=text, partitions_def=hypotheses
        )
        for name, text in VERDICT_CHECKS.items()
    ]


async def report_transcript(job: Assignment, call: Call, said: Transcript) -> None:
    """Evaluate and record the checks of one transcript."""
    unknown = sum(utterance.speaker == "UNKNOWN" for utterance in said.utterances)
    faults = {
        "transcript_tells_speakers_apart": (
            [f"{unknown} utterances are nobody's: listen to the recording"] if unknown else []
        ),
        "transcript_times_are_within_the_recording": [
            f"{word.text!r} at {word.start:.2f} s"
            for utterance in said.utterances
            for word in utterance.words
            if not 0 <= word.start <= word.end <= said.seconds + policies.WORD_TIME_TOLERANCE
        ],
    }
    for check, found in faults.items():
        await job.reporter.checked(
            recipe.TRANSCRIPT, call.key, check, found, utterances=len(said.utterances)
        )


async def report_claims(
    job: Assignment, call: Call, said: Transcript, claims: Sequence[GroundedClaim]
) -> None:
    """Evaluate and record the checks of one call's claims, apart from how they were made."""
    spoken = {u.order: u for u in said.utterances if u.speaker == "HUMAN"}
    faults = [
        f"claim {claim.order}: {claim.quote[:80]!r} is not what the respondent said"
        for claim in claims
        if claim.utterance not in spoken or claim.quote not in spoken[claim.utterance].text
    ]
    await job.reporter.checked(
        recipe.CLAIMS, call.key, "claims_are_quoted_from_the_respondent", faults, claims=len(claims)
    )


async def report_verdict(
    job: Assignment, campaign: Campaign, hypothesis: Hypothesis, passed: Mapping[str, Any]
) -> None:
    """Evaluate and record the checks of one verdict."""
    stable = passed["stability"]
    decided = passed["status"] != "INCONCLUSIVE"
    shaky = decided and stable is not None and stable < policies.VERDICT_STABILITY_LEAST
    faults = [f"only {stable:.0%} could be left out: call more people"] if shaky else []
    await job.reporter.checked(
        recipe.HYPOTHESIS_VERDICT,
        hypothesis.key,
        "verdict_rests_on_no_single_call",
        faults,
        stability=stable,
        calls=len({call.order for call, _ in recipe.claims_on(campaign, hypothesis)}),
    )
