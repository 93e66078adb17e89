"""A claim by numbers of words becomes one with a quote, a time and a channel; or is refused.

What is refused names why. No text of a model is looked at: there is none.
"""

from __future__ import annotations

from collections.abc import Collection
from statistics import fmean

from pipeline_defs.domain.calls.claims import GroundedClaim, Stance
from pipeline_defs.domain.calls.passages import Passage
from pipeline_defs.domain.calls.prompts import FoundClaim


def refusal_of(found: FoundClaim, passage: Passage, hypotheses: Collection[int]) -> str | None:
    """Why a claim is refused; None where it holds."""
    if found.hypothesis not in hypotheses:
        return f"there is no hypothesis {found.hypothesis}"
    if not 1 <= found.first_word <= found.last_word <= len(passage.words):
        return f"words {found.first_word} to {found.last_word} are not in the passage"
    if passage.utterance.speaker != "HUMAN":
        return "it is not on the respondent's channel"
    return None


def quote_of(found: FoundClaim, passage: Passage) -> str:
    """The words of a claim that holds, as they were transcribed."""
    return " ".join(w.text for w in passage.words[found.first_word - 1 : found.last_word])


def grounded(
    found: FoundClaim,
    passage: Passage,
    *,
    order: int,
    stance: Stance,
    confidence: float,
    field: int | None,
) -> GroundedClaim:
    """The claim with where and when it was said."""
    words = passage.words[found.first_word - 1 : found.last_word]
    known = [word.confidence for word in words if word.confidence is not None]
    quote = quote_of(found, passage)
    return GroundedClaim(
        order=order,
        text=quote,
        quote=quote,
        start=words[0].start,
        end=words[-1].end,
        channel=passage.utterance.channel,
        utterance=passage.utterance.order,
        hypothesis=found.hypothesis,
        field=field,
        stance=stance,
        confidence=round(confidence, 3),
        asr_confidence=round(fmean(known), 3) if known else None,
    )
