"""`POST /session` and `DELETE /session`: signing in to Studio with an API key, and out."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from pipeline_defs.storage import units
from pipeline_defs.web import sessions
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.problems import Problem
from pipeline_defs.web.routes import BODY, COMMON, StrictRoute, address, session_identity

router = APIRouter(tags=["session"], route_class=StrictRoute, responses=COMMON)


class SignIn(BaseModel):
    """The key to sign in with."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    api_key: str = Field(max_length=200, examples=["pk_0123abcd_..."])


class SessionShape(BaseModel):
    """Who is signed in, and until when."""

    organization: str
    expires_at: datetime


@router.post("/session", responses=BODY)
async def sign_in(request: Request, answer: Response, credentials: SignIn) -> SessionShape:
    """Exchange an API key for an HttpOnly, SameSite=Strict cookie."""
    gateway = gateway_of(request)
    gateway.sessions.check_sign_in_origin(request.headers)
    try:
        identity = await gateway.keys.verify(credentials.api_key.strip())
    except Problem as refusal:
        if refusal.status_code != 401:
            raise
        await gateway.limits.count_refusal(address(request))
        raise Problem(
            401,
            "UNAUTHENTICATED",
            "This API key is not valid.",
            advice="Check that it was copied as a whole and has not been revoked.",
        ) from None
    await _note(gateway, identity, "sessions.started")
    expires = gateway.sessions.start(answer, identity)
    return SessionShape(
        organization=identity.org_id, expires_at=datetime.fromtimestamp(expires, UTC)
    )


@router.delete("/session", status_code=204)
async def sign_out(request: Request) -> Response:
    """End the session."""
    gateway = gateway_of(request)
    cookie = request.cookies.get(sessions.COOKIE)
    if cookie is not None:
        gateway.sessions.check_same_origin(request.method, request.headers)
    identity = await session_identity(gateway, request)
    if identity is not None:
        await _note(gateway, identity, "sessions.ended")
    answer = Response(status_code=204)
    gateway.sessions.end(answer, cookie)
    return answer


async def _note(gateway: Gateway, identity: Identity, action: str) -> None:
    await gateway.database.transact(
        identity.org_id, lambda tx: units.audit(tx, identity.actor, action, None)
    )
