"""Files of a campaign: recordings and the report."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query, Request
from starlette.responses import Response, StreamingResponse

from pipeline_defs.domain.kinds import CAMPAIGNS
from pipeline_defs.web.api.campaigns import CampaignId, campaign_routes
from pipeline_defs.web.file_answers import FILE, ServedFile, serve
from pipeline_defs.web.file_names import in_a_name
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.problems import not_found
from pipeline_defs.web.routes import Caller, api_router

router = api_router("campaigns")
Download = Annotated[bool, Query(description="Save it under a readable name.")]


@router.head("/v1/campaigns/{campaign_id}/files/{sha256}", include_in_schema=False)
@router.get(
    "/v1/campaigns/{campaign_id}/files/{sha256}", responses=FILE, response_class=StreamingResponse
)
async def campaign_file(
    request: Request,
    caller: Caller,
    campaign_id: CampaignId,
    sha256: Annotated[str, Path(examples=["9f86d081884c7d65..."])],
    download: Download = False,
) -> Response:
    """The recording of a call; Range requests are answered."""
    gateway = gateway_of(request)
    campaign = (await campaign_routes.view_of(gateway, caller, campaign_id)).campaign
    for call in campaign.calls:
        file = (call.transcript or {}).get("file")
        if file is not None and file["sha256"] == sha256:
            name = f"{in_a_name(campaign.title)}-call-{call.order:03d}.wav"
            served = ServedFile(file, name, CAMPAIGNS.noun)
            return await serve(gateway, request, served, download=download)
    raise not_found("No call of this campaign has such a recording.")


@router.head("/v1/campaigns/{campaign_id}/report/{name}", include_in_schema=False)
@router.get(
    "/v1/campaigns/{campaign_id}/report/{name}", responses=FILE, response_class=StreamingResponse
)
async def campaign_report(
    request: Request,
    caller: Caller,
    campaign_id: CampaignId,
    name: Annotated[str, Path(max_length=40, examples=["report.md"])],
    download: Download = True,
) -> Response:
    """A file of the report: `report.md`, `hypotheses.csv`, `claims.csv`, `calls.csv`."""
    gateway = gateway_of(request)
    campaign = (await campaign_routes.view_of(gateway, caller, campaign_id)).campaign
    files: dict[str, Any] = (campaign.report or {}).get("files", {})
    if name not in files:
        raise not_found(
            f"The report has {', '.join(files)}." if files else "There is no report yet."
        )
    served = ServedFile(files[name], f"{in_a_name(campaign.title)}-{name}", CAMPAIGNS.noun)
    return await serve(gateway, request, served, download=download)
