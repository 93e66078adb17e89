"""Studio's pages of a campaign: its hypotheses and calls, and one call to listen to."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from pipeline_defs.domain.calls.requests import CampaignRebuild
from pipeline_defs.domain.keys import is_unit_id
from pipeline_defs.domain.kinds import CAMPAIGNS
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.storage.campaign_changes import to_make
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.api.campaigns import call_of, view_of
from pipeline_defs.web.campaign_shape import (
    CampaignView,
    campaign_shape,
    read_campaign,
    remaking,
)
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.studio.rendering import page, signed_in
from pipeline_defs.web.unit_routes import missing

OUTCOMES = ("completed", "queued", "no_answer", "busy", "voicemail", "failed", "cancelled")
router = APIRouter(include_in_schema=False)


@router.get("/studio/campaigns/{campaign_id}")
async def campaign_page(request: Request, campaign_id: str, outcome: str | None = None) -> Response:
    """One campaign: verdicts with their evidence, calls, actions."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    if not is_unit_id(campaign_id):
        raise missing(CAMPAIGNS)
    gateway = gateway_of(request)

    async def read(tx: Transaction) -> tuple[CampaignView | None, dict[str, Any] | None]:
        view = await read_campaign(tx, campaign_id)
        return view, await tx.one("progress.bounds", unit_id=campaign_id)

    view, bounds = await gateway.database.transact(caller.org_id, read)
    if view is None:
        raise missing(CAMPAIGNS)
    resting = view.campaign.status in FINAL_STATES
    shape = campaign_shape(view, gateway.links)
    outcome = outcome if outcome in OUTCOMES else None
    context: dict[str, Any] = {
        "u": shape,
        "calls": [call for call in shape.calls if outcome in (None, call.status)],
        "outcomes": [name for name in OUTCOMES if shape.counts.get(name)],
        "outcome": outcome,
        "usage": view.usage,
        "plan": remaking(to_make(view.campaign, CampaignRebuild())) if resting else None,
        "resting": resting,
        "last_seq": (bounds["last_seq"] or 0) if bounds else 0,
        "organization": caller.org_id,
    }
    return page("campaign.html", context)


@router.get("/studio/campaigns/{campaign_id}/calls/{n}")
async def call_page(request: Request, campaign_id: str, n: int) -> Response:
    """One call: the recording, and the conversation that follows it."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    gateway = gateway_of(request)
    view = await view_of(gateway, caller, campaign_id)
    shape = campaign_shape(view, gateway.links)
    context: dict[str, Any] = {
        "u": shape,
        "call": await call_of(gateway, caller, campaign_id, n),
        "resting": view.campaign.status in FINAL_STATES,
        "organization": caller.org_id,
    }
    return page("call.html", context)
