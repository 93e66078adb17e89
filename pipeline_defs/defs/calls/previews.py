"""What the Dagster UI shows of a result: words, tables, plots and links instead of ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline_defs.domain.calls.accuracy import word_error_rate
from pipeline_defs.domain.calls.campaigns import Call, Campaign, Hypothesis
from pipeline_defs.domain.calls.claims import GroundedClaim
from pipeline_defs.domain.calls.numbers import masked
from pipeline_defs.domain.calls.recipe import claims_on
from pipeline_defs.domain.calls.report import Report
from pipeline_defs.domain.calls.transcripts import Transcript

MOST_ROWS = 200  # of a table in the event log; all of them stand in our tables
MOST_CHARS = 20_000


def titled(campaign: Campaign, part: Call | Hypothesis | None = None) -> dict[str, Any]:
    """What a person calls it, as its partition key says little."""
    match part:
        case Call():
            return {"title": f"{campaign.title} · call {part.order}: {part.name}"}
        case Hypothesis():
            return {"title": f"{campaign.title} · hypothesis {part.order}: {part.text}"}
        case None:
            return {"title": campaign.title}


def call(campaign: Campaign, of: Call) -> dict[str, Any]:
    """How a call went."""
    return {
        **titled(campaign, of),
        "outcome": of.status,
        "number": masked(of.phone),
        "attempt": of.attempt,
        "seconds": of.seconds or 0,
        "problem": (of.error or {}).get("message"),
    }


def recording(campaign: Campaign, of: Call) -> dict[str, Any]:
    """What the provider says of it; it plays in Studio."""
    about: dict[str, Any] = {**titled(campaign, of)}
    if of.recording is not None:
        about |= {"seconds": of.recording.seconds, "channels": of.recording.channels}
    return about


def transcript(campaign: Campaign, of: Call, said: Transcript) -> dict[str, Any]:
    """How long it is, who spoke how much, and the conversation as a table.

    The word error rate where it is known what the respondent said, and only there.
    """
    wrong = word_error_rate(of.script, said)
    words = Counter({"AI": 0, "HUMAN": 0})
    for utterance in said.utterances:
        words[utterance.speaker] += len(utterance.words)
    return {
        **titled(campaign, of),
        "seconds": round(said.seconds, 1),
        "words": words.total(),
        "words_of_respondent": words["HUMAN"],
        "utterances": len(said.utterances),
        "layout": said.layout,
        "warnings": "; ".join(said.warnings) or None,
        **({} if wrong is None else {"word_error_rate": round(wrong, 3)}),
        "transcript": {
            "table": [
                {
                    "start": round(u.start, 2),
                    "end": round(u.end, 2),
                    "speaker": u.speaker,
                    "channel": u.channel,
                    "voice": u.voice,
                    "text": u.text,
                }
                for u in said.utterances[:MOST_ROWS]
            ]
        },
    }


def claims(
    campaign: Campaign, of: Call, found: list[GroundedClaim], summary: Mapping[str, Any]
) -> dict[str, Any]:
    """The statements as a table, and what was refused."""
    return {
        **titled(campaign, of),
        "found": len(found),
        "refused": summary["refused"],
        "flagged": summary["flagged"],
        "confidence": _mean([claim.confidence for claim in found]),
        "served_by": summary["served_by"],
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
        "flagged_utterances": {"table": list(summary["flagged_utterances"])},
    }


def evidence(campaign: Campaign, hypothesis: Hypothesis) -> dict[str, Any]:
    """How much was said on a hypothesis."""
    said = list(claims_on(campaign, hypothesis))
    return {
        **titled(campaign, hypothesis),
        "claims": len(said),
        "respondents": len({call.respondent for call, _ in said}),
    }


def verdict(
    campaign: Campaign, hypothesis: Hypothesis, passed: Mapping[str, Any]
) -> dict[str, Any]:
    """The verdict, its reason, and the quotes it rests on."""
    return {
        **titled(campaign, hypothesis),
        "verdict": passed["status"],
        "conclusion": passed["conclusion"],
        "confidence": _rounded(passed["confidence"]),
        "stability": _rounded(passed["stability"]),
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
    }


def findings(campaign: Campaign) -> dict[str, Any]:
    """What the report is about."""
    return {
        **titled(campaign),
        "hypotheses": len(campaign.hypotheses),
        "calls": len(campaign.calls),
    }


def report(campaign: Campaign, written: Report) -> dict[str, Any]:
    """The report as it reads, and the verdicts at once."""
    verdicts = [
        {"hypothesis": h.text, "verdict": (h.verdict or {}).get("status", "open")}
        for h in campaign.hypotheses
    ]
    return {
        **titled(campaign),
        "report": {"md": written.files["report.md"][:MOST_CHARS]},
        "interviews": written.summary["calls"].get("completed", 0),
        "calls": len(campaign.calls),
        "claims": sum(written.summary["claims"].values()),
        "minutes": written.summary["minutes"],
        "campaign_cost_usd": float(campaign.spent_usd),
        "verdicts": {"table": verdicts},
    }


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 3) if values else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
