"""The shipped catalogue, settings that point at a scripted server, and that server."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline_defs.gateways.catalog import Catalog, load_catalog
from pipeline_defs.settings import PROJECT_ROOT, Settings
from pipeline_defs_tests.gateways.local_server import running_local_server
from pipeline_defs_tests.gateways.scripted_server import ScriptedServer, running_server

SECRET = "sk-canary-0123456789abcdef"
PROVIDERS_FILE = PROJECT_ROOT / "pipeline_defs" / "gateways" / "providers.toml"


@pytest.fixture
async def server() -> AsyncGenerator[ScriptedServer, None]:
    async with running_server() as scripted:
        yield scripted


@pytest.fixture(scope="package")
def local_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The project's local provider server, run as the stack runs it."""
    with running_local_server(tmp_path_factory.mktemp("providers")) as url:
        yield url


@pytest.fixture
def catalog() -> Catalog:
    return load_catalog(PROVIDERS_FILE)


@pytest.fixture
def settings_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Settings of exactly the named values, whatever the environment says."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)

    def make(**values: Any) -> Settings:
        return Settings(pipeline_state=tmp_path, **values)

    return make
