"""Fixtures: one gateway that reports edits to a Dagster of its own, and commands against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from pipeline_defs.local import postgres_roles
from pipeline_defs_tests.cli.conftest import (
    GatewayThread,
    Pipeline,
    bare_pipeline,
    environment,
)
from pipeline_defs_tests.dagster_web import DagsterWeb, running_dagster
from pipeline_defs_tests.servers import PostgresForTests, TestDatabase, ValkeyForTests

__all__ = ["bare_pipeline", "environment"]


@dataclass(frozen=True)
class Place:
    """A gateway and the Dagster it tells of edits."""

    served: GatewayThread
    dagster: DagsterWeb


@pytest.fixture(scope="package")
def place(
    postgres_server: PostgresForTests,
    valkey_server: ValkeyForTests,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Place]:
    """Both of them, for all tests of staleness; these tell their units apart by id."""
    name = postgres_server.create_database(template_database)
    database = TestDatabase(
        name=name,
        app_url=postgres_server.url(postgres_roles.APPLICATION, name),
        admin_url=postgres_server.url(postgres_roles.OWNER, name),
        superuser_url=postgres_server.url(database=name),
    )
    state = tmp_path_factory.mktemp("gateway")
    with running_dagster() as dagster:
        served = GatewayThread(database, valkey_server.url, state, dagster_url=dagster.url)
        yield Place(served, dagster)
        served.stop()
    postgres_server.drop_database(name)


@pytest.fixture
def pipeline(bare_pipeline: Pipeline, place: Place, environment: pytest.MonkeyPatch) -> Pipeline:
    """Commands with the gateway's address and key."""
    environment.setenv("GATEWAY_URL", place.served.world.url)
    environment.setenv("DEVELOPMENT_API_KEY", place.served.world.keys["default"])
    return bare_pipeline
