"""Studio's pages of a campaign: its hypotheses and calls, and one call to listen to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from pipeline_defs import policies
from pipeline_defs.domain.calls.requests import CampaignRebuild
from pipeline_defs.domain.keys import is_unit_id
from pipeline_defs.domain.kinds import CAMPAIGNS
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.storage import calls
from pipeline_defs.storage.campaign_changes import to_make
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.call_shape import CallDetail, call_detail
from pipeline_defs.web.campaign_shape import (
    CampaignView,
    VerdictShape,
    campaign_shape,
    read_campaign,
    remaking,
)
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.problems import not_found
from pipeline_defs.web.studio.rendering import page, signed_in
from pipeline_defs.web.studio.waves import waves_of
from pipeline_defs.web.unit_routes import missing

OUTCOMES = (
    "completed",
    "queued",
    "ringing",
    "in_progress",
    "no_answer",
    "busy",
    "voicemail",
    "failed",
    "cancelled",
)
LISTENED = ("transcript",)  # steps that are paid for a transcript, by how they begin
EXTRACTED = ("retrieval", "claims", "stance")
EVIDENCE_SHOWN = 100  # statements of a hypothesis
VERDICTS_SHOWN = 100
router = APIRouter(include_in_schema=False)


@router.get("/studio/campaigns")
async def campaign_list() -> Response:
    """The list of campaigns, with the form for a new one."""
    return RedirectResponse(f"/studio?kind={CAMPAIGNS.name}", 303)


@router.get("/studio/campaigns/{campaign_id}")
async def campaign_page(request: Request, campaign_id: str, outcome: str | None = None) -> Response:
    """One campaign: verdicts with their evidence, calls, actions."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    if not is_unit_id(campaign_id):
        raise missing(CAMPAIGNS)
    gateway = gateway_of(request)

    async def read(tx: Transaction) -> tuple[CampaignView, list[dict[str, Any]], int]:
        view = await _view(tx, campaign_id)
        rows = await tx.all(
            "campaigns.verdict_history", campaign_id=campaign_id, most=VERDICTS_SHOWN
        )
        return view, rows, await _last_seq(tx, campaign_id)

    view, rows, last_seq = await gateway.database.transact(caller.org_id, read)
    resting = view.campaign.status in FINAL_STATES
    shape = campaign_shape(view, gateway.links)
    outcome = outcome if outcome in OUTCOMES else None
    context: dict[str, Any] = {
        "u": shape,
        "calls": [call for call in shape.calls if outcome in (None, call.status)],
        "recordings": {c.number: c.recording.url for c in shape.calls if c.recording},
        "outcomes": [name for name in OUTCOMES if shape.counts.get(name) or name == outcome],
        "outcome": outcome,
        "history": _history(rows),
        "evidence_shown": EVIDENCE_SHOWN,
        "usage": view.usage,
        "plan": remaking(to_make(view.campaign, CampaignRebuild())) if resting else None,
        "resting": resting,
        "last_seq": last_seq,
        "organization": caller.org_id,
    }
    return page("campaign.html", context)


@router.get("/studio/campaigns/{campaign_id}/calls/{n}")
async def call_page(request: Request, campaign_id: str, n: int) -> Response:
    """One call: the recording, and the conversation that follows it."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    if not is_unit_id(campaign_id):
        raise missing(CAMPAIGNS)
    if not 1 <= n <= policies.CAMPAIGN_MAX_CONTACTS:
        raise not_found("There is no such call.")
    gateway = gateway_of(request)

    async def read(tx: Transaction) -> tuple[CampaignView, CallDetail, int]:
        view = await _view(tx, campaign_id)
        if n > len(view.campaign.calls):
            raise not_found(f"The campaign has {len(view.campaign.calls)} calls.")
        call = view.campaign.calls[n - 1]
        said = await calls.transcript_of(tx, call)
        earlier = await calls.earlier_attempts(tx, call)
        detail = call_detail(view.campaign, call, view.costs.get(call.key, 0.0), said, earlier)
        return view, detail, await _last_seq(tx, campaign_id)

    view, call, last_seq = await gateway.database.transact(caller.org_id, read)
    usage = [line for line in view.usage if line["partition"] == call.key]
    context: dict[str, Any] = {
        "u": campaign_shape(view, gateway.links),
        "call": call,
        "waves": waves_of(call, view.campaign.calls[n - 1].transcript),
        "spent": {
            "transcript": _spent(usage, (*LISTENED, *EXTRACTED)),
            "claims": _spent(usage, EXTRACTED),
        },
        "resting": view.campaign.status in FINAL_STATES,
        "last_seq": last_seq,
        "organization": caller.org_id,
    }
    return page("call.html", context)


async def _view(tx: Transaction, campaign_id: str) -> CampaignView:
    view = await read_campaign(tx, campaign_id)
    if view is None:
        raise missing(CAMPAIGNS)
    return view


async def _last_seq(tx: Transaction, campaign_id: str) -> int:
    bounds = await tx.one("progress.bounds", unit_id=campaign_id)
    return (bounds["last_seq"] or 0) if bounds else 0


def _history(rows: Iterable[Mapping[str, Any]]) -> Mapping[int, list[VerdictShape]]:
    """Earlier verdicts by number of the hypothesis, the newest first."""
    found: defaultdict[int, list[VerdictShape]] = defaultdict(list)
    for row in rows:
        verdict = VerdictShape(**row["verdict"], number=row["number"], passed_at=row["passed_at"])
        found[row["hypothesis_order"]].append(verdict)
    return found


def _spent(usage: Iterable[Mapping[str, Any]], steps: tuple[str, ...]) -> float:
    """USD that were paid for steps whose names begin so."""
    return sum(float(line["cost_usd"]) for line in usage if line["step"].startswith(steps))
