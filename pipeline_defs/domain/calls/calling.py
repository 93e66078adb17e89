"""What is heard of a call, and what that changes: any order, late, twice. No I/O here.

The provider's webhooks come in any order and more than once, and a poller asks for the same. So
news never moves a call backwards, an end is final, and the same news a second time changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline_defs.domain.calls.campaigns import ENDED, UNREACHED, Call, Recording
from pipeline_defs.domain.errors import ErrorRecord
from pipeline_defs.domain.states import CALL

# Twilio's words for the states of a call, and ours.
STATUSES = {
    "queued": "queued",
    "initiated": "queued",
    "ringing": "ringing",
    "answered": "in_progress",
    "in-progress": "in_progress",
    "completed": "completed",
    "busy": "busy",
    "no-answer": "no_answer",
    "canceled": "cancelled",
    "failed": "failed",
}
REACHED = frozenset({"completed", "voicemail"})  # somebody or something answered
RANKS = {"queued": 0, "ringing": 1, "in_progress": 2}
ANSWERED = frozenset({"in_progress", "completed"})
RecordingState = Literal["in-progress", "completed", "absent", "failed"]
ABSENCES = {
    "16101": ("RECORDING_TOO_SHORT", "the call was too short to be recorded"),
    "16102": ("RECORDING_SILENT", "nothing was said in the recording"),
}
# SIP answers (RFC 3261) after which the same number fails again.
NO_SUCH_NUMBER = frozenset({"404", "410", "484", "604"})


@dataclass(frozen=True, slots=True)
class StatusNews:
    """A state of a call in the provider's words; `seconds` on the line once it is over.

    `answered_by`: human, or what kind of machine; `sip_code` how the carrier ended it.
    """

    status: str
    sequence: int | None = None
    seconds: int | None = None
    answered_by: str | None = None
    sip_code: str | None = None
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class RecordingNews:
    """A state of the recording of a call."""

    sid: str
    state: RecordingState
    channels: int | None = None
    seconds: float | None = None
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What news changes: the states a call passes through, what is known of it from now on."""

    path: tuple[str, ...] = ()
    sequence: int | None = None
    seconds: int | None = None
    recording: Recording | None = None
    is_absent: bool = False
    stage: str = "call"
    error: ErrorRecord | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """News that changes nothing, and why."""

    reason: str


def apply(call: Call, news: StatusNews | RecordingNews) -> Changes | Skipped:
    """What `news` changes of a call."""
    return _status(call, news) if isinstance(news, StatusNews) else _recording(call, news)


def path(before: str, after: str) -> tuple[str, ...]:
    """The states from one to another, one legal move after the other, through no end of a call.

    Empty where there is no way, or none is needed.
    """
    ways: list[tuple[str, ...]] = [()]
    seen = {before}
    while ways:
        way = ways.pop(0)
        here = way[-1] if way else before
        if here == after:
            return way
        for start, end in sorted(CALL.moves):
            if start == here and end not in seen and (end == after or end not in ENDED):
                seen.add(end)
                ways.append((*way, end))
    return ()


def billed_seconds(call: Call) -> int:
    """What the provider bills a call by that is over: answered, it costs a moment at least."""
    return max(1, call.seconds or 0) if call.status in REACHED else 0


def remark(call: Call, attempts_most: int) -> str | None:
    """What became of a contact that was not talked to and is not called again, in words."""
    if call.status == "voicemail":
        return "A machine answered, and the call was ended. This contact is not called again."
    if call.status in UNREACHED:
        how = "the line was busy" if call.status == "busy" else "nobody answered"
        return f"In attempt {call.attempt} of {attempts_most} {how}. No more follow."
    return None


def _status(call: Call, news: StatusNews) -> Changes | Skipped:
    status = STATUSES.get(news.status)
    if status is None:
        return Skipped(f"unknown status {news.status[:40]!r}")
    machine = (news.answered_by or "").startswith(("machine", "fax"))
    if machine and status in ANSWERED:
        status = "voicemail"
    if call.is_over:
        if call.seconds is None and news.seconds is not None and status in ENDED:
            return Changes(seconds=news.seconds, sequence=news.sequence)
        return Skipped(f"the call is over: {call.status}")
    if status == call.status or RANKS.get(status, 3) < RANKS[call.status]:
        return Skipped(f"the call is {call.status} already")
    return Changes(
        path=path(call.status, status),
        sequence=news.sequence,
        seconds=news.seconds,
        error=_failure(news) if status == "failed" else None,
    )


def _failure(news: StatusNews) -> ErrorRecord:
    code = news.sip_code or news.error_code or ""
    told = f" (code {code})" if code else ""
    if code in NO_SUCH_NUMBER:
        return ErrorRecord(
            "NUMBER_NOT_REACHABLE",
            f"the carrier knows no such number{told}",
            retryable=False,
            advice="Check the number of this contact.",
        )
    return ErrorRecord(
        "CALL_FAILED",
        f"the call failed at the carrier{told}",
        retryable=True,
        advice="Resume the campaign to call this contact again.",
    )


def _recording(call: Call, news: RecordingNews) -> Changes | Skipped:
    if call.recording is not None:
        same = call.recording.sid == news.sid
        return Skipped(f"{'this' if same else 'another'} recording is known already")
    if news.state == "in-progress":
        return Skipped("the call is still being recorded")
    if news.state == "completed":
        return Changes(recording=Recording(news.sid, news.channels or 0, news.seconds))
    if call.recording_state == "absent":
        return Skipped("it is known already that there is no recording")
    if call.is_over and call.status != "completed":  # nobody was to be heard
        return Changes(is_absent=True)
    code, message = ABSENCES.get(
        news.error_code or "", ("RECORDING_ABSENT", "the provider made no recording")
    )
    return Changes(
        is_absent=True,
        stage="recording",
        error=ErrorRecord(code, message, retryable=False, advice="Call this contact again."),
    )
