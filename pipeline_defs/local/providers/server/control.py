"""The control plane: what was called, what is to go wrong, how long answers take."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline_defs.local.providers.server.exchange import Exchange
from pipeline_defs.local.providers.server.faults import FaultScript, Rules
from pipeline_defs.local.providers.server.latency import Latency, LatencyModel
from pipeline_defs.local.providers.server.store import Store
from pipeline_defs.local.providers.telephone.ledger import PhoneCalls, Wanted

PHONE_CALLS_SHOWN = 5_000
Endpoint = Callable[[Request], Awaitable[Response]]
M = TypeVar("M", bound=BaseModel)


class Control:
    """The routes under `/_control`, open to the holder of the server's key."""

    def __init__(
        self,
        exchange: Exchange,
        store: Store,
        faults: FaultScript,
        latency: Latency,
        telephone: PhoneCalls,
    ) -> None:
        self._exchange = exchange
        self._store = store
        self._faults = faults
        self._latency = latency
        self._telephone = telephone

    def routes(self) -> list[Route]:
        """All routes."""
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", "/_control/calls", self._calls),
            ("DELETE", "/_control/calls", self._forget_calls),
            ("GET", "/_control/telephone", self._phone_calls),
            ("GET", "/_control/faults", self._show_faults),
            ("PUT", "/_control/faults", self._put_faults),
            ("DELETE", "/_control/faults", self._clear_faults),
            ("GET", "/_control/latency", self._show_latency),
            ("PUT", "/_control/latency", self._put_latency),
            ("DELETE", "/_control/latency", self._clear_latency),
        ]
        return [
            Route(path, self._guarded(endpoint), methods=[method])
            for method, path, endpoint in table
        ]

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            if not self._exchange.is_ours(request):
                return _problem(401, "Unauthorized", "the server's key is needed as bearer token")
            return await endpoint(request)

        return guarded

    async def _calls(self, _: Request) -> Response:
        return JSONResponse({"calls": self._store.calls(), "totals": self._store.totals()})

    async def _forget_calls(self, _: Request) -> Response:
        self._store.forget_calls()
        return Response(status_code=204)

    async def _phone_calls(self, _: Request) -> Response:
        calls = [
            {
                "sid": call.sid,
                "to": call.callee,
                "from": call.caller,
                "status": call.status,
                "recording_sid": call.recording_sid,
                "told": bool(call.told),
            }
            for call in self._telephone.find(Wanted(), PHONE_CALLS_SHOWN)
        ]
        return JSONResponse({"calls": calls, "numbers": self._telephone.count()})

    async def _show_faults(self, _: Request) -> Response:
        return JSONResponse({"rules": self._faults.state()})

    async def _put_faults(self, request: Request) -> Response:
        rules = await _parsed(request, Rules)
        if isinstance(rules, Response):
            return rules
        self._faults.replace(rules)
        return JSONResponse({"rules": self._faults.state()})

    async def _clear_faults(self, _: Request) -> Response:
        self._faults.replace(Rules())
        return Response(status_code=204)

    async def _show_latency(self, _: Request) -> Response:
        return JSONResponse(self._latency.state())

    async def _put_latency(self, request: Request) -> Response:
        model = await _parsed(request, LatencyModel)
        if isinstance(model, Response):
            return model
        self._latency.replace(model)
        return JSONResponse(self._latency.state())

    async def _clear_latency(self, _: Request) -> Response:
        self._latency.replace(LatencyModel({}))
        return Response(status_code=204)


async def _parsed(request: Request, kind: type[M]) -> M | Response:
    """The body as `kind`, or the answer that says what is wrong with it."""
    try:
        return kind.model_validate(json.loads(await request.body()))
    except ValidationError as error:
        return _invalid(error)
    except ValueError:
        return _problem(400, "Bad Request", "the body is not valid JSON")


def _invalid(error: ValidationError) -> Response:
    errors: list[dict[str, Any]] = [
        {"field": ".".join(str(step) for step in found["loc"]), "message": found["msg"]}
        for found in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    detail = "; ".join(f"{found['field']}: {found['message']}" for found in errors)
    return _problem(422, "Unprocessable Content", detail, errors=errors)


def _problem(status: int, title: str, detail: str, **more: Any) -> Response:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JSONResponse(body, status, media_type="application/problem+json")
