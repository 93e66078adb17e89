"""Calibration, against cases worked out by hand."""

from __future__ import annotations

import pytest

from pipeline_defs.domain.calls.calibration import calibrate
from pipeline_defs.domain.calls.claims import Claim, Stance
from pipeline_defs.domain.calls.verdicts import Rules


def agreed(hypothesis: str, stance: Stance, confidence: float) -> list[Claim]:
    return [
        Claim(hypothesis, f"{hypothesis}-call-{n}", f"{hypothesis}-{n}", stance, confidence)
        for n in range(3)
    ]


CLAIMS = [
    *agreed("right", "supports", 0.9),
    *agreed("wrong", "supports", 0.7),
    *agreed("refuted", "opposes", 0.7),
    *agreed("open", "supports", 0.9)[:2],
]
TRUTHS = {"right": True, "wrong": False, "refuted": False, "open": True, "silent": False}


# Three who agree and are understood with c: (c^4 - 0.5^4) / (c^4 - (1 - c)^4), see `majority`.
SURE, UNSURE = (0.9**4 - 0.5**4) / (0.9**4 - 0.1**4), (0.7**4 - 0.5**4) / (0.7**4 - 0.3**4)


def test_figures_of_a_small_set() -> None:
    found = calibrate(CLAIMS, TRUTHS)
    assert (found.hypotheses, found.claims, found.decided) == (5, 11, 3)
    assert found.coverage == pytest.approx(3 / 5)
    assert found.accuracy == pytest.approx(2 / 3)
    # bins: 0.7-0.8 holds one right and one wrong at 0.77, 0.9-1.0 one right at 0.90
    wanted = (2 * abs(0.5 - UNSURE) + abs(1 - SURE)) / 3
    assert found.expected_error == pytest.approx(wanted, abs=1e-6)
    wanted = ((SURE - 1) ** 2 + UNSURE**2 + (UNSURE - 1) ** 2) / 3
    assert found.brier == pytest.approx(wanted, abs=1e-6)
    assert found.statuses == {"VALIDATED": 2, "INVALIDATED": 1, "INCONCLUSIVE": 2}
    assert found.reasons == {"agreed": 2, "contradicted": 1, "too_few": 2}
    points = [(part.low, part.verdicts, part.accuracy) for part in found.bins]
    assert points == [(0.7, 2, 0.5), (0.9, 1, 1.0)]


def test_a_set_without_decisions_has_no_figures_of_decisions() -> None:
    found = calibrate([], {"silent": True})
    assert (found.decided, found.coverage, found.bins) == (0, 0.0, ())
    assert found.accuracy is found.expected_error is found.brier is found.stability is None


def test_full_confidence_is_in_the_last_bin() -> None:
    found = calibrate(agreed("sure", "supports", 1.0), {"sure": True})
    assert [(part.low, part.high) for part in found.bins] == [(0.9, 1.0)]
    assert found.expected_error == pytest.approx(1 / 16, abs=1e-6)  # three can be a chance


def test_rules_apply_to_verdicts_and_to_their_stability() -> None:
    claims = [*agreed("h", "supports", 0.9), Claim("h", "x", "x", "opposes", 0.9)]
    assert calibrate(claims, {"h": True}).decided == 0
    found = calibrate(claims, {"h": True}, Rules(margin=2))
    assert found.decided == 1
    assert found.stability == pytest.approx(1 / 4)
