"""Applies what is heard of calls, by webhook or by asking; whoever hears first is right.

Everything happens in one transaction with the arrival: the call's states, the next attempt of a
contact that was not reached, the campaign woken up for what can be done now.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from pipeline_defs.domain.calls import calling, gates
from pipeline_defs.domain.calls.calling import Changes, RecordingNews, Skipped, StatusNews
from pipeline_defs.domain.calls.campaigns import UNREACHED, Call
from pipeline_defs.domain.keys import is_unit_id, split_part
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.gateways.endpoints import is_configured
from pipeline_defs.runtime import control
from pipeline_defs.settings import Settings
from pipeline_defs.storage import calls, campaigns, units
from pipeline_defs.storage.database import Transaction

STATUS_PATH = "/webhooks/twilio/status"
RECORDING_PATH = "/webhooks/twilio/recording"
ACTOR = "telephone"
OUTCOMES = {
    "ringing": ("started", "is ringing"),
    "in_progress": ("started", "is talking"),
    "completed": ("finished", "has hung up"),
    "busy": ("skipped", "was busy"),
    "no_answer": ("skipped", "did not answer"),
    "voicemail": ("skipped", "was not there: a machine answered"),
    "cancelled": ("cancelled", "was not called"),
    "failed": ("failed", "could not be called"),
}


def callback_urls(settings: Settings, org_id: str, call: Call) -> tuple[str | None, str | None]:
    """Where the provider tells of a call's status and of its recording; None where it cannot."""
    base = settings.public_base_url
    if base is None and not is_configured("twilio", settings):
        base = settings.gateway_url  # the local exchange is on this machine
    if base is None:
        return None, None
    query = urlencode({"org": org_id, "call": call.key, "attempt": call.attempt})
    return f"{base.rstrip('/')}{STATUS_PATH}?{query}", f"{base.rstrip('/')}{RECORDING_PATH}?{query}"


def named_call(url: str) -> tuple[str, str, int, int] | None:
    """Organization, campaign, call and attempt that a callback's address names, if it names any."""
    query = parse_qs(urlsplit(url).query)
    try:
        (org_id,), (key,), (attempt,) = query["org"], query["call"], query["attempt"]
        campaign_id, order = split_part(key)
        return (org_id, campaign_id, order, int(attempt)) if is_unit_id(org_id) else None
    except (KeyError, ValueError):
        return None


async def hear(
    tx: Transaction,
    campaign_id: str,
    order: int,
    attempt: int,
    sid: str,
    news: StatusNews | RecordingNews,
) -> str | None:
    """Apply news of the provider's call `sid`; why nothing changed, or None where something did.

    A call whose order was answered too late, or never, is told its `sid` by this.
    """
    unit = await tx.one("units.lock", id=campaign_id)
    call = await calls.get(tx, campaign_id, order)
    if unit is None or call is None:
        return "there is no such call"
    if call.attempt != attempt:
        return f"attempt {attempt} is over"
    if call.sid is None and call.status == "queued" and call.intended_at is not None:
        await calls.placed(tx, call, sid)
    elif call.sid != sid:
        return "this attempt is another call of the provider's"
    return await apply(tx, call, news)


async def apply(tx: Transaction, call: Call, news: StatusNews | RecordingNews) -> str | None:
    """Apply news of a call whose campaign is locked; see `hear`."""
    changes = calling.apply(call, news)
    if isinstance(changes, Skipped):
        await calls.heard(tx, call)
        return changes.reason
    await calls.heard(
        tx,
        call,
        sequence=changes.sequence,
        seconds=changes.seconds,
        recording=changes.recording,
        recording_state="absent" if changes.is_absent else None,
    )
    await calls.move(tx, call, changes.path)
    # a recording may have been given up, and nobody misses that of a machine
    if changes.recording is not None or changes.path[-1:] == ("voicemail",):
        await tx.run("calls.clear_errors", campaign_id=call.campaign_id, orders=[call.order])
    if changes.error is not None:
        await calls.set_error(tx, call, changes.stage, changes.error)
    await _tell(tx, call, changes)
    if changes.path and changes.path[-1] in UNREACHED:
        await _try_again(tx, call)
    await _wake(tx, call, changes)
    return None


async def _try_again(tx: Transaction, call: Call) -> None:
    """Queue the contact for another attempt, if the campaign wants one."""
    campaign = await campaigns.read(tx, call.campaign_id)
    at = gates.next_attempt(campaign, call, datetime.now(UTC)) if campaign else None
    if at is not None:
        await calls.begin_attempt(tx, call, at)


async def _wake(tx: Transaction, call: Call, changes: Changes) -> None:
    """A campaign at rest looks at once; one that was finished opens again for a late recording."""
    unit = await tx.one("units.lock", id=call.campaign_id)
    status = str(unit["status"]) if unit else ""
    is_readable = changes.recording is not None and call.status == "completed"
    if status in ("completed", "incomplete") and is_readable:
        await units.requeue(
            tx, call.campaign_id, status, ACTOR, "campaigns.reopened", call=call.order
        )
    elif status not in FINAL_STATES:
        await control.wake(tx, call.campaign_id)


async def _tell(tx: Transaction, call: Call, changes: Changes) -> None:
    more: dict[str, Any] = {}
    if changes.error is not None:
        more["error"] = changes.error.as_dict()
    if changes.path:
        outcome, words = OUTCOMES[changes.path[-1]]
        more["call_status"] = changes.path[-1]
        message = f"Call {call.order}: {call.name} {words}"
    elif changes.recording is not None:
        outcome, message = "finished", f"Call {call.order}: recorded"
    elif changes.error is not None:
        outcome, message = "failed", f"Call {call.order}: {changes.error.message}"
    else:
        return
    units.append_progress(
        tx,
        call.campaign_id,
        stage="call",
        outcome=outcome,
        message=message,
        part=call.key,
        **more,
    )
