"""Verdicts on a hypothesis by triangulation: several respondents have to say the same.

The rules are those of a table, from the first row that fits:

    fewer than 3 claims in all                  INCONCLUSIVE  too_few          (at the end only)
    3 or more, of fewer than 3 respondents      INCONCLUSIVE  too_few_sources  (at the end only)
    all support, mean confidence >= 0.6         VALIDATED     agreed
    all support, mean confidence < 0.6          INVALIDATED   low_confidence   (a policy)
    all oppose                                  INVALIDATED   contradicted
    some support, some oppose                   INCONCLUSIVE  conflicting      (margin: a policy)

A respondent counts once, however many claims and calls: with the side that carries more of their
confidence, and not at all where both carry the same. Neutral claims are on no side.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from pipeline_defs import policies
from pipeline_defs.domain.calls.claims import Claim
from pipeline_defs.domain.calls.majority import most_hold

Status = Literal["VALIDATED", "INVALIDATED", "INCONCLUSIVE"]
Reason = Literal[
    "agreed",
    "too_few",
    "too_few_sources",
    "low_confidence",
    "contradicted",
    "conflicting",
    "outnumbered",
]
Side = Literal["supports", "opposes"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the table leaves to policy.

    `low_confidence`: what agreement without confidence comes to. `margin`: by how many respondents
    one side has to outnumber the other to win a conflict; None when it never does.
    """

    claims_least: int = policies.VERDICT_CLAIMS_LEAST
    respondents_least: int = policies.VERDICT_RESPONDENTS_LEAST
    confidence_least: float = policies.VERDICT_CONFIDENCE_LEAST
    low_confidence: Literal["INVALIDATED", "INCONCLUSIVE"] = policies.VERDICT_LOW_CONFIDENCE
    margin: int | None = policies.VERDICT_MARGIN


@dataclass(frozen=True, slots=True)
class Voice:
    """A respondent's side and the mean confidence of their claims on it."""

    respondent: str
    side: Side
    confidence: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict with its reason; `supporting` and `opposing` are respondents.

    `confidence`, from 0 to 1, that it is right: see `majority`; None of one that decides nothing.
    `understood`: the mean confidence of the voices of the side it follows, which is the one of the
    table; None where it follows none.
    """

    status: Status
    reason: Reason
    supporting: int
    opposing: int
    confidence: float | None
    understood: float | None = None

    @property
    def is_decided(self) -> bool:
        """Whether it says anything of the hypothesis."""
        return self.status != "INCONCLUSIVE"


def verdict_so_far(claims: Iterable[Claim], rules: Rules | None = None) -> Verdict | None:
    """The verdict on one hypothesis, or None while there is too little: more may still come."""
    found = final_verdict(claims, rules)
    return None if found.reason in ("too_few", "too_few_sources") else found


def final_verdict(claims: Iterable[Claim], rules: Rules | None = None) -> Verdict:
    """The verdict on one hypothesis when the campaign is over: too little is a result, too."""
    ruling = _ruling(claims, rules or Rules())
    supporting, opposing, followed = ruling.supporting, ruling.opposing, ruling.followed
    return Verdict(
        ruling.status,
        ruling.reason,
        len(supporting),
        len(opposing),
        _confidence(ruling.status, supporting, opposing),
        fmean(voice.confidence for voice in followed) if followed else None,
    )


def voices_of(claims: Iterable[Claim]) -> list[Voice]:
    """One voice per respondent, in the order of their first claim.

    One whose claims weigh the same on both sides has none.
    """
    said: defaultdict[str, dict[Side, list[float]]] = defaultdict(
        lambda: {"supports": [], "opposes": []}
    )
    for claim in claims:
        if claim.stance != "neutral":
            said[claim.respondent][claim.stance].append(claim.confidence)
    found: list[Voice] = []
    for respondent, sides in said.items():
        weight_for, weight_against = sum(sides["supports"]), sum(sides["opposes"])
        if weight_for == weight_against:
            continue
        side: Side = "supports" if weight_for > weight_against else "opposes"
        found.append(Voice(respondent, side, fmean(sides[side])))
    return found


def stability(claims: Sequence[Claim], rules: Rules | None = None) -> float | None:
    """The share of calls without any one of which the final verdict would be the same.

    None without a call. 1 when no single call decides.
    """
    calls = list(dict.fromkeys(claim.call for claim in claims))
    if not calls:
        return None
    applied = rules or Rules()
    whole = _ruling(claims, applied).status
    without = ([claim for claim in claims if claim.call != left_out] for left_out in calls)
    return sum(_ruling(rest, applied).status == whole for rest in without) / len(calls)


@dataclass(frozen=True, slots=True)
class _Ruling:
    """What the table says, and the voices it follows."""

    status: Status
    reason: Reason
    supporting: list[Voice]
    opposing: list[Voice]
    followed: list[Voice]


def _ruling(claims: Iterable[Claim], rules: Rules) -> _Ruling:
    sided = [claim for claim in claims if claim.stance != "neutral"]
    voices = voices_of(sided)
    supporting = [voice for voice in voices if voice.side == "supports"]
    opposing = [voice for voice in voices if voice.side == "opposes"]
    if len(sided) < rules.claims_least:
        return _Ruling("INCONCLUSIVE", "too_few", supporting, opposing, [])
    if len(voices) < rules.respondents_least:
        return _Ruling("INCONCLUSIVE", "too_few_sources", supporting, opposing, [])
    return _weighed(supporting, opposing, rules)


def _weighed(supporting: list[Voice], opposing: list[Voice], rules: Rules) -> _Ruling:
    if supporting and opposing:
        lead = len(supporting) - len(opposing)
        if rules.margin is None or abs(lead) < rules.margin:
            return _Ruling("INCONCLUSIVE", "conflicting", supporting, opposing, [])
        if lead < 0:
            return _Ruling("INVALIDATED", "outnumbered", supporting, opposing, opposing)
    elif opposing:
        return _Ruling("INVALIDATED", "contradicted", supporting, opposing, opposing)
    if fmean(voice.confidence for voice in supporting) < rules.confidence_least:
        return _Ruling(rules.low_confidence, "low_confidence", supporting, opposing, supporting)
    return _Ruling("VALIDATED", "agreed", supporting, opposing, supporting)


def _confidence(
    status: Status, supporting: Sequence[Voice], opposing: Sequence[Voice]
) -> float | None:
    """The probability that a verdict is right; agreement that was too vague to be believed is
    called invalid with less than a half."""
    if status == "INCONCLUSIVE":
        return None
    held = most_hold([v.confidence for v in supporting], [v.confidence for v in opposing])
    return held if status == "VALIDATED" else 1 - held
