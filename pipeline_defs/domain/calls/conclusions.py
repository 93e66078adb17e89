"""A verdict in words: what was found, how sure it is, and why. No model writes these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from pipeline_defs import policies
from pipeline_defs.domain.calls.campaigns import Campaign, Hypothesis
from pipeline_defs.domain.calls.claims import Claim
from pipeline_defs.domain.calls.recipe import evidence, evidence_version, is_heard
from pipeline_defs.domain.calls.verdicts import Verdict, final_verdict, stability

REASONS = {
    "agreed": "everyone who spoke about it agrees",
    "too_few": f"fewer than {policies.VERDICT_CLAIMS_LEAST} statements take a side",
    "too_few_sources": f"fewer than {policies.VERDICT_RESPONDENTS_LEAST} people take a side",
    "low_confidence": "those who agree do so too vaguely",
    "contradicted": "everyone who spoke about it disagrees",
    "conflicting": "people contradict each other",
    "outnumbered": "those who disagree are clearly more",
}


def judged(campaign: Campaign, hypothesis: Hypothesis) -> dict[str, Any]:
    """The verdict on a hypothesis from all that was said, as it is stored."""
    said = evidence(campaign, hypothesis)
    verdict = final_verdict(said)
    stable = stability(said)
    return {
        **asdict(verdict),
        "stability": stable,
        "conclusion": conclusion(verdict, said, stable),
        "claims": len(said),
        "neutral": sum(claim.stance == "neutral" for claim in said),
        "final": is_heard(campaign),
        "evidence": evidence_version(campaign, hypothesis),
    }


def conclusion(verdict: Verdict, said: Sequence[Claim], stable: float | None) -> str:
    """One or two sentences."""
    people = f"{_people(verdict.supporting)} for, {_people(verdict.opposing)} against"
    text = f"{verdict.status.capitalize()}: {REASONS[verdict.reason]} ({people})."
    if verdict.confidence is not None:
        text += f" Confidence {verdict.confidence:.2f}"
        text += f", by people understood with {verdict.understood or 0:.2f} on average."
    calls = len({claim.call for claim in said})
    if verdict.is_decided and stable is not None and stable < 1:
        swaying = round((1 - stable) * calls)
        text += f" Without {swaying} of the {calls} calls it would be another."
    return text


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count or 'no'} people"
