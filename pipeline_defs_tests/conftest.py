"""Fixtures for every test: real Postgres and Valkey, a database per test, the whole product."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from pipeline_defs.local import postgres_roles
from pipeline_defs.local.programs import ONE_THREAD
from pipeline_defs.storage.migrate import migrate
from pipeline_defs_tests.dagster_instance import Dagster, dagster_on
from pipeline_defs_tests.servers import PostgresForTests, TestDatabase, ValkeyForTests

TEMPLATE = "app_template"
hypothesis.settings.register_profile("any machine", deadline=None)  # slow is no failure
hypothesis.settings.load_profile("any machine")
HERE = Path(__file__).parent
ONE_STACK = ("acceptance", "chaos")  # folders whose tests share a running product
for _name, _value in ONE_THREAD.items():  # before the first numeric library is loaded
    os.environ.setdefault(_name, _value)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one file share what they start, and so do those of a folder with a product of its
    own: each of these goes to one worker (`--dist loadgroup`)."""
    for item in items:
        file = item.path.relative_to(HERE)
        group = file.parts[0] if file.parts[0] in ONE_STACK else file.as_posix()
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresForTests]:
    """A Postgres of this test run: `url(role, database)`, `kill()`, `restart()`."""
    server = PostgresForTests(tmp_path_factory.mktemp("postgres"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyForTests]:
    """A Valkey of this test run: `url`, `kill()`, `restart()`."""
    server = ValkeyForTests(tmp_path_factory.mktemp("valkey"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def template_database(postgres_server: PostgresForTests) -> str:
    """A migrated database that is copied for each test."""
    postgres_server._run("CREATE DATABASE {} OWNER {}", TEMPLATE, postgres_roles.OWNER)
    migrate(postgres_server.url(postgres_roles.OWNER, TEMPLATE))
    return TEMPLATE


@pytest.fixture
def database(postgres_server: PostgresForTests, template_database: str) -> Iterator[TestDatabase]:
    """A migrated database of this test's own."""
    name = postgres_server.create_database(template_database)
    yield TestDatabase(
        name=name,
        app_url=postgres_server.url(postgres_roles.APPLICATION, name),
        admin_url=postgres_server.url(postgres_roles.OWNER, name),
        superuser_url=postgres_server.url(database=name),
    )
    postgres_server.drop_database(name)


@pytest.fixture
def redis_url(valkey_server: ValkeyForTests) -> str:
    """Address of an empty Valkey."""
    valkey_server.empty()
    return valkey_server.url


@pytest.fixture(scope="session")
def _dagster_on_postgres(
    postgres_server: PostgresForTests, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dagster]:
    name = postgres_server.create_database("template1", postgres_roles.DAGSTER)
    url = postgres_server.url(postgres_roles.DAGSTER, name)
    with dagster_on(url, tmp_path_factory.mktemp("dagster")) as dagster:
        yield dagster
    postgres_server.drop_database(name)


@pytest.fixture
def dagster(_dagster_on_postgres: Dagster) -> Dagster:
    """A Dagster instance on Postgres, with nothing in it."""
    _dagster_on_postgres.instance.wipe()
    return _dagster_on_postgres
