"""A local provider server for the tests: in process, and behind a real socket where it matters."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from pipeline_defs.local.providers.app import Config, create_app
from pipeline_defs.local.providers.engines import Engines
from pipeline_defs.local.providers.server.connections import CuttableProtocol
from pipeline_defs_tests.local.providers.client import BASE_URL, KEY, Providers


@pytest.fixture(scope="session")
def engines() -> Engines:
    """The engines over the bundled corpus: built once, they never change."""
    return Engines()


@pytest.fixture
def app(tmp_path: Path, engines: Engines) -> Starlette:
    """A server with a state of its own."""
    return create_app(Config(KEY, tmp_path / "state", BASE_URL), engines)


@pytest.fixture
async def providers(app: Starlette) -> AsyncIterator[Providers]:
    """A client of the server in this process."""
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as http:
            yield Providers(http)


@pytest.fixture
async def socket_providers(app: Starlette) -> AsyncIterator[Providers]:
    """A client of the server behind a real socket."""
    async with (
        served(app) as url,
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=10) as http,
    ):
        yield Providers(http)


@asynccontextmanager
async def served(app: Starlette) -> AsyncGenerator[str]:
    """The app on a free loopback port, as the server's own main runs it."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app, http=CuttableProtocol, ws="none", log_level="critical", proxy_headers=False
        )
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running
