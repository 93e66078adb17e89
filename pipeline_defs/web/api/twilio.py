"""`POST /webhooks/twilio/...`: Twilio tells how a call goes and that it was recorded."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.runtime import twilio_webhooks
from pipeline_defs.runtime.call_events import RECORDING_PATH, STATUS_PATH
from pipeline_defs.runtime.twilio_webhooks import SETTINGS, SIGNATURE, Kind, Refused
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.problems import Problem, not_found
from pipeline_defs.web.routes import BODY, COMMON, MISSING, StrictRoute, address

router = APIRouter(tags=["webhooks"], route_class=StrictRoute, responses=COMMON)


def _documented(*fields: str) -> dict[str, Any]:
    properties = {name: {"type": "string"} for name in fields}
    schema = {"type": "object", "properties": properties, "required": list(fields)}
    return {
        "requestBody": {
            "required": True,
            "content": {"application/x-www-form-urlencoded": {"schema": schema}},
        },
        "security": [{"TwilioWebhooks": []}],
    }


@router.post(
    STATUS_PATH,
    status_code=204,
    responses={**BODY, **MISSING},
    openapi_extra=_documented("AccountSid", "CallSid", "CallStatus"),
)
async def receive_status(
    request: Request,
    _signature: Annotated[str | None, Header(alias=SIGNATURE)] = None,
    _settings: Annotated[str | None, Header(alias=SETTINGS)] = None,
) -> Response:
    """Take in how a call goes; 204 once it is stored, and for the same news again."""
    return await _received(request, "status")


@router.post(
    RECORDING_PATH,
    status_code=204,
    responses={**BODY, **MISSING},
    openapi_extra=_documented("AccountSid", "CallSid", "RecordingSid", "RecordingStatus"),
)
async def receive_recording(
    request: Request,
    _signature: Annotated[str | None, Header(alias=SIGNATURE)] = None,
    _settings: Annotated[str | None, Header(alias=SETTINGS)] = None,
) -> Response:
    """Take in that a call was recorded, or was not; 204 once it is stored."""
    return await _received(request, "recording")


async def _received(request: Request, kind: Kind) -> Response:
    gateway = gateway_of(request)
    query = request.url.query
    target = f"{request.url.path}?{query}" if query else request.url.path
    try:
        receipt = await twilio_webhooks.receive(
            gateway.database,
            gateway.settings,
            kind,
            target=target,
            headers=request.headers,
            body=await request.body(),
        )
    except Refused as error:
        gateway.metrics.inbox.labels(twilio_webhooks.SOURCE, "refused").inc()
        await gateway.limits.count_refusal(address(request))
        raise Problem(403, "SIGNATURE_REFUSED", f"The webhook is refused: {error}.") from error
    except Permanent as error:
        raise not_found("The address names no call.") from error
    outcome = "duplicate" if receipt.duplicate else "stored"
    gateway.metrics.inbox.labels(twilio_webhooks.SOURCE, outcome).inc()
    gateway.wake()
    return Response(status_code=204)
