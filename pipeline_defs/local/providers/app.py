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

from pipeline_defs.local.providers.apis.openai import OpenAIApi
from pipeline_defs.local.providers.apis.posts import Posts
from pipeline_defs.local.providers.apis.research import ResearchApi
from pipeline_defs.local.providers.apis.wordpress import WordPressApi
from pipeline_defs.local.providers.engines import Engines
from pipeline_defs.local.providers.pages.views import Pages
from pipeline_defs.local.providers.server.control import Control
from pipeline_defs.local.providers.server.exchange import Exchange
from pipeline_defs.local.providers.server.faults import FaultScript
from pipeline_defs.local.providers.server.shapes import (
    OPENAI,
    OPENROUTER,
    PERPLEXITY,
    SEARCH,
    WORDPRESS,
)
from pipeline_defs.local.providers.server.store import Store
from pipeline_defs.local.providers.server.work import Operation

POSTS = "/wordpress/wp-json/wp/v2/posts"


@dataclass(frozen=True)
class Config:
    """What the server needs to know; `base_url` is how its pages are addressed in sources."""

    key: str
    state: Path
    base_url: str


def create_app(config: Config, engines: Engines | None = None) -> Starlette:
    """The application; engines are built in the background once it runs."""
    if not config.key:
        raise ValueError("the server needs a key")
    built = engines or Engines()
    store = Store(config.state)
    faults = FaultScript()
    exchange = Exchange(config.key, store, faults)
    posts = Posts(store)
    base_url = config.base_url.rstrip("/")
    routes = [
        *_provider_routes(exchange, built, posts, base_url),
        *Control(exchange, store, faults).routes(),
        *Pages(built, posts).routes(),
        Route("/healthz", _healthz),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        warm = asyncio.create_task(asyncio.to_thread(built.warm_up))
        try:
            yield
        finally:
            await asyncio.gather(warm, return_exceptions=True)
            store.close()

    return Starlette(routes=routes, lifespan=lifespan)


def _provider_routes(
    exchange: Exchange, engines: Engines, posts: Posts, base_url: str
) -> list[Route]:
    text = OpenAIApi(engines)
    research = ResearchApi(engines, base_url)
    blog = WordPressApi(posts, base_url)
    table: list[tuple[str, str, Operation]] = [
        ("POST", "/openai/v1/responses", Operation(OPENAI, "text", text.responses, keyed=True)),
        ("POST", "/openai/v1/chat/completions", Operation(OPENAI, "text", text.chat, keyed=True)),
        ("GET", "/openai/v1/models", Operation(OPENAI, "models", text.models)),
        (
            "POST",
            "/openrouter/api/v1/chat/completions",
            Operation(OPENROUTER, "text", text.openrouter_chat, keyed=True),
        ),
        (
            "GET",
            "/openrouter/api/v1/models",
            Operation(OPENROUTER, "models", text.openrouter_models),
        ),
        (
            "POST",
            "/perplexity/v1/responses",
            Operation(PERPLEXITY, "research", research.agent, keyed=True),
        ),
        (
            "POST",
            "/perplexity/chat/completions",
            Operation(PERPLEXITY, "research", research.sonar, keyed=True),
        ),
        (
            "POST",
            "/perplexity/search",
            Operation(PERPLEXITY, "research", research.search, keyed=True),
        ),
        ("GET", "/search", Operation(SEARCH, "research", research.web_search, keyed=True)),
        ("POST", POSTS, Operation(WORDPRESS, "publishing", blog.create, keyed=True)),
        ("GET", POSTS, Operation(WORDPRESS, "publishing", blog.find)),
        ("POST", POSTS + "/{id}", Operation(WORDPRESS, "publishing", blog.update, keyed=True)),
        ("GET", POSTS + "/{id}", Operation(WORDPRESS, "publishing", blog.get)),
        ("DELETE", POSTS + "/{id}", Operation(WORDPRESS, "publishing", blog.delete)),
    ]
    return [
        Route(path, _endpoint(exchange, operation), methods=[method])
        for method, path, operation in table
    ]


def _endpoint(exchange: Exchange, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await exchange.answer(request, operation)

    return endpoint


async def _healthz(_: Request) -> Response:
    return JSONResponse({"status": "ok"})
