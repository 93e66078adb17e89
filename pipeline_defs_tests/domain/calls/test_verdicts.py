"""The table of verdicts, row by row, and what holds whatever was said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.domain.calls.claims import STANCES, Claim, Stance
from pipeline_defs.domain.calls.verdicts import (
    Rules,
    final_verdict,
    stability,
    verdict_so_far,
    voices_of,
)

WINNER_BY_TWO = Rules(margin=2)


def said(*stances: Stance, confidence: float = 0.8, first: int = 1) -> list[Claim]:
    """A claim of another respondent, in a call of its own, for each stance."""
    return [
        Claim("h", f"call-{n}", f"respondent-{n}", stance, confidence)
        for n, stance in enumerate(stances, first)
    ]


FOR, AGAINST = "supports", "opposes"


@pytest.mark.parametrize(
    ("claims", "status", "reason"),
    [
        ([], "INCONCLUSIVE", "too_few"),
        (said(FOR, FOR), "INCONCLUSIVE", "too_few"),
        (said(FOR, FOR, FOR), "VALIDATED", "agreed"),
        (said(FOR, FOR, FOR, confidence=0.6), "VALIDATED", "agreed"),
        (said(FOR, FOR, FOR, confidence=0.59), "INVALIDATED", "low_confidence"),
        (said(AGAINST, AGAINST, AGAINST, confidence=0.1), "INVALIDATED", "contradicted"),
        (said(FOR, FOR, AGAINST), "INCONCLUSIVE", "conflicting"),
        (said(FOR, FOR, FOR, FOR, FOR, AGAINST), "INCONCLUSIVE", "conflicting"),
        (said(FOR, FOR, "neutral"), "INCONCLUSIVE", "too_few"),
        (said(FOR, FOR, FOR, "neutral", "neutral"), "VALIDATED", "agreed"),
    ],
)
def test_each_row_of_the_table(claims: list[Claim], status: str, reason: str) -> None:
    found = final_verdict(claims)
    assert (found.status, found.reason) == (status, reason)


def test_one_respondent_counts_once_however_much_they_say() -> None:
    talker = [Claim("h", f"call-{n}", "talker", FOR, 0.9) for n in range(9)]
    assert final_verdict(talker).reason == "too_few_sources"
    assert final_verdict(talker + said(FOR)).reason == "too_few_sources"
    found = final_verdict(talker + said(FOR, FOR))
    assert (found.status, found.supporting) == ("VALIDATED", 3)


def test_a_respondent_stands_on_the_side_that_carries_more_of_their_confidence() -> None:
    torn = [
        Claim("h", "call-9", "torn", FOR, 0.9),
        Claim("h", "call-9", "torn", AGAINST, 0.4),
        Claim("h", "call-9", "torn", AGAINST, 0.4),
    ]
    assert [(voice.side, voice.confidence) for voice in voices_of(torn)] == [(FOR, 0.9)]
    assert final_verdict(torn + said(FOR, FOR)).status == "VALIDATED"


def test_one_who_says_both_alike_is_on_no_side() -> None:
    undecided = [Claim("h", "c", "undecided", side, 0.5) for side in (FOR, AGAINST)]
    assert voices_of(undecided) == []
    assert final_verdict(undecided + said(FOR, FOR)).reason == "too_few_sources"


def test_too_little_is_no_verdict_while_more_may_come() -> None:
    assert verdict_so_far(said(FOR, FOR)) is None
    assert verdict_so_far([Claim("h", "c", "one", FOR, 0.9)] * 5) is None
    found = verdict_so_far(said(FOR, FOR, AGAINST))
    assert found is not None
    assert found.reason == "conflicting"


def test_a_margin_lets_the_larger_side_win() -> None:
    assert final_verdict(said(FOR, FOR, FOR, AGAINST), WINNER_BY_TWO).status == "VALIDATED"
    lost = final_verdict(said(FOR, AGAINST, AGAINST, AGAINST), WINNER_BY_TWO)
    assert (lost.status, lost.reason) == ("INVALIDATED", "outnumbered")
    assert final_verdict(said(FOR, FOR, AGAINST), WINNER_BY_TWO).reason == "conflicting"


def test_more_who_agree_are_believed_more_though_each_is_understood_alike() -> None:
    few, many = final_verdict(said(FOR, FOR, FOR)), final_verdict(said(*[FOR] * 9))
    assert (few.understood, many.understood) == (pytest.approx(0.8), pytest.approx(0.8))
    assert (few.confidence or 0) < 0.9 < (many.confidence or 0)


def test_what_is_too_vague_to_be_believed_is_invalid_with_less_than_a_half() -> None:
    vague = final_verdict(said(FOR, FOR, FOR, confidence=0.55))
    assert (vague.status, vague.reason) == ("INVALIDATED", "low_confidence")
    assert (vague.confidence or 1) < 0.5


def test_agreement_without_confidence_can_be_left_open() -> None:
    unsure = said(FOR, FOR, FOR, confidence=0.3)
    found = final_verdict(unsure, Rules(low_confidence="INCONCLUSIVE"))
    assert (found.status, found.reason) == ("INCONCLUSIVE", "low_confidence")


def test_stability_is_the_share_of_calls_that_do_not_decide() -> None:
    assert stability([]) is None
    assert stability(said(FOR, FOR, FOR)) == 0
    assert stability(said(FOR, FOR, FOR, FOR)) == 1
    assert stability(said(FOR, FOR, FOR, FOR, AGAINST)) == pytest.approx(4 / 5)


CLAIMS = st.lists(
    st.builds(
        Claim,
        hypothesis=st.just("h"),
        call=st.sampled_from("abcdef"),
        respondent=st.sampled_from("uvwxyz"),
        stance=st.sampled_from(STANCES),
        confidence=st.floats(0, 1),
    ),
    max_size=20,
)


@given(CLAIMS, st.randoms())
def test_the_order_of_claims_does_not_matter(claims: list[Claim], random: object) -> None:
    shuffled = sorted(claims, key=lambda claim: (claim.respondent, claim.stance, claim.call))
    first, second = final_verdict(claims), final_verdict(shuffled)
    assert (first.reason, first.supporting, first.opposing) == (
        second.reason,
        second.supporting,
        second.opposing,
    )


@given(CLAIMS)
def test_a_decision_always_has_three_respondents_and_a_confidence(claims: list[Claim]) -> None:
    found = final_verdict(claims)
    assert found.supporting + found.opposing <= len({claim.respondent for claim in claims})
    if found.is_decided:
        assert found.supporting + found.opposing >= 3
        assert found.confidence is not None
        assert 0 <= found.confidence <= 1


@given(CLAIMS)
def test_the_opposite_of_all_claims_never_validates_the_same(claims: list[Claim]) -> None:
    turned: dict[Stance, Stance] = {FOR: AGAINST, AGAINST: FOR, "neutral": "neutral"}
    opposite = [
        Claim(c.hypothesis, c.call, c.respondent, turned[c.stance], c.confidence) for c in claims
    ]
    both = final_verdict(claims).status, final_verdict(opposite).status
    assert both != ("VALIDATED", "VALIDATED")
