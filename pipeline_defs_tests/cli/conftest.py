"""Fixtures: one real gateway for all commands' tests, and a way to run commands against it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest
from click.testing import CliRunner, Result

from pipeline_defs.cli.main import main
from pipeline_defs.local import postgres_roles
from pipeline_defs.settings import get_settings
from pipeline_defs_tests.servers import PostgresForTests, TestDatabase, ValkeyForTests
from pipeline_defs_tests.web.gateways import World, running_world, settings_for

T = TypeVar("T")
log = logging.getLogger(__name__)


class GatewayThread:
    """A gateway that serves in a thread of its own, as commands wait for its answers."""

    def __init__(self, database: TestDatabase, redis_url: str, state: Path, **more: Any) -> None:
        self._settings = settings_for(database, redis_url, state, **more)
        self._database = database
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        assert self._started.wait(20)

    async def _serve(self) -> None:
        async with running_world(self._settings, self._database) as self.world:
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            self._started.set()
            await self._stop.wait()

    world: World

    def begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Future[T]:
        """Start something in the gateway's loop; why it failed is logged at once."""

        async def told() -> T:
            try:
                return await work
            except Exception:  # a command that waits for the work would hide it
                log.exception("what was begun has failed")
                raise

        return asyncio.run_coroutine_threadsafe(told(), self._loop)  # pyright: ignore[reportReturnType]

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the gateway's loop, to its end."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def stop(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)


class Pipeline(Protocol):
    """Runs a command in this process."""

    def __call__(self, *arguments: str, input: str | None = None) -> Result:
        """The command's result: exit code, standard output, standard error."""
        ...


@pytest.fixture(scope="session")
def served(
    postgres_server: PostgresForTests,
    valkey_server: ValkeyForTests,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[GatewayThread]:
    """A running gateway; tests tell their units apart by id."""
    name = postgres_server.create_database(template_database)
    database = TestDatabase(
        name=name,
        app_url=postgres_server.url(postgres_roles.APPLICATION, name),
        admin_url=postgres_server.url(postgres_roles.OWNER, name),
        superuser_url=postgres_server.url(database=name),
    )
    gateway = GatewayThread(database, valkey_server.url, tmp_path_factory.mktemp("gateway"))
    yield gateway
    gateway.stop()
    postgres_server.drop_database(name)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """An environment without a stack; settings are read anew."""
    monkeypatch.setenv("PIPELINE_STATE", str(tmp_path / "state"))
    for name in ("GATEWAY_URL", "DEVELOPMENT_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    get_settings.cache_clear()
    yield monkeypatch
    get_settings.cache_clear()


@pytest.fixture
def bare_pipeline(environment: pytest.MonkeyPatch) -> Pipeline:
    """Commands where no stack runs."""

    def run(*arguments: str, input: str | None = None) -> Result:
        get_settings.cache_clear()
        return CliRunner().invoke(main, list(arguments), input=input, prog_name="pipeline")

    return run


@pytest.fixture
def pipeline(
    bare_pipeline: Pipeline, served: GatewayThread, environment: pytest.MonkeyPatch
) -> Pipeline:
    """Commands with the gateway's address and key."""
    environment.setenv("GATEWAY_URL", served.world.url)
    environment.setenv("DEVELOPMENT_API_KEY", served.world.keys["default"])
    return bare_pipeline
