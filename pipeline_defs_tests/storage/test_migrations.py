"""Migrations go up and down, also when several processes begin at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql

from pipeline_defs.domain.kinds import MACHINES
from pipeline_defs.local import postgres_roles
from pipeline_defs.storage.bootstrap import ensure_organization
from pipeline_defs.storage.migrate import head, migrate
from pipeline_defs_tests.servers import PostgresForTests, TestDatabase

SCHEMA = """
select table_name, column_name, data_type, is_nullable, column_default
from information_schema.columns where table_schema = 'app' order by 1, 2
"""
KEYS = """
select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
where connamespace = to_regnamespace('app') order by 1, 2
"""


@pytest.fixture
def empty(postgres_server: PostgresForTests) -> Iterator[str]:
    """The owner's address of a database nobody has migrated."""
    name = postgres_server.create_database("template1")
    yield postgres_server.url(postgres_roles.OWNER, name)
    postgres_server.drop_database(name)


def schema_of(url: str) -> list[tuple]:
    with psycopg.connect(url) as connection:
        return [*connection.execute(SCHEMA).fetchall(), *connection.execute(KEYS).fetchall()]


def test_callers_at_once_migrate_an_empty_database_once(empty: str) -> None:
    with ThreadPoolExecutor(5) as pool:
        assert set(pool.map(migrate, [empty] * 5)) == {head()}
    with psycopg.connect(empty) as connection:
        assert connection.execute("select version_num from schema_revision").fetchall() == [
            (head(),)
        ]
        moves = connection.execute("select count(*) from app.transitions").fetchone()
    assert moves == (sum(len(machine.rows()) for machine in MACHINES),)


def test_down_to_nothing_and_up_again_gives_the_same_schema(empty: str) -> None:
    migrate(empty)
    before = schema_of(empty)
    assert before
    assert migrate(empty, "base") == "base"
    assert schema_of(empty) == []
    migrate(empty)
    assert schema_of(empty) == before


def test_every_revision_goes_down_and_up_by_itself(empty: str) -> None:
    from pipeline_defs.storage.migrate import _revisions

    revisions = sorted(_revisions())
    for revision in revisions:
        migrate(empty, revision)
        after = schema_of(empty)
        before = revisions[revisions.index(revision) - 1] if revision != revisions[0] else "base"
        migrate(empty, before)
        migrate(empty, revision)
        assert schema_of(empty) == after


def test_migrating_again_keeps_the_data(database: TestDatabase) -> None:
    key = "pk_0123abcd_" + "s" * 43
    for _ in range(2):
        migrate(database.admin_url)
        ensure_organization(database.admin_url, "acme", "Acme", key)
    with psycopg.connect(database.superuser_url) as connection:
        assert connection.execute("select count(*) from app.api_keys").fetchone() == (1,)


def test_the_application_may_not_migrate(database: TestDatabase) -> None:
    with psycopg.connect(database.app_url) as connection:
        for statement in (
            "create table app.mine (a int)",
            "create table public.mine (a int)",
            "drop table app.units",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(sql.SQL(statement))
