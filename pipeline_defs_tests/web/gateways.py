"""A real gateway for tests: uvicorn on a free port, in the test's own event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
from fastapi import FastAPI

from pipeline_defs.domain.api_keys import ApiKey
from pipeline_defs.domain.articles.drafts import SectionPlan
from pipeline_defs.domain.articles.models import ArticleRequest
from pipeline_defs.runtime import control
from pipeline_defs.runtime.lines import ARTICLE_LINE
from pipeline_defs.settings import Settings
from pipeline_defs.storage import articles, units
from pipeline_defs.storage.bootstrap import ensure_organization
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.__main__ import build_server
from pipeline_defs.web.app import create_app
from pipeline_defs.web.gateway import Gateway
from pipeline_defs_tests.servers import TestDatabase

T = TypeVar("T")
WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def settings_for(
    database: TestDatabase, redis_url: str | None, state: Path, **more: Any
) -> Settings:
    """Settings of a gateway that dispatches nothing."""
    values: dict[str, Any] = {
        "pipeline_state": state,
        "database_url": database.app_url,
        "redis_url": redis_url,
        "session_secret": "a test's session secret",
        "webhook_signing_secret": WEBHOOK_SECRET,
        "gateway_dispatch": False,
        "gateway_url": "http://studio.example",
        "dagster_url": "http://dagster.example:3000",
        **more,
    }
    return Settings(_env_file=None, **values)  # pyright: ignore[reportCallIssue]


@dataclass
class World:
    """A running gateway with two organizations, `default` and `other`."""

    app: FastAPI
    url: str
    database: TestDatabase
    keys: dict[str, str]
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def gateway(self) -> Gateway:
        """What its requests share."""
        return self.app.state.gateway

    def client(self, org: str | None = "default", **options: Any) -> httpx.AsyncClient:
        """A client with an organization's key, or none."""
        headers = {"Authorization": f"Bearer {self.keys[org]}"} if org else {}
        client = httpx.AsyncClient(base_url=self.url, headers=headers, timeout=20, **options)
        self.clients.append(client)
        return client

    async def transact(
        self, work: Callable[[Transaction], Awaitable[T]], org: str = "default"
    ) -> T:
        """Change the database in the name of an organization."""
        return await self.gateway.database.transact(org, work)

    async def studio(self, path: str, org: str = "default") -> str:
        """A page of Studio, as somebody of the organization sees it."""
        client = self.client(None)
        await client.post("/session", json={"api_key": self.keys[org]})
        page = await client.get(path)
        assert page.status_code == 200, page.text
        return page.text

    async def article(self, org: str = "default", sections: int = 2) -> str:
        """A queued article."""
        request = ArticleRequest(topic=f"Topic of {org}", sections=sections)
        return await self.transact(lambda tx: articles.create(tx, request, "test"), org)

    async def outlined(self, article_id: str, titles: list[str], org: str = "default") -> None:
        """Start the generation and give the article its sections."""

        async def plan(tx: Transaction) -> None:
            await control.begin(tx, ARTICLE_LINE, article_id, "queued")
            for order, title in enumerate(titles, start=1):
                plan = SectionPlan(title=title)
                await tx.run(
                    "articles.add_section",
                    article_id=article_id,
                    section_order=order,
                    title=plan.title,
                    focus=plan.focus,
                    key_points="[]",
                )
            await tx.run("articles.set_outline", id=article_id, title="A title", description="")

        await self.transact(plan, org)

    async def progress(self, article_id: str, message: str, org: str = "default") -> int:
        """Store a progress event; its number."""

        async def tell(tx: Transaction) -> None:
            units.append_progress(
                tx, article_id, stage="writing", outcome="started", message=message
            )

        await self.transact(tell, org)
        bounds = await self.transact(lambda tx: tx.one("progress.bounds", unit_id=article_id), org)
        return bounds["last_seq"]

    async def finish(self, article_id: str, status: str, org: str = "default") -> None:
        """End the generation."""
        await self.transact(lambda tx: control.finish(tx, ARTICLE_LINE, article_id, status), org)


@asynccontextmanager
async def running_gateway(app: FastAPI) -> AsyncGenerator[str]:
    """Serve `app`; its address is given."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = build_server(app, "127.0.0.1", 0)
        server.install_signal_handlers = lambda: None  # pyright: ignore[reportAttributeAccessIssue]
        serving = asyncio.create_task(server._serve([listener]))
        while not server.started:
            await asyncio.sleep(0.01)
            if serving.done():
                await serving
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


@asynccontextmanager
async def running_world(
    settings: Settings, database: TestDatabase, app: FastAPI | None = None
) -> AsyncGenerator[World]:
    """A gateway with two organizations, the first of which is the operator's: the product's, or
    the `app` that is given."""
    keys = {org: ApiKey.new().text for org in ("default", "other")}
    for org, key in keys.items():
        ensure_organization(database.admin_url, org, org.capitalize(), key)
    app = app or create_app(settings)
    async with running_gateway(app) as url:
        world = World(app, url, database, keys)
        try:
            yield world
        finally:
            for client in world.clients:
                await client.aclose()
