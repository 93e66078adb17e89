"""Organizations cannot see each other: asked of the catalogue, so that a new table is covered."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from psycopg import sql

from pipeline_defs.domain.api_keys import ApiKey
from pipeline_defs.local.postgres_roles import APPLICATION, SYSTEM
from pipeline_defs.storage.database import Database, Transaction
from pipeline_defs_tests.servers import TestDatabase

TENANT_TABLES = """
select c.relname, c.relrowsecurity, c.relforcerowsecurity
from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = 'app'::regnamespace and c.relkind in ('r', 'p') and a.attname = 'org_id'
order by 1
"""


def tenant_tables(admin: psycopg.Connection) -> list[str]:
    found = [row[0] for row in admin.execute(TENANT_TABLES)]
    assert len(found) >= 14
    return found


def test_every_table_with_organizations_forces_row_level_security(
    admin: psycopg.Connection,
) -> None:
    for table, enabled, forced in admin.execute(TENANT_TABLES).fetchall():
        assert (enabled, forced) == (True, True), table


def test_every_table_of_the_schema_has_organizations_or_is_known_to_have_none(
    admin: psycopg.Connection,
) -> None:
    everything = admin.execute(
        "select relname from pg_class "
        "where relnamespace = 'app'::regnamespace and relkind in ('r', 'p', 'm', 'v')"
    ).fetchall()
    assert {row[0] for row in everything} - set(tenant_tables(admin)) == {
        "reconciliations",
        "provider_costs",
        "transitions",
        "workers",
    }


def test_the_policies_compare_the_organization_and_nothing_else(admin: psycopg.Connection) -> None:
    for table in tenant_tables(admin):
        policies = admin.execute(
            "select roles::text[], qual, with_check from pg_policies "
            "where schemaname = 'app' and tablename = %s",
            [table],
        ).fetchall()
        ours = [policy for policy in policies if APPLICATION in policy[0] or "public" in policy[0]]
        expected = "(org_id = app.current_org())"
        assert [(qual, check) for _, qual, check in ours] == [(expected, expected)], table
        assert {role for policy in policies for role in policy[0]} <= {APPLICATION, SYSTEM}, table


def test_the_roles_own_nothing_and_cannot_bypass(admin: psycopg.Connection) -> None:
    roles = admin.execute(
        "select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles "
        "where rolname = any (%s)",
        [[APPLICATION, SYSTEM]],
    ).fetchall()
    assert sorted(roles) == [
        (role, False, False, False, False) for role in sorted([APPLICATION, SYSTEM])
    ]
    member_of = admin.execute(
        "select 1 from pg_auth_members m join pg_roles r on r.oid = m.member where r.rolname = %s",
        [APPLICATION],
    ).fetchall()
    assert member_of == []
    owned = admin.execute(
        "select relname from pg_class where relowner = %s::regrole "
        "union all select proname from pg_proc where proowner = %s::regrole "
        "union all select nspname from pg_namespace where nspowner = %s::regrole",
        [APPLICATION] * 3,
    ).fetchall()
    assert owned == []


def test_functions_that_see_every_organization_pin_their_search_path(
    admin: psycopg.Connection,
) -> None:
    """Else it runs what a caller puts into a temporary schema, with its owner's rights."""
    loose = admin.execute(
        "select proname from pg_proc where pronamespace = 'app'::regnamespace and prosecdef "
        "and not coalesce(proconfig, '{}') @> array['search_path=\"\"']"
    ).fetchall()
    assert loose == []


def test_without_an_organization_there_are_no_rows(
    database: TestDatabase, admin: psycopg.Connection, units: dict[str, str]
) -> None:
    with psycopg.connect(database.app_url) as connection:
        for table in tenant_tables(admin):
            for org in (None, ""):
                if org is not None:
                    connection.execute("select set_config('app.org', %s, true)", [org])
                query = sql.SQL("select count(*) from app.{}").format(sql.Identifier(table))
                assert connection.execute(query).fetchone() == (0,), table
            connection.rollback()


async def test_an_organization_sees_its_rows_only(
    database: TestDatabase, db: Database, admin: psycopg.Connection, units: dict[str, str]
) -> None:
    with psycopg.connect(database.app_url) as connection:
        connection.execute("select set_config('app.org', 'acme', true)")
        seen = 0
        for table in tenant_tables(admin):
            query = sql.SQL("select org_id from app.{}").format(sql.Identifier(table))
            rows = connection.execute(query).fetchall()
            assert {row[0] for row in rows} <= {"acme"}, table
            seen += len(rows)
        assert seen >= 5


async def test_nothing_can_be_written_for_another_organization(
    db: Database, units: dict[str, str], admin: psycopg.Connection
) -> None:
    touched = await db.touched("acme", "units.set_title", id=units["other"], title="mine")
    assert touched == 0
    assert await db.one("acme", "units.get", id=units["other"]) is None

    async def steal(tx: Transaction) -> None:
        assert await tx.one("units.get", id=units["acme"])  # in the name of its organization
        await tx._connection.execute("update app.units set org_id = 'other' where true")

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await db.transact("acme", steal)


async def test_a_row_for_another_organizations_unit_is_refused(
    db: Database, units: dict[str, str]
) -> None:
    """A foreign key on the id alone would accept it, and tell that the id exists."""
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        await db.each(
            "acme",
            "ledger.start",
            unit_id=units["other"],
            partition="p",
            step="s",
            input_hash="h",
            fence=1,
            run_id="r",
        )
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        await db.run(
            "acme", "ledger.raise_generation", unit_id=units["other"], asset="a", partition="p"
        )


def test_every_key_to_another_table_carries_the_organization(admin: psycopg.Connection) -> None:
    keys = admin.execute(
        "select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint "
        "where connamespace = 'app'::regnamespace and contype = 'f'"
    ).fetchall()
    assert keys
    for table, definition in keys:
        assert definition.startswith("FOREIGN KEY (org_id"), (table, definition)


async def test_an_organization_does_not_leak_on_a_pooled_connection(
    database: TestDatabase, units: dict[str, str]
) -> None:
    """Fault 84: 1,000 changes of organization on one connection, with failures half way."""

    async def titles(tx: Transaction) -> list[str]:
        rows = await tx.all(
            "units.list", kind=None, status=None, before_at=None, before_id=None, most=9
        )
        return [row["id"] for row in rows]

    async def failing(tx: Transaction) -> None:
        assert await titles(tx)
        await tx.one("units.set_status", id=units["acme"])  # parameters are missing

    async with Database.open(database.app_url, most_connections=1) as db:
        for number in range(1000):
            org = ("acme", "other", None)[number % 3]
            if number % 7 == 0:
                with pytest.raises((psycopg.ProgrammingError, AssertionError)):
                    await db.transact(org, failing)
            expected = [units[org]] if org else []
            assert await db.transact(org, titles) == expected


async def test_a_cancelled_transaction_leaves_no_organization_behind(
    database: TestDatabase, units: dict[str, str]
) -> None:
    async def slow(tx: Transaction) -> None:
        await tx._connection.execute("select pg_sleep(30)")

    async with Database.open(database.app_url, most_connections=1) as db:
        for _ in range(3):
            task = asyncio.create_task(db.transact("acme", slow))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await db.one(None, "units.get", id=units["acme"]) is None


async def test_a_key_is_found_without_an_organization_until_it_is_revoked(
    db: Database, admin: psycopg.Connection
) -> None:
    key = ApiKey.parse("pk_0123abcd_" + "s" * 43)
    admin.execute(
        "insert into app.api_keys (org_id, key_id, secret_hash, name) values ('acme', %s, %s, 'k')",
        [key.key_id, key.secret_hash],
    )
    found = await db.one(None, "organizations.find_api_key", key_id=key.key_id)
    assert found is not None
    assert found["org_id"] == "acme"
    admin.execute("update app.api_keys set revoked_at = now()")
    assert await db.one(None, "organizations.find_api_key", key_id=key.key_id) is None
