"""`POST /v1/events`: signed events from other systems (Standard Webhooks)."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from pipeline_defs.runtime import inbox
from pipeline_defs.runtime.arrivals import Arrival
from pipeline_defs.storage.bootstrap import DEFAULT_ORGANIZATION
from pipeline_defs.web import standard_webhooks
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.problems import Problem
from pipeline_defs.web.routes import (
    BODY,
    COMMON,
    CONFLICT,
    StrictRoute,
    address,
    example,
    read_json,
)

router = APIRouter(tags=["events"], route_class=StrictRoute, responses=COMMON)
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
ACTOR = "webhook"


class EventBody(BaseModel):
    """An event: what happened, and the data it carries."""

    type: str = Field(max_length=100, examples=["article/requested"])
    timestamp: str | None = None
    data: dict[str, Any] = Field(default={}, examples=[{"topic": "Photosynthesis", "sections": 6}])


class EventReceipt(BaseModel):
    """What became of an event: done, ignored, dead, or received (it waits); `reason` says why."""

    id: str
    duplicate: bool
    success: bool = Field(description="Whether it was taken in and will not fail.")
    skipped: bool = Field(description="Whether there was nothing to do; `reason` says why.")
    status: str
    unit_id: str | None = None
    reason: str | None = None


BODY_DOCUMENTATION: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": EventBody.model_json_schema(),
            "examples": {
                **example(
                    "create an article",
                    {"type": "article/requested", "data": {"topic": "Bread", "sections": 4}},
                ),
                **example(
                    "create a lecture",
                    {"type": "lecture/requested", "data": {"topic": "Bread", "minutes": 1}},
                ),
                **example(
                    "cancel",
                    {"type": "article/cancel", "data": {"id": "article-20261123-k7m2qx9c"}},
                ),
                **example(
                    "rebuild a section",
                    {
                        "type": "article/rebuild",
                        "data": {"id": "article-20261123-k7m2qx9c", "parts": [2], "fresh": True},
                    },
                ),
            },
        }
    },
}


@router.post(
    "/v1/events",
    status_code=202,
    response_model=EventReceipt,
    responses={
        200: {"model": EventReceipt, "description": "This event was here before."},
        **BODY,
        **CONFLICT,
    },
    openapi_extra={
        "requestBody": BODY_DOCUMENTATION,
        "security": [{"StandardWebhooks": []}],
    },
)
async def receive_event(
    request: Request,
    _id: Annotated[str | None, Header(alias=HEADERS[0])] = None,
    _timestamp: Annotated[str | None, Header(alias=HEADERS[1])] = None,
    _signature: Annotated[str | None, Header(alias=HEADERS[2])] = None,
) -> Response:
    """Take in a signed event. The answer comes after it is stored; the same id has one effect."""
    gateway = gateway_of(request)
    body = await request.body()
    event_id = await _verified(gateway, request, body)
    arrival = Arrival("webhook", event_id, _event_type(body), body)
    receipt = await inbox.receive(
        gateway.database, DEFAULT_ORGANIZATION, arrival, ACTOR, gateway.routes
    )
    outcome = receipt.outcome
    if receipt.conflict:
        _count(gateway, "conflict")
        raise Problem(
            409,
            "EVENT_CONFLICT",
            "Another event was received under this webhook-id; the first one is kept.",
        )
    _count(gateway, "duplicate" if receipt.duplicate else outcome.status)
    if outcome.status == "received":
        gateway.expect()
    gateway.wake()
    answer = EventReceipt(
        id=event_id,
        duplicate=receipt.duplicate,
        success=outcome.status != "dead",
        skipped=outcome.status == "ignored",
        status=outcome.status,
        unit_id=outcome.unit_id,
        reason=outcome.reason,
    )
    status = 200 if receipt.duplicate else 202
    return JSONResponse(answer.model_dump(exclude_none=True), status)


async def _verified(gateway: Gateway, request: Request, body: bytes) -> str:
    """The event's id, once its signature holds; Problem 401 with the reason."""
    try:
        headers = (_header(request, HEADERS[0]), _header(request, HEADERS[1]))
        signatures = _header(request, HEADERS[2])
        keys = gateway.webhook_keys
        return standard_webhooks.verify(keys, (*headers, signatures), body, time.time())
    except standard_webhooks.Refused as error:
        _count(gateway, "refused")
        await gateway.limits.count_refusal(address(request))
        raise Problem(401, "SIGNATURE_REFUSED", f"The event is refused: {error}.") from error


def _header(request: Request, name: str) -> bytes:
    values = request.headers.getlist(name)
    if len(values) != 1:
        raise standard_webhooks.Refused(f"{name} must be there once")
    return values[0].encode("latin-1")


def _event_type(body: bytes) -> str:
    """The event's type; Problem 400 where the body is no event at all: nothing is stored then.

    A faulty `data` is the business of whoever handles the type: such an event is stored as dead.
    """
    event = read_json(body, allow_nul=True)
    event_type = event.get("type") if isinstance(event, dict) else None
    if not isinstance(event_type, str) or not 1 <= len(event_type) <= 100 or "\0" in event_type:
        raise Problem(400, "NOT_AN_EVENT", "An event needs a `type` of 1 to 100 characters.")
    return event_type


def _count(gateway: Gateway, outcome: str) -> None:
    named = "stored" if outcome in ("done", "received") else outcome
    gateway.metrics.inbox.labels("webhook", named).inc()
