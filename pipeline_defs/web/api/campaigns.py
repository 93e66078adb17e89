"""Campaigns of phone interviews: create, list, read, change, pause, cancel, resume, rebuild."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import Body, Path, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.responses import Response

from pipeline_defs import policies
from pipeline_defs.domain.calls.files import CampaignFileError, parse_campaign
from pipeline_defs.domain.calls.requests import CampaignChange, CampaignRebuild, CampaignRequest
from pipeline_defs.domain.calls.transcripts import Transcript
from pipeline_defs.domain.kinds import CAMPAIGNS
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.storage import calls, campaign_changes, campaigns
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.call_shape import CallDetail, call_detail
from pipeline_defs.web.campaign_shape import (
    CampaignShape,
    RebuiltCampaign,
    VerdictShape,
    campaign_fields,
    campaign_shape,
    read_campaign,
    remaking,
)
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.problems import not_found
from pipeline_defs.web.routes import BODY, CONFLICT, MISSING, Caller, api_router, example
from pipeline_defs.web.submissions import IdempotencyKey, submit
from pipeline_defs.web.unit_routes import UnitRoutes, checked
from pipeline_defs.web.unit_shape import Accepted

router = api_router("campaigns")
campaign_routes = UnitRoutes(router, CAMPAIGNS, read_campaign, campaign_shape, CampaignShape)
CampaignId = Annotated[str, Path(examples=["campaign-20261123-k7m2qx9c"])]
CREATE_EXAMPLES: dict[str, Any] = example(
    "two hypotheses",
    {
        "title": "What bakery customers want",
        "goal": "Find out which idea the bakery should follow next.",
        "consent": "Hello, this is an automated interview, and it is recorded. May I ask you?",
        "hypotheses": [
            {"text": "Customers would pay more for local flour.", "field": "flour"},
            {"text": "Customers want to order in an app."},
        ],
        "checklist": [
            {"question": "What would you think of local flour?", "hypothesis": 1},
            {"question": "How would you feel about an app?", "hypothesis": 2},
        ],
        "contacts": [{"phone": "+12025550111", "name": "Ada"}],
        "time_zone": "America/New_York",
        "quiet_hours": {"start": "20:00", "end": "09:00"},
    },
)
CHANGE_EXAMPLES = example("another budget", {"budget_usd": "50"})
REBUILD_EXAMPLES = {
    **example("whatever is stale or failed", {}),
    **example("the claims of call 3, anew", {"parts": [3], "assets": ["claims"], "fresh": True}),
}


@router.post(
    "/v1/campaigns",
    status_code=202,
    response_model=Accepted,
    responses={**BODY, **CONFLICT},
)
async def create_campaign(
    request: Request,
    caller: Caller,
    campaign: Annotated[CampaignRequest, Body(openapi_examples=CREATE_EXAMPLES)],
    _key: IdempotencyKey = None,
) -> Response:
    """Create a campaign; its contacts are called by themselves, within its rules."""
    return await _create(request, caller, campaign)


class CampaignFile(BaseModel):
    """A campaign as a text."""

    file: str = Field(max_length=policies.BODY_LIMIT_BYTES, description="YAML or JSON.")


@router.post(
    "/v1/campaigns/file",
    status_code=202,
    response_model=Accepted,
    responses={**BODY, **CONFLICT},
)
async def create_campaign_from_file(
    request: Request, caller: Caller, body: CampaignFile, _key: IdempotencyKey = None
) -> Response:
    """The same from a YAML or JSON text; every field that is wrong is named."""
    try:
        # A text of this size takes a second to read: what the telephone says is not held up by it.
        campaign = await asyncio.to_thread(parse_campaign, body.file)
    except CampaignFileError as error:
        problem = {"type": "campaign_file", "loc": ("body", "file"), "msg": str(error)}
        raise RequestValidationError([problem]) from error
    return await _create(request, caller, campaign)


campaign_routes.add_list()
campaign_routes.add_get("A campaign with its hypotheses, verdicts, evidence and calls.")
campaign_routes.add_cancel("Cancel in any state; calls on the line end by themselves.")
campaign_routes.add_resume("Go on with a campaign that is not complete; what is there stays.")


@router.get("/v1/campaigns/{campaign_id}/calls/{n}", responses=MISSING)
async def get_call(
    request: Request,
    caller: Caller,
    campaign_id: CampaignId,
    n: Annotated[int, Path(ge=1, le=policies.CAMPAIGN_MAX_CONTACTS, examples=[3])],
) -> CallDetail:
    """A call with its transcript, word by word, and what was taken from it."""
    return await call_of(gateway_of(request), caller, campaign_id, n)


@router.get("/v1/campaigns/{campaign_id}/hypotheses/{n}/verdicts", responses=MISSING)
async def list_verdicts(
    request: Request,
    caller: Caller,
    campaign_id: CampaignId,
    n: Annotated[int, Path(ge=1, le=policies.CAMPAIGN_MAX_HYPOTHESES, examples=[1])],
) -> list[VerdictShape]:
    """Every verdict ever passed on a hypothesis, the newest first."""
    gateway = gateway_of(request)
    campaign = (await campaign_routes.view_of(gateway, caller, campaign_id)).campaign
    if n > len(campaign.hypotheses):
        raise not_found(f"The campaign has {len(campaign.hypotheses)} hypotheses.")
    rows = await gateway.database.all(
        caller.org_id,
        "campaigns.verdicts",
        campaign_id=campaign.id,
        order=n,
        most=policies.LIST_PAGE_MAX,
    )
    return [
        VerdictShape(**row["verdict"], number=row["number"], passed_at=row["passed_at"])
        for row in rows
    ]


@router.patch("/v1/campaigns/{campaign_id}", responses={**MISSING, **BODY})
async def change_campaign(
    request: Request,
    caller: Caller,
    campaign_id: CampaignId,
    change: Annotated[CampaignChange, Body(openapi_examples=CHANGE_EXAMPLES)],
) -> CampaignShape:
    """Change the rate or the budget, or add numbers that must not be called."""
    if not change.model_fields_set:
        raise RequestValidationError([NOTHING_TO_CHANGE])
    return await campaign_routes.changed(
        request,
        caller,
        campaign_id,
        lambda tx: campaign_changes.change(tx, campaign_id, change, caller.actor),
    )


NOTHING_TO_CHANGE = {
    "type": "nothing_to_change",
    "loc": ("body",),
    "msg": "changes nothing: give `calls_per_minute`, `budget_usd` or `do_not_call`",
}


@router.post("/v1/campaigns/{campaign_id}/pause", responses={**MISSING, **CONFLICT})
async def pause_campaign(
    request: Request, caller: Caller, campaign_id: CampaignId
) -> CampaignShape:
    """Place no further calls; those on the line go on and are read."""
    return await campaign_routes.changed(
        request,
        caller,
        campaign_id,
        lambda tx: campaign_changes.pause(tx, campaign_id, caller.actor),
    )


@router.post("/v1/campaigns/{campaign_id}/unpause", responses=MISSING)
async def unpause_campaign(
    request: Request, caller: Caller, campaign_id: CampaignId
) -> CampaignShape:
    """Place calls again."""
    return await campaign_routes.changed(
        request,
        caller,
        campaign_id,
        lambda tx: campaign_changes.unpause(tx, campaign_id, caller.actor),
    )


@router.post(
    "/v1/campaigns/{campaign_id}/rebuild",
    status_code=202,
    responses={
        200: {"model": RebuiltCampaign, "description": "There was nothing to make."},
        **MISSING,
        **CONFLICT,
        **BODY,
    },
)
async def rebuild_campaign(
    request: Request,
    answer: Response,
    caller: Caller,
    campaign_id: CampaignId,
    rebuild: Annotated[CampaignRebuild | None, Body(openapi_examples=REBUILD_EXAMPLES)] = None,
) -> RebuiltCampaign:
    """Read calls or judge hypotheses again; nobody is called for it. `fresh` pays for it anew."""
    gateway = gateway_of(request)
    unit_id = checked(CAMPAIGNS, campaign_id)
    wanted = rebuild or CampaignRebuild()
    todo = await gateway.database.transact(
        caller.org_id,
        lambda tx: campaign_changes.rebuild(tx, unit_id, wanted, caller.actor),
    )
    gateway.wake()
    view = await campaign_routes.view_of(gateway, caller, unit_id)
    if view.unit.status in FINAL_STATES:
        answer.status_code = 200
    return RebuiltCampaign(**campaign_fields(view, gateway.links), making=remaking(todo))


async def call_of(gateway: Gateway, caller: Identity, campaign_id: str, n: int) -> CallDetail:
    """One call with its transcript; Problem 404 when there is none."""
    view = await campaign_routes.view_of(gateway, caller, campaign_id)
    if n > len(view.campaign.calls):
        raise not_found(f"The campaign has {len(view.campaign.calls)} calls.")
    call = view.campaign.calls[n - 1]

    async def read(tx: Transaction) -> tuple[Transcript | None, list[dict[str, Any]]]:
        return await calls.transcript_of(tx, call), await calls.earlier_attempts(tx, call)

    said, earlier = await gateway.database.transact(caller.org_id, read)
    return call_detail(view.campaign, call, view.costs.get(call.key, 0.0), said, earlier)


async def _create(request: Request, caller: Identity, campaign: CampaignRequest) -> Response:
    return await submit(
        request, caller, CAMPAIGNS, lambda tx: campaigns.create(tx, campaign, caller.actor)
    )
