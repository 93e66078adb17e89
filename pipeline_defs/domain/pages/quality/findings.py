"""What the checks of a page answer, and what they are given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pipeline_defs import policies
from pipeline_defs.domain.frozen import Frozen
from pipeline_defs.domain.pages.components import PageComponents
from pipeline_defs.domain.pages.document import PageDocument
from pipeline_defs.domain.pages.facts import PageFacts
from pipeline_defs.domain.pages.outline import Outline

TOLD = 10  # faults of a check that are named


class Finding(Frozen):
    """A check's answer. `advice` says what to do where it failed, and is empty where it did not.

    A page fails by a `required` check alone.
    """

    check: str
    passed: bool
    required: bool
    advice: str = ""
    details: dict[str, Any] = {}


class QualityReport(Frozen):
    """All findings on a page. `score`: passed checks of 100, required ones count threefold."""

    score: int
    passed: bool
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> QualityReport:
        """The report on these findings."""
        told = tuple(findings)
        weights = [(3 if f.required else 1, f.passed) for f in told]
        reached = sum(weight for weight, passed in weights if passed)
        return cls(
            score=round(100 * reached / sum(weight for weight, _ in weights)) if weights else 100,
            passed=all(f.passed for f in told if f.required),
            findings=told,
        )

    def finding(self, check: str) -> Finding:
        """The answer of one check; KeyError where it was not asked."""
        return {f.check: f for f in self.findings}[check]


@dataclass(frozen=True, slots=True)
class Subject:
    """A page under check: the document, what it was made from, and how it reads.

    `nearest` is the best similarity to any other page of the organization, `nearest_page` its id.
    """

    document: PageDocument
    facts: PageFacts
    components: PageComponents
    outline: Outline
    nearest: float = 0.0
    nearest_page: str | None = None


def finding(check: str, passed: bool, advice: str, **details: Any) -> Finding:
    """An answer; whether the check is required stands in the policies."""
    return Finding(
        check=check,
        passed=passed,
        required=check not in policies.PAGE_QUALITY.advisory,
        advice="" if passed else advice,
        details=details,
    )


def faultless(check: str, faults: list[str], advice: str, **details: Any) -> Finding:
    """Passed where there is no fault; the first ones are named."""
    told: dict[str, Any] = {"faults": faults[:TOLD], "count": len(faults)} if faults else {}
    return finding(check, not faults, advice, **told, **details)
