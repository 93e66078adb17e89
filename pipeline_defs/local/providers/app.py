"""The local provider server as an ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline_defs.local.providers.apis.posts import Posts
from pipeline_defs.local.providers.engine.studio import ENGINES_AT_ONCE, Studio
from pipeline_defs.local.providers.engines import Engines
from pipeline_defs.local.providers.operations import (
    bill_operations,
    media_operations,
    shopping_operations,
    telephone_operations,
    text_operations,
)
from pipeline_defs.local.providers.pages.views import Pages
from pipeline_defs.local.providers.server.control import Control
from pipeline_defs.local.providers.server.exchange import Exchange
from pipeline_defs.local.providers.server.faults import FaultScript
from pipeline_defs.local.providers.server.latency import Latency
from pipeline_defs.local.providers.server.store import Store
from pipeline_defs.local.providers.server.videos import VideoWorker
from pipeline_defs.local.providers.server.work import Operation
from pipeline_defs.local.providers.telephone.ledger import PhoneCalls
from pipeline_defs.local.providers.telephone.messenger import Messenger
from pipeline_defs.local.providers.telephone.switchboard import Switchboard


@dataclass(frozen=True)
class Config:
    """What the server needs to know; `base_url` is how its pages are addressed in sources.

    `webhook_secret` signs callbacks of video jobs; without it nobody is called back.
    """

    key: str
    state: Path
    base_url: str
    webhook_secret: str = ""


def create_app(config: Config, engines: Engines | None = None) -> Starlette:
    """The application; engines are built in the background once it runs."""
    if not config.key:
        raise ValueError("the server needs a key")
    built = engines or Engines()
    base_url = config.base_url.rstrip("/")
    store, faults, latency = Store(config.state), FaultScript(), Latency()
    exchange = Exchange(config.key, store, faults, latency, engines=ENGINES_AT_ONCE)
    posts, studio = Posts(store), Studio(built.media, latency)
    videos = VideoWorker(store, studio, latency, base_url, config.webhook_secret)
    phone_calls = PhoneCalls(store)
    board = Switchboard(phone_calls, built.media.speaker, Messenger(faults, config.key))
    operations = {
        **telephone_operations(board),
        **text_operations(built, posts, base_url),
        **bill_operations(store),
        **shopping_operations(),
        **media_operations(studio, videos, store.bodies),
    }
    routes = [
        *(_route(exchange, *place, operation) for place, operation in operations.items()),
        *Control(exchange, store, faults, latency, phone_calls).routes(),
        *Pages(built, posts).routes(),
        Route("/healthz", _healthz),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        warm = asyncio.create_task(asyncio.to_thread(built.warm_up))
        videos.start()
        board.start()
        try:
            yield
        finally:
            await videos.stop()
            await board.stop()
            await asyncio.gather(warm, return_exceptions=True)
            await asyncio.to_thread(exchange.close)
            store.close()

    return Starlette(routes=routes, lifespan=lifespan)


def _route(exchange: Exchange, method: str, path: str, operation: Operation) -> Route:
    return Route(path, _endpoint(exchange, operation), methods=[method])


def _endpoint(exchange: Exchange, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await exchange.answer(request, operation)

    return endpoint


async def _healthz(_: Request) -> Response:
    return JSONResponse({"status": "ok"})
