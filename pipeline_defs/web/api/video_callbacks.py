"""`POST /webhooks/openrouter/...`: a video provider tells that a job is done."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from pipeline_defs.domain.keys import is_unit_id
from pipeline_defs.runtime import video_callbacks
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.problems import Problem, not_found
from pipeline_defs.web.routes import (
    BODY,
    COMMON,
    CONFLICT,
    MISSING,
    StrictRoute,
    address,
    example,
)

router = APIRouter(tags=["webhooks"], route_class=StrictRoute, responses=COMMON)
SIGNATURE = "X-OpenRouter-Signature"


class CallbackReceipt(BaseModel):
    """The callback is stored; `duplicate`: it was here before."""

    duplicate: bool
    status: str = Field(examples=["done"])


BODY_DOCUMENTATION: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"type": "object"},
            "examples": example(
                "a job is done",
                {"type": "video.generation.completed", "data": {"id": "job_abc123"}},
            ),
        }
    },
}


@router.post(
    "/webhooks/openrouter/{org_id}/{unit_id}",
    response_model=CallbackReceipt,
    responses={**BODY, **CONFLICT, **MISSING},
    openapi_extra={"requestBody": BODY_DOCUMENTATION, "security": [{"OpenRouterWebhooks": []}]},
)
async def receive_video_callback(
    request: Request,
    org_id: Annotated[str, Path(examples=["default"])],
    unit_id: Annotated[str, Path(examples=["lecture-20261123-k7m2qx9c"])],
    _signature: Annotated[str | None, Header(alias=SIGNATURE)] = None,
) -> Response:
    """Take in a signed callback; 200 once it is stored, and for the same one again."""
    gateway = gateway_of(request)
    body = await request.body()
    try:
        if not is_unit_id(org_id) or not is_unit_id(unit_id):
            raise not_found("There is no such unit.")
        receipt = await video_callbacks.receive(
            gateway.database,
            gateway.redis,
            gateway.settings,
            org_id=org_id,
            unit_id=unit_id,
            headers=request.headers,
            body=body,
        )
    except video_callbacks.Refused as error:
        gateway.metrics.inbox.labels(video_callbacks.SOURCE, "refused").inc()
        await gateway.limits.count_refusal(address(request))
        raise Problem(401, "SIGNATURE_REFUSED", f"The callback is refused: {error}.") from error
    if receipt.conflict:
        raise Problem(409, "EVENT_CONFLICT", "Another callback was received under this key.")
    outcome = "duplicate" if receipt.duplicate else "stored"
    gateway.metrics.inbox.labels(video_callbacks.SOURCE, outcome).inc()
    answer = CallbackReceipt(duplicate=receipt.duplicate, status=receipt.outcome.status)
    return JSONResponse(answer.model_dump())
