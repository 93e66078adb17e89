"""Stored news of calls and recordings, as they are applied: at once, or tried again later."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from pipeline_defs.domain.calls.calling import RecordingNews, RecordingState, StatusNews
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.keys import split_part
from pipeline_defs.gateways.telephony import signatures
from pipeline_defs.runtime.arrivals import Outcome
from pipeline_defs.runtime.call_events import hear
from pipeline_defs.storage.database import Transaction


class TelephoneEvent(BaseModel):
    """What is kept of a webhook; `parameters` are all it had, for people to look at."""

    model_config = ConfigDict(extra="ignore")

    call: str
    attempt: int
    sid: str
    news: dict[str, Any]


async def apply_status(tx: Transaction, data: dict[str, Any], _actor: str) -> Outcome:
    """A stored status webhook."""
    event = TelephoneEvent.model_validate(data)
    return await _apply(tx, event, StatusNews(**event.news))


async def apply_recording(tx: Transaction, data: dict[str, Any], _actor: str) -> Outcome:
    """A stored recording webhook."""
    event = TelephoneEvent.model_validate(data)
    return await _apply(tx, event, RecordingNews(**event.news))


class RecordingReady(BaseModel):
    """The event `call/recording-ready`: another system tells of a recording."""

    model_config = ConfigDict(extra="forbid")

    call: str
    call_sid: str
    recording_sid: str
    state: RecordingState = "completed"
    channels: int | None = None
    seconds: float | None = None


async def recording_ready(tx: Transaction, data: dict[str, Any], _actor: str) -> Outcome:
    """The same by a signed event of another system."""
    event = RecordingReady.model_validate(data)
    for pattern, value in (("CallSid", event.call_sid), ("RecordingSid", event.recording_sid)):
        if not signatures.PATTERNS[pattern].fullmatch(value):
            raise Permanent("INVALID_EVENT", f"{pattern}: is not an id of Twilio")
    row = await tx.one("calls.by_sid", sid=event.call_sid)
    attempt = int(row["attempt"]) if row else 1
    told = TelephoneEvent(call=event.call, attempt=attempt, sid=event.call_sid, news={})
    news = RecordingNews(event.recording_sid, event.state, event.channels, event.seconds)
    return await _apply(tx, told, news)


async def _apply(
    tx: Transaction, event: TelephoneEvent, news: StatusNews | RecordingNews
) -> Outcome:
    try:
        campaign_id, order = split_part(event.call)
    except ValueError as error:
        raise Permanent("INVALID_EVENT", "call: must be the key of a call") from error
    skipped = await hear(tx, campaign_id, order, event.attempt, event.sid, news)
    return Outcome("ignored" if skipped else "done", campaign_id, skipped)
