"""One call of a campaign in the terminal: attempts, recording, what was said, what to do next."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from rich.text import Text

from pipeline_defs.cli.campaign_text import clock, outcome, statements
from pipeline_defs.cli.client import Api
from pipeline_defs.cli.program import typed
from pipeline_defs.cli.tables import counted, line, moment, render, table, usd
from pipeline_defs.cli.unit_text import failures, labelled
from pipeline_defs.domain.states import FINAL_STATES

TALKED = "completed"
RECORDINGS = {"awaited": "not here yet", "ready": "there, not read yet", "absent": "none"}


def call_text(call: dict[str, Any], campaign: dict[str, Any], api: Api) -> str:
    """Everything about a call but the conversation itself."""
    where = call["error_stage"] or "call"
    errors = [(where.capitalize(), call["error"])] if call["error"] else []
    return render(
        line(f"Call {call['number']}: {call['name']}", campaign["title"], style="bold"),
        line(call["key"], outcome(call), call["phone"], usd(call["cost_usd"])),
        Text(),
        _attempts(call),
        Text(),
        *([line(call["remark"])] if call["remark"] else []),
        *_found(call),
        *failures(errors),
        Text(),
        *_next(call, campaign, api),
    )


def _attempts(call: dict[str, Any]) -> RenderableType:
    attempts = [*call["earlier_attempts"], call]
    rows = [
        (
            f"{attempt['attempt']}/{call['attempts_most']}",
            outcome(call) if attempt is call else attempt["status"].replace("_", " "),
            moment(attempt["ended_at"]) if attempt["ended_at"] else "",
            "" if attempt["seconds"] is None else attempt["seconds"],
        )
        for attempt in attempts
    ]
    return table((">try", "outcome", "ended", ">seconds"), rows)


def _found(call: dict[str, Any]) -> list[RenderableType]:
    if call["status"] != TALKED:
        return []
    said = call["transcript"]
    lines: list[RenderableType] = [line(f"Recording: {_recording(call)}")]
    if said is None:
        return lines
    words, turns = counted(said["words"], "word"), counted(said["utterances"], "utterance")
    wrong = said["word_error_rate"]
    measured = "" if wrong is None else f"{wrong:.1%} of the script's words wrong"
    lines.append(line(f"Transcript: {words} in {turns}", measured))
    lines += [line(f"  {warning}", style="yellow") for warning in said["warnings"]]
    refused = f"{call['refused']} refused" if call["refused"] else ""
    flagged = f"{call['flagged']} kept from the model" if call["flagged"] else ""
    lines.append(line(counted(call["claims"], "statement"), refused, flagged))
    if call["statements"]:
        lines += [Text(), statements(call)]
    return lines


def _recording(call: dict[str, Any]) -> str:
    recording = call["recording"]
    if recording is None:
        return RECORDINGS[call["recording_state"]]
    return f"{clock(recording['seconds'])} min, {counted(recording['channels'], 'channel')}"


def _next(call: dict[str, Any], campaign: dict[str, Any], api: Api) -> list[Text]:
    """Where to look and listen, and the command that comes next."""
    studio = api.absolute(f"{campaign['links']['studio']}/calls/{call['number']}")
    lines = [labelled("Studio", studio)]
    if call["transcript"]:
        lines.append(labelled("Said", typed(f"campaign transcript {call['key']}")))
    if campaign["status"] not in FINAL_STATES:
        return [*lines, labelled("Follow", typed(f"show {campaign['id']} --wait"))]
    if call["error"] and call["error"]["retryable"]:
        lines.append(labelled("Go on", typed(f"resume {campaign['id']} --wait")))
    elif call["stale"]:
        lines.append(labelled("Update", typed(f"rebuild {call['key']} --wait")))
    return lines
