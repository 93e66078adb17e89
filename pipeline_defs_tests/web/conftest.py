"""Fixtures of the gateway's tests: a real gateway on a real Postgres and Valkey."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from pipeline_defs_tests.servers import TestDatabase
from pipeline_defs_tests.web.gateways import World, running_world, settings_for


@pytest.fixture
async def world(database: TestDatabase, redis_url: str, tmp_path: Path) -> AsyncGenerator[World]:
    """A running gateway with two organizations."""
    async with running_world(settings_for(database, redis_url, tmp_path), database) as running:
        yield running


@pytest.fixture
def client(world: World) -> httpx.AsyncClient:
    """A client with the default organization's key."""
    return world.client()
