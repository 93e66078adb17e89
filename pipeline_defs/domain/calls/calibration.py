"""How far verdicts can be trusted: their confidence against what turned out to be true.

Of the decided verdicts, with confidence p and outcome y (1 where the verdict is right):

- expected calibration error (Naeini et al. 2015): the mean over bins of |accuracy - confidence|,
  weighted by how many verdicts a bin holds;
- Brier score (1950): the mean of (p - y)^2; 0.25 is what a coin that says 0.5 would get.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from pipeline_defs import policies
from pipeline_defs.domain.calls.claims import Claim
from pipeline_defs.domain.calls.verdicts import Rules, Verdict, final_verdict, stability


@dataclass(frozen=True, slots=True)
class Judged:
    """A hypothesis with known truth, the verdict on it, and how stable that is."""

    hypothesis: str
    truth: bool
    verdict: Verdict
    stability: float | None

    @property
    def is_right(self) -> bool:
        """Whether a decided verdict says what is true."""
        return (self.verdict.status == "VALIDATED") == self.truth


@dataclass(frozen=True, slots=True)
class Bin:
    """Decided verdicts whose confidence lies from `low` to `high`; a point of the diagram."""

    low: float
    high: float
    verdicts: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a labelled set says of the verdicts. Figures of decided ones are None without any.

    `coverage`: share of hypotheses that were decided; `accuracy`: share of the decided that are
    right; `stability`: mean share of calls that could be left out without another verdict.
    """

    hypotheses: int
    claims: int
    decided: int
    coverage: float
    accuracy: float | None
    expected_error: float | None
    brier: float | None
    stability: float | None
    statuses: dict[str, int]
    reasons: dict[str, int]
    bins: tuple[Bin, ...]
    judged: tuple[Judged, ...]


def calibrate(
    claims: Iterable[Claim], truths: dict[str, bool], rules: Rules | None = None
) -> Calibration:
    """Judge every hypothesis of which the truth is known, as at the end of a campaign."""
    of_hypothesis: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        of_hypothesis[claim.hypothesis].append(claim)
    judged = tuple(
        _judged(name, truth, of_hypothesis[name], rules) for name, truth in truths.items()
    )
    decided = [case for case in judged if case.verdict.is_decided]
    bins = _bins(decided)
    stable = [case.stability for case in judged if case.stability is not None]
    return Calibration(
        hypotheses=len(judged),
        claims=sum(map(len, of_hypothesis.values())),
        decided=len(decided),
        coverage=len(decided) / len(judged) if judged else 0.0,
        accuracy=fmean(case.is_right for case in decided) if decided else None,
        expected_error=_expected_error(bins) if decided else None,
        brier=fmean((_confidence(c) - c.is_right) ** 2 for c in decided) if decided else None,
        stability=fmean(stable) if stable else None,
        statuses=dict(Counter(case.verdict.status for case in judged)),
        reasons=dict(Counter(case.verdict.reason for case in judged)),
        bins=bins,
        judged=judged,
    )


def _judged(name: str, truth: bool, claims: Sequence[Claim], rules: Rules | None) -> Judged:
    return Judged(name, truth, final_verdict(claims, rules), stability(claims, rules))


def _bins(decided: Sequence[Judged]) -> tuple[Bin, ...]:
    """Bins of equal width that hold a verdict, from low to high confidence."""
    count = policies.CALIBRATION_BINS
    members: defaultdict[int, list[Judged]] = defaultdict(list)
    for case in decided:
        number = int(round(_confidence(case) * count, 9))  # 0.7 is in the bin from 0.7 on
        members[min(number, count - 1)].append(case)
    return tuple(
        Bin(
            low=number / count,
            high=(number + 1) / count,
            verdicts=len(cases),
            confidence=fmean(map(_confidence, cases)),
            accuracy=fmean(case.is_right for case in cases),
        )
        for number, cases in sorted(members.items())
    )


def _expected_error(bins: Sequence[Bin]) -> float:
    total = sum(b.verdicts for b in bins)
    return sum(b.verdicts * abs(b.accuracy - b.confidence) for b in bins) / total


def _confidence(case: Judged) -> float:
    return case.verdict.confidence or 0.0
