"""A campaign in the terminal: its calls, its hypotheses, what went wrong and what to do next."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from pipeline_defs.cli.client import Api
from pipeline_defs.cli.program import typed
from pipeline_defs.cli.tables import counted, line, moment, render, table, usd
from pipeline_defs.cli.unit_text import failures, head, labelled, next_steps, unit_failure


def overview(campaign: dict[str, Any], api: Api) -> str:
    """Everything about a campaign."""
    parts: list[RenderableType] = [*head(campaign, campaign["title"])]
    if campaign["paused"]:
        parts.append(line("Paused: no further calls are placed", style="yellow"))
    parts += [Text(), _hypotheses(campaign), Text(), _calls(campaign["calls"])]
    return render(*parts, Text(), *_end(campaign, api))


def summary(campaign: dict[str, Any], api: Api) -> str:
    """What became of a campaign that was waited for."""
    top = head(campaign, campaign["title"])
    return render(Text(), *top, Text(), _hypotheses(campaign), *_end(campaign, api))


def facts(campaign: dict[str, Any]) -> dict[str, Any]:
    """Title, interviews and verdicts, for short reports."""
    verdicts = [h["verdict"]["status"] for h in campaign["hypotheses"] if h["verdict"]]
    return {
        "title": campaign["title"],
        "calls": len(campaign["calls"]),
        "interviews": campaign["counts"].get("completed", 0),
        "verdicts": verdicts,
    }


def report_lines(result: dict[str, Any]) -> tuple[list[str], list[tuple[str, str]]]:
    """What the demo's report says of those facts."""
    verdicts = Counter(status.lower() for status in result["verdicts"])
    interviewed = f"{result['interviews']} of {result['calls']} people interviewed"
    remarks = [interviewed, *(f"{count} {status}" for status, count in verdicts.items())]
    return remarks, []


def to_try(own: str) -> list[str]:
    """Commands worth trying on a finished campaign."""
    return [typed(f"campaign transcript {own}/001"), typed(f"campaign report {own}")]


def transcript_text(call: dict[str, Any]) -> str:
    """A conversation with its times, and the statements taken from it."""
    lines: list[RenderableType] = [
        line(f"Call {call['number']}: {call['name']}", call["status"], style="bold"),
        Text(),
    ]
    for said in call["utterances"]:
        lines.append(line(f"{clock(said['start'])}  {said['speaker']:<7} {said['text']}"))
        lines += [
            line(f"       kept from the model: {text}", style="yellow") for text in said["flagged"]
        ]
    if call["statements"]:
        lines += [Text(), statements(call)]
    return render(*lines)


def statements(call: dict[str, Any]) -> RenderableType:
    """What was taken from a conversation."""
    rows = [
        (c["hypothesis"], c["stance"], f"{c['confidence']:.2f}", clock(c["start"]), c["quote"])
        for c in call["statements"]
    ]
    return table((">hypothesis", "stance", ">confidence", ">at", "quote"), rows)


def clock(seconds: float) -> str:
    """`1:05.3`."""
    return f"{int(seconds) // 60}:{seconds % 60:04.1f}"


def outcome(call: dict[str, Any]) -> str:
    """How a call stands, or when the contact is called again."""
    status = call["status"].replace("_", " ")
    if call["status"] == "queued" and call["attempt"] > 1 and call["due_at"]:
        return f"again at {moment(call['due_at'])}"
    return status


def _hypotheses(campaign: dict[str, Any]) -> RenderableType:
    rows = []
    for hypothesis in campaign["hypotheses"]:
        verdict = hypothesis["verdict"] or {}
        confidence = verdict.get("confidence")
        rows.append(
            (
                hypothesis["number"],
                hypothesis["text"],
                "stale" if hypothesis["stale"] else verdict.get("status", "-"),
                verdict.get("supporting", ""),
                verdict.get("opposing", ""),
                f"{confidence:.2f}" if confidence is not None else "",
                verdict.get("reason", "").replace("_", " "),
            )
        )
    columns = (">#", "hypothesis", "verdict", ">for", ">against", ">confidence", "because")
    return table(columns, rows)


def _calls(calls: list[dict[str, Any]]) -> RenderableType:
    rows = [
        (
            call["number"],
            call["name"],
            outcome(call),
            f"{call['attempt']}/{call['attempts_most']}",
            call["seconds"] or "",
            (call["transcript"] or {}).get("words", ""),
            call["claims"] or "",
            usd(call["cost_usd"]),
            (call["error"] or {}).get("message", ""),
        )
        for call in calls
    ]
    names = [">#", "who", "outcome", ">try", ">seconds", ">words", ">claims", ">cost", "problem"]
    if not any(row[-1] for row in rows):
        names, rows = names[:-1], [row[:-1] for row in rows]
    return table(names, rows)


def _end(campaign: dict[str, Any], api: Api) -> list[Text]:
    errors = [
        (f"Call {call['number']}", call["error"])
        for call in campaign["calls"]
        if call["error"] and call["error_stage"] != "call"
    ]
    stale = any(h["stale"] for h in campaign["hypotheses"]) or any(
        call["stale"] for call in campaign["calls"]
    )
    return [
        line(
            counted(campaign["counts"].get("completed", 0), "interview"),
            counted(sum(call["claims"] for call in campaign["calls"]), "statement"),
        ),
        *failures([*errors, *unit_failure(campaign)]),
        *next_steps(campaign, api, _links(campaign), stale=stale, edits=[]),
    ]


def _links(campaign: dict[str, Any]) -> list[Text]:
    if campaign["report"] is None:
        return []
    return [labelled("Report", typed(f"campaign report {campaign['id']}"))]
