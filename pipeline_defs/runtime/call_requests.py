"""Signed events that ask for a step of a campaign. The campaign itself knows what is due; an event
makes it look at once, or is skipped with the reason why there is nothing to do.
"""

from __future__ import annotations

from typing import Any

from pipeline_defs.domain.calls import recipe
from pipeline_defs.domain.calls.campaigns import Call, Campaign
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.keys import split_part
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.runtime import control
from pipeline_defs.runtime.arrivals import Outcome
from pipeline_defs.storage import campaigns
from pipeline_defs.storage.database import Transaction


async def orchestrate(tx: Transaction, data: dict[str, Any], _actor: str) -> Outcome:
    """`call/orchestrate`: place a call."""
    campaign, call = await _call(tx, data)
    if call.sid is not None:
        return _skipped(campaign, f"call {call.order} was placed: it is {call.status}")
    if call.status != "queued":
        return _skipped(campaign, f"call {call.order} is {call.status}")
    if not campaign.is_active:
        why = "paused" if campaign.paused else campaign.status
        return _skipped(campaign, f"the campaign is {why}")
    return await _look(tx, campaign)


async def transcribe(tx: Transaction, data: dict[str, Any], _actor: str) -> Outcome:
    """`call/transcribe`: transcribe a recording."""
    campaign, call = await _call(tx, data)
    if call.transcript is not None:
        return _skipped(campaign, "its transcript and utterances exist")
    if call.recording is None:
        return _skipped(campaign, f"call {call.order} has no recording: it is {call.status}")
    return await _look(tx, campaign)


async def extract(tx: Transaction, data: dict[str, Any], _actor: str) -> Outcome:
    """`claim/extract`: extract claims from a transcript."""
    campaign, call = await _call(tx, data)
    if call.extraction is not None:
        return _skipped(campaign, "its claims of this generation exist")
    if call.transcript is None:
        return _skipped(campaign, f"call {call.order} is not transcribed")
    return await _look(tx, campaign)


async def validate(tx: Transaction, data: dict[str, Any], _actor: str) -> Outcome:
    """`claim/validate`: judge a hypothesis."""
    campaign, order = await _part(tx, data, "hypothesis")
    if not 1 <= order <= len(campaign.hypotheses):
        raise Permanent("NOT_FOUND", f"campaign {campaign.id} has no hypothesis {order}")
    hypothesis = campaign.hypotheses[order - 1]
    stale = recipe.is_stale(campaign, recipe.HYPOTHESIS_VERDICT, hypothesis.key)
    if hypothesis.verdict is not None and not stale:
        return _skipped(campaign, f"its verdict stands: {hypothesis.verdict['status']}")
    return await _look(tx, campaign)


async def _call(tx: Transaction, data: dict[str, Any]) -> tuple[Campaign, Call]:
    campaign, order = await _part(tx, data, "call")
    if not 1 <= order <= len(campaign.calls):
        raise Permanent("NOT_FOUND", f"campaign {campaign.id} has no call {order}")
    return campaign, campaign.calls[order - 1]


async def _part(tx: Transaction, data: dict[str, Any], name: str) -> tuple[Campaign, int]:
    try:
        campaign_id, order = split_part(str(data.get(name)))
    except ValueError as error:
        raise Permanent("INVALID_EVENT", f"{name}: must be a key like campaign-.../01") from error
    return await campaigns.required(tx, campaign_id), order


async def _look(tx: Transaction, campaign: Campaign) -> Outcome:
    if campaign.status in FINAL_STATES:
        return _skipped(campaign, f"the campaign is {campaign.status}")
    await control.wake(tx, campaign.id)
    return Outcome("done", campaign.id)


def _skipped(campaign: Campaign, reason: str) -> Outcome:
    return Outcome("ignored", campaign.id, reason)
