"""The report of a campaign: tables, as CSV and as Markdown with quotes. No I/O here.

What respondents say must not run on a reader's machine: formulas in cells are made harmless.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline_defs.domain.calls.campaigns import Campaign, Hypothesis
from pipeline_defs.domain.calls.claims import GroundedClaim
from pipeline_defs.domain.calls.recipe import claims_on
from pipeline_defs.domain.spreadsheets import harmless_table

MARKS = {ord(mark): f"\\{mark}" for mark in "\\`*_[]<>|#"} | {ord("\n"): " "}
QUOTES_MOST = 8  # of a hypothesis in the Markdown; the CSV has them all
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """`files`: name to text; `summary` counts for lists and previews."""

    files: dict[str, str]
    summary: dict[str, Any]


def write_report(campaign: Campaign) -> Report:
    """Everything a campaign found out."""
    tables = {
        "hypotheses.csv": _hypotheses(campaign),
        "claims.csv": _claims(campaign),
        "calls.csv": _calls(campaign),
    }
    files = {name: _csv(rows) for name, rows in tables.items()}
    files["report.md"] = _markdown(campaign)
    return Report(files, summary(campaign))


def summary(campaign: Campaign) -> dict[str, Any]:
    """Counts of calls by outcome, of claims by stance, of verdicts by status."""
    claims = [claim for found in campaign.claims.values() for claim in found]
    verdicts = [h.verdict["status"] for h in campaign.hypotheses if h.verdict]
    return {
        "calls": _counts(call.status for call in campaign.calls),
        "claims": _counts(claim.stance for claim in claims),
        "verdicts": _counts(verdicts),
        "minutes": round(sum(call.seconds or 0 for call in campaign.calls) / 60, 1),
    }


def _counts(values: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return counts


def _hypotheses(campaign: Campaign) -> list[Row]:
    return [
        {
            "number": h.order,
            "field": h.field,
            "hypothesis": h.text,
            "verdict": verdict.get("status", ""),
            "reason": verdict.get("reason", ""),
            "confidence": verdict.get("confidence"),
            "supporting": verdict.get("supporting", 0),
            "opposing": verdict.get("opposing", 0),
            "stability": verdict.get("stability"),
            "conclusion": verdict.get("conclusion", ""),
        }
        for h in campaign.hypotheses
        for verdict in [h.verdict or {}]
    ]


def _claims(campaign: Campaign) -> list[Row]:
    return [
        {
            "hypothesis": hypothesis.order,
            "field": hypothesis.field,
            "call": call.order,
            "respondent": call.name,
            "stance": claim.stance,
            "confidence": round(claim.confidence, 3),
            "quote": claim.quote,
            "start": round(claim.start, 2),
            "end": round(claim.end, 2),
            "channel": claim.channel,
            "asr_confidence": claim.asr_confidence,
        }
        for hypothesis in campaign.hypotheses
        for call, claim in claims_on(campaign, hypothesis)
    ]


def _calls(campaign: Campaign) -> list[Row]:
    return [
        {
            "call": call.order,
            "name": call.name,
            "outcome": call.status,
            "attempts": call.attempt,
            "seconds": call.seconds,
            "words": (call.transcript or {}).get("words"),
            "claims": len(campaign.claims.get(call.order, ())),
            "problem": (call.error or {}).get("message", ""),
        }
        for call in campaign.calls
    ]


def _csv(rows: list[Row]) -> str:
    import pandas as pd

    frame = pd.DataFrame(rows)
    return harmless_table(frame).to_csv(index=False, lineterminator="\r\n")


def _markdown(campaign: Campaign) -> str:
    counts = summary(campaign)
    reached = counts["calls"].get("completed", 0)
    parts = [
        f"# {_plain(campaign.title)}",
        _plain(campaign.goal),
        f"{reached} of {len(campaign.calls)} people were interviewed, {counts['minutes']} minutes "
        f"in all; {sum(counts['claims'].values())} statements were found.",
        "## Verdicts",
        _table(
            ("Hypothesis", "Verdict", "For", "Against", "Confidence"),
            [_verdict_row(hypothesis) for hypothesis in campaign.hypotheses],
        ),
        *(_section(campaign, hypothesis) for hypothesis in campaign.hypotheses),
        "## Calls",
        _table(
            ("Call", "Who", "Outcome", "Attempts", "Seconds", "Statements"),
            [
                (
                    r["call"],
                    _plain(r["name"]),
                    r["outcome"],
                    r["attempts"],
                    r["seconds"] or "",
                    r["claims"],
                )
                for r in _calls(campaign)
            ],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _verdict_row(hypothesis: Hypothesis) -> tuple[Any, ...]:
    verdict = hypothesis.verdict or {}
    confidence = verdict.get("confidence")
    return (
        _plain(hypothesis.text),
        verdict.get("status", "not judged"),
        verdict.get("supporting", 0),
        verdict.get("opposing", 0),
        f"{confidence:.2f}" if confidence is not None else "",
    )


def _section(campaign: Campaign, hypothesis: Hypothesis) -> str:
    verdict = hypothesis.verdict or {}
    quotes = [
        f"> {_plain(claim.quote)}\n>\n> {_plain(call.name)}, {_clock(claim)}: {claim.stance}"
        for call, claim in claims_on(campaign, hypothesis)
    ]
    more = len(quotes) - QUOTES_MOST
    if more > 0:
        quotes = [*quotes[:QUOTES_MOST], f"and {more} more in claims.csv"]
    title = f"## {hypothesis.order}. {_plain(hypothesis.text)}"
    words = verdict.get("conclusion", "Not judged yet.")
    return "\n\n".join([title, words, *(quotes or ["Nobody said anything about it."])])


def _clock(claim: GroundedClaim) -> str:
    return f"{int(claim.start) // 60}:{int(claim.start) % 60:02d}"


def _table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def _plain(text: str) -> str:
    """Text of other people within Markdown: shown, never read as markup."""
    return text.translate(MARKS)
