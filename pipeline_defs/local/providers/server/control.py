"""The control plane: what was called, and what is to go wrong."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline_defs.local.providers.server.exchange import Exchange
from pipeline_defs.local.providers.server.faults import FaultScript, Rules
from pipeline_defs.local.providers.server.store import Store

Endpoint = Callable[[Request], Awaitable[Response]]


class Control:
    """The routes under `/_control`, open to the holder of the server's key."""

    def __init__(self, exchange: Exchange, store: Store, faults: FaultScript) -> None:
        self._exchange = exchange
        self._store = store
        self._faults = faults

    def routes(self) -> list[Route]:
        """All routes."""
        return [
            Route("/_control/calls", self._guarded(self._calls), methods=["GET"]),
            Route("/_control/calls", self._guarded(self._forget_calls), methods=["DELETE"]),
            Route("/_control/faults", self._guarded(self._show_faults), methods=["GET"]),
            Route("/_control/faults", self._guarded(self._put_faults), methods=["PUT"]),
            Route("/_control/faults", self._guarded(self._clear_faults), methods=["DELETE"]),
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

    async def _show_faults(self, _: Request) -> Response:
        return JSONResponse({"rules": self._faults.state()})

    async def _put_faults(self, request: Request) -> Response:
        try:
            rules = Rules.model_validate(json.loads(await request.body()))
        except ValidationError as error:
            return _invalid(error)
        except ValueError:
            return _problem(400, "Bad Request", "the body is not valid JSON")
        self._faults.replace(rules)
        return JSONResponse({"rules": self._faults.state()})

    async def _clear_faults(self, _: Request) -> Response:
        self._faults.replace(Rules())
        return Response(status_code=204)


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
