"""How API routes are made: caller known before the body is parsed, strict JSON, errors declared."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Security
from fastapi.routing import APIRoute
from fastapi.security import APIKeyCookie, HTTPBearer
from starlette.responses import Response

from pipeline_defs.domain import strict_json
from pipeline_defs.web import sessions
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.identity import Identity, unauthenticated
from pipeline_defs.web.problems import MEDIA_TYPE, Problem, ProblemDocument

BEARER = HTTPBearer(auto_error=False, description="An API key, `pk_...`.")
SESSION = APIKeyCookie(name=sessions.COOKIE, auto_error=False, description="Studio's session.")
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRequest(Request):
    """A request whose JSON is parsed strictly."""

    async def json(self) -> Any:
        """The body's value; Problem 400 says what is wrong with it."""
        return read_json(await self.body())


class StrictRoute(APIRoute):
    """A route that parses JSON strictly."""

    def get_route_handler(self) -> Handler:
        """Wrap FastAPI's handler."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await handler(StrictRequest(request.scope, request.receive))

        return handle


class CallerRoute(StrictRoute):
    """A route for callers with a key or a session; nobody else's body is even parsed."""

    def get_route_handler(self) -> Handler:
        """Wrap the strict handler."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            request.state.caller = await authenticate(request)
            return await handler(request)

        return handle


def read_json(body: bytes, *, allow_nul: bool = False) -> Any:
    """The value of a JSON body; Problem 400 says what is wrong with it."""
    try:
        return strict_json.loads(body, allow_nul=allow_nul)
    except strict_json.BadJson as error:
        raise Problem(400, "MALFORMED_JSON", f"Not acceptable as JSON: {error}.") from error


async def authenticate(request: Request) -> Identity:
    """Who asks: by bearer key, else by session. Counts towards the caller's rate limit."""
    gateway = gateway_of(request)
    try:
        identity = await _identity(gateway, request)
    except Problem as refusal:
        if refusal.status_code == 401:
            await gateway.limits.count_refusal(address(request))
        raise
    await gateway.limits.count_key(identity.org_id, identity.key_id)
    return identity


def address(request: Request) -> str:
    """The peer's address; forwarding headers are not believed."""
    return request.client.host if request.client else "unknown"


async def _identity(gateway: Gateway, request: Request) -> Identity:
    authorization = request.headers.get("authorization")
    if authorization is not None:
        scheme, _, key = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise unauthenticated()
        return await gateway.keys.verify(key.strip())
    identity = await session_identity(gateway, request)
    if identity is None:
        raise unauthenticated()
    gateway.sessions.check_same_origin(request.method, request.headers)
    return identity


async def session_identity(gateway: Gateway, request: Request) -> Identity | None:
    """Who is signed in to Studio, if the session and its key are still good."""
    cookie = request.cookies.get(sessions.COOKIE)
    identity = gateway.sessions.read(cookie) if cookie else None
    if identity is None or not await gateway.keys.still_valid(identity):
        return None
    return identity


def _caller(
    request: Request,
    _bearer: Annotated[Any, Security(BEARER)],
    _session: Annotated[Any, Security(SESSION)],
) -> Identity:
    return request.state.caller


Caller = Annotated[Identity, Depends(_caller)]


def problem(description: str) -> dict[str, Any]:
    """An error answer in the OpenAPI document."""
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": ProblemDocument.model_json_schema()}},
    }


COMMON: dict[int | str, dict[str, Any]] = {
    400: problem("Malformed JSON, or a key in the address."),
    401: problem("No valid key or session."),
    403: problem("A session used from another site."),
    422: problem("A faulty field, named in `errors`."),
    429: problem("Too many requests; see Retry-After."),
    500: problem("A fault on our side."),
    503: problem("The database is away; see Retry-After."),
}
MISSING: dict[int | str, dict[str, Any]] = {404: problem("Not there, or another organization's.")}
CONFLICT: dict[int | str, dict[str, Any]] = {409: problem("Not possible in the present state.")}
BODY: dict[int | str, dict[str, Any]] = {
    408: problem("The body did not arrive in time."),
    413: problem("The body is too large."),
    415: problem("The body is not plain JSON."),
}
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-Sent Events: `progress`, `reset`, `snapshot`, `end`.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    **MISSING,
}


def api_router(tag: str) -> APIRouter:
    """A router for callers with a key or session."""
    return APIRouter(tags=[tag], route_class=CallerRoute, responses=COMMON)


def example(name: str, value: Any) -> dict[str, Any]:
    """An example of a request body in the OpenAPI document."""
    return {name: {"summary": name, "value": json.loads(json.dumps(value))}}
