"""Databases and roles of the embedded Postgres, made on the first start and checked on every one.

| role | may | used by |
|---|---|---|
| pipeline_owner | own the database `app` and everything in it | migrations only |
| pipeline_system | own functions that act across organizations; no login | its member owner |
| pipeline_app | log in; owns nothing, subject to row-level security | gateway and workers |
| pipeline_dagster | own the database `dagster` | Dagster's storage |

Passwords are turned into SCRAM verifiers here, so that no statement ever holds one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

OWNER = "pipeline_owner"
SYSTEM = "pipeline_system"
APPLICATION = "pipeline_app"
DAGSTER = "pipeline_dagster"
APP_DATABASE = "app"
DAGSTER_DATABASE = "dagster"
_PLAIN = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"


def ensure_roles(superuser_url: str, passwords: dict[str, str]) -> None:
    """Make roles and databases that are missing and set passwords that differ from the record.

    `passwords` maps each role that logs in to its password.
    """
    import psycopg

    with psycopg.connect(superuser_url, autocommit=True) as connection:
        _ensure_role(connection, SYSTEM, login=False)
        for role in (OWNER, APPLICATION, DAGSTER):
            _ensure_role(connection, role, login=True)
            _set_password(connection, role, passwords[role])
        _execute(connection, "GRANT {} TO {}", SYSTEM, OWNER)
        _ensure_database(connection, APP_DATABASE, OWNER)
        _ensure_database(connection, DAGSTER_DATABASE, DAGSTER)
        _execute(connection, "GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}", APP_DATABASE, OWNER)
        _execute(connection, "GRANT CONNECT ON DATABASE {} TO {}", APP_DATABASE, APPLICATION)


def _ensure_role(connection: psycopg.Connection, role: str, *, login: bool) -> None:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = "ALTER" if found else "CREATE"
    _execute(connection, f"{verb} ROLE {{}} {'LOGIN' if login else 'NOLOGIN'} {_PLAIN}", role)


def _set_password(connection: psycopg.Connection, role: str, password: str) -> None:
    from psycopg import sql

    verifier = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    connection.execute(
        sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier))
    )


def _ensure_database(connection: psycopg.Connection, database: str, owner: str) -> None:
    found = connection.execute(
        "SELECT 1 FROM pg_database WHERE datname = %s", [database]
    ).fetchone()
    if not found:
        _execute(connection, "CREATE DATABASE {} OWNER {}", database, owner)
    _execute(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", database)


def _execute(connection: psycopg.Connection, template: str, *names: str) -> None:
    """Run a statement of this module with names quoted as identifiers."""
    from typing import LiteralString, cast

    from psycopg import sql

    statement = sql.SQL(cast("LiteralString", template))
    connection.execute(statement.format(*(sql.Identifier(name) for name in names)))
