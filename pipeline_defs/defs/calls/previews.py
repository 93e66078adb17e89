"""What the Dagster UI shows of a result: words, tables, plots and links instead of ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline_defs.defs.calls.campaigning import studio
from pipeline_defs.domain.calls.campaigns import Call, Campaign, Hypothesis
from pipeline_defs.domain.calls.claims import GroundedClaim
from pipeline_defs.domain.calls.numbers import masked
from pipeline_defs.domain.calls.recipe import claims_on
from pipeline_defs.domain.calls.report import Report
from pipeline_defs.domain.calls.transcripts import Transcript
from pipeline_defs.runtime.driving import Assignment

MOST_ROWS = 200  # of a table in the event log; all of them stand in our tables
MOST_CHARS = 20_000


def call(job: Assignment, of: Call) -> dict[str, Any]:
    """How a call went."""
    return {
        "outcome": of.status,
        "who": of.name,
        "number": masked(of.phone),
        "attempt": of.attempt,
        "seconds": of.seconds or 0,
        "problem": (of.error or {}).get("message", "none"),
        **studio(job, f"#call-{of.order}"),
    }


def transcript(job: Assignment, of: Call, said: Transcript) -> dict[str, Any]:
    """The conversation as a table, and how long it is."""
    return {
        "transcript": {
            "table": [
                {
                    "start": round(u.start, 2),
                    "end": round(u.end, 2),
                    "speaker": u.speaker,
                    "channel": u.channel,
                    "text": u.text,
                }
                for u in said.utterances[:MOST_ROWS]
            ]
        },
        "seconds": round(said.seconds, 1),
        "utterances": len(said.utterances),
        "words": sum(len(u.words) for u in said.utterances),
        "layout": said.layout,
        "warnings": "; ".join(said.warnings) or "none",
        **studio(job, f"#call-{of.order}"),
    }


def claims(
    job: Assignment,
    campaign: Campaign,
    of: Call,
    found: list[GroundedClaim],
    summary: Mapping[str, Any],
) -> dict[str, Any]:
    """The statements as a table, and what was refused."""
    return {
        "claims": {
            "table": [
                {
                    "hypothesis": campaign.hypotheses[claim.hypothesis - 1].field,
                    "stance": claim.stance,
                    "confidence": round(claim.confidence, 2),
                    "quote": claim.quote,
                    "start": round(claim.start, 2),
                }
                for claim in found[:MOST_ROWS]
            ]
        },
        "found": len(found),
        "refused": summary["refused"],
        "flagged_utterances": summary["flagged"],
        "served_by": summary["served_by"],
        **studio(job, f"#call-{of.order}"),
    }


def verdict(
    job: Assignment, campaign: Campaign, hypothesis: Hypothesis, passed: Mapping[str, Any]
) -> dict[str, Any]:
    """The verdict, its reason, and the quotes it rests on."""
    return {
        "verdict": passed["status"],
        "conclusion": passed["conclusion"],
        "hypothesis": hypothesis.text,
        "confidence": _share(passed["confidence"]),
        "stability": _share(passed["stability"]),
        "supporting": passed["supporting"],
        "opposing": passed["opposing"],
        "evidence": {
            "table": [
                {
                    "call": call.order,
                    "respondent": call.name,
                    "stance": claim.stance,
                    "confidence": round(claim.confidence, 2),
                    "quote": claim.quote,
                }
                for call, claim in list(claims_on(campaign, hypothesis))[:MOST_ROWS]
            ]
        },
        **studio(job, f"#hypothesis-{hypothesis.order}"),
    }


def report(job: Assignment, campaign: Campaign, written: Report) -> dict[str, Any]:
    """The report as it reads."""
    return {
        "report": {"md": written.files["report.md"][:MOST_CHARS]},
        "interviews": written.summary["calls"].get("completed", 0),
        "calls": len(campaign.calls),
        "claims": sum(written.summary["claims"].values()),
        "minutes": written.summary["minutes"],
        "cost_of_campaign_usd": float(campaign.spent_usd),
        **studio(job),
    }


def _share(value: float | None) -> float | str:
    return "none" if value is None else round(value, 3)
