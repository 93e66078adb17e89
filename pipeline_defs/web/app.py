"""The gateway as an ASGI app: API, event intake, progress streams, Studio."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI

from pipeline_defs import policies
from pipeline_defs.runtime.lines import LINES, Line
from pipeline_defs.runtime.routes import ROUTES, Routes
from pipeline_defs.settings import Settings
from pipeline_defs.web import problems
from pipeline_defs.web.api import (
    articles,
    audit,
    backfills,
    batches,
    budgets,
    campaign_files,
    campaigns,
    cost,
    events,
    health,
    lecture_files,
    lecture_making,
    lectures,
    making,
    pages,
    products,
    progress,
    queue,
    reconciliations,
    session,
    twilio,
    units,
    video_callbacks,
)
from pipeline_defs.web.body_guard import JSON, BodyGuard, BodyRule
from pipeline_defs.web.edge import Edge
from pipeline_defs.web.gateway import open_gateway
from pipeline_defs.web.metrics import Metrics, Observed
from pipeline_defs.web.studio import pages as studio

DESCRIPTION = """Create articles, narrated lectures and campaigns of phone interviews, follow them
part by part to the published text, the finished video or the last verdict, change a part and have
made again what depends on it.

Every call needs an API key (`Authorization: Bearer pk_...`) or a Studio session. Errors are
`application/problem+json` with a stable `code`; faulty fields are named in `errors`."""
ROUTERS = (
    articles,
    backfills,
    lectures,
    lecture_making,
    lecture_files,
    campaigns,
    campaign_files,
    batches,
    pages,
    products,
    units,
    making,
    cost,
    budgets,
    audit,
    queue,
    reconciliations,
    progress,
    events,
    video_callbacks,
    twilio,
    session,
    health,
)


FILES = (
    "application/json",
    "text/csv",
    "application/xml",
    "text/xml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
_SMALL = (policies.BODY_LIMIT_BYTES, policies.BODY_READ_DEADLINE)
_LARGE = (policies.FILE_BODY_LIMIT_BYTES, policies.FILE_BODY_READ_DEADLINE)
BODY_RULES = (
    BodyRule("/webhooks/twilio/", *_SMALL, (JSON, "application/x-www-form-urlencoded")),
    BodyRule("/v1/pages/batches", *_LARGE, FILES),
    BodyRule("/v1/products", *_LARGE, FILES),
    BodyRule("/v1/keywords", *_LARGE, FILES),
    BodyRule("/", *_SMALL),
)


def create_app(
    settings: Settings,
    lines: Mapping[str, Line] = LINES,
    extra_routers: Sequence[APIRouter] = (),
    routes: Routes = ROUTES,
) -> FastAPI:
    """The app; it opens connections when started, and starts without Postgres or Redis too.

    `lines`, `extra_routers` and `routes` add a line of work, its API and its events.
    """
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with open_gateway(settings, lines, routes, metrics) as gateway:
            app.state.gateway = gateway
            yield

    app = FastAPI(
        title="Pipeline gateway",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # the stock pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    problems.install(app)
    # the last one added is the outermost
    app.add_middleware(BodyGuard, rules=BODY_RULES)
    app.add_middleware(Edge, https=(settings.public_base_url or "").startswith("https://"))
    app.add_middleware(Observed, metrics=metrics)
    for module in ROUTERS:
        app.include_router(module.router)
    for router in extra_routers:
        app.include_router(router)
    studio.install(app)
    app.openapi = lambda: _document(app)  # pyright: ignore[reportAttributeAccessIssue]
    return app


def _document(app: FastAPI) -> dict[str, Any]:
    """FastAPI's document with the signature schemes, which it cannot know."""
    document = FastAPI.openapi(app)
    schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
    schemes["StandardWebhooks"] = {
        "type": "apiKey",
        "in": "header",
        "name": "webhook-signature",
        "description": "HMAC-SHA256 of `id.timestamp.body` (Standard Webhooks, `v1`).",
    }
    schemes["TwilioWebhooks"] = {
        "type": "apiKey",
        "in": "header",
        "name": twilio.SIGNATURE,
        "description": "HMAC-SHA1 of the public address and the sorted parameters.",
    }
    schemes["OpenRouterWebhooks"] = {
        "type": "apiKey",
        "in": "header",
        "name": video_callbacks.SIGNATURE,
        "description": "HMAC-SHA256 of `t,body` as hex: `t=<seconds>,v1=<signature>`.",
    }
    return document
