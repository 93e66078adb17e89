"""The embedded servers keep what was committed and come back after kill -9."""

from __future__ import annotations

import os
import time

import psycopg
import pytest
import redis

from pipeline_defs.local import postgres_roles
from pipeline_defs_tests.servers import PostgresForTests, TestDatabase, ValkeyForTests


def test_postgres_keeps_its_data_after_kill_9(
    postgres_server: PostgresForTests, database: TestDatabase
) -> None:
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
    postgres_server.kill()
    postgres_server.start()
    with psycopg.connect(database.admin_url) as connection:
        assert connection.execute("SELECT value FROM kept").fetchone() == (7,)


def test_postgres_starts_over_a_lock_file_whose_number_is_a_live_process(
    postgres_server: PostgresForTests,
) -> None:
    """After a container restart the number in postmaster.pid belongs to somebody else."""
    postgres_server.kill()
    time.sleep(0.5)
    lock = postgres_server.server.data / "postmaster.pid"
    lines = lock.read_text().split("\n")
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    postgres_server.start()
    with psycopg.connect(postgres_server.url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_the_application_role_owns_nothing_and_cannot_bypass_row_security(
    postgres_server: PostgresForTests, database: TestDatabase
) -> None:
    with psycopg.connect(postgres_server.url()) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"
            " WHERE rolname = %s",
            [postgres_roles.APPLICATION],
        ).fetchone()
    assert row == (False, False, False, False)
    with (
        psycopg.connect(database.app_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TABLE mine (value int)")


def test_the_application_role_cannot_enter_the_database_of_dagster(
    postgres_server: PostgresForTests,
) -> None:
    url = postgres_server.url(postgres_roles.APPLICATION, postgres_roles.DAGSTER_DATABASE)
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(url)


def test_postgres_wants_a_password(postgres_server: PostgresForTests) -> None:
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(f"postgresql://postgres@127.0.0.1:{postgres_server.server.port}/postgres")


def test_valkey_keeps_its_data_after_kill_9(valkey_server: ValkeyForTests) -> None:
    with redis.Redis.from_url(valkey_server.url) as client:
        client.set("kept", "7")
        client.waitaof(1, 0, 2000)
    valkey_server.kill()
    valkey_server.start()
    with redis.Redis.from_url(valkey_server.url) as client:
        assert client.get("kept") == b"7"


def test_valkey_wants_a_password_and_never_evicts(valkey_server: ValkeyForTests) -> None:
    with (
        redis.Redis(port=valkey_server.server.port, retry=None) as stranger,
        pytest.raises(redis.RedisError),
    ):
        stranger.ping()
    with redis.Redis.from_url(valkey_server.url) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}
