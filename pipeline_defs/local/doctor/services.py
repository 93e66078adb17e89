"""Checks of the running stack: processes, database, broker, blobs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pipeline_defs.domain.reconciliation import left
from pipeline_defs.local import postgres_roles
from pipeline_defs.local.doctor.finding import Finding, fail, ok, warn
from pipeline_defs.local.stack import Stack, StackNotRunningError
from pipeline_defs.settings import Settings, environment_settings
from pipeline_defs.storage.queries import statement

if TYPE_CHECKING:
    import psycopg

_CLOCK_TOLERANCE = 5.0
_RESTARTS_WORTH_A_LOOK = 3


def checks(stack: Stack, settings: Settings) -> Iterator[Finding]:
    """All findings about services; without a running stack only what the user brought."""
    running = stack.is_running()
    own = environment_settings(stack.state)
    yield from _processes(stack)
    if running or own.database_url is not None:
        yield from _database(settings)
    if running or own.redis_url is not None:
        yield _redis(settings)
    yield _blobs(settings)


def _processes(stack: Stack) -> Iterator[Finding]:
    try:
        services = stack.services()
    except StackNotRunningError:
        yield warn("stack", f"not running in {stack.state}", "Start it: pipeline up")
        return
    for service in services:
        name = f"process {service.name}"
        if service.state != "running":
            yield fail(name, f"is {service.state}", f"See the end of {service.log}")
        elif service.restarts >= _RESTARTS_WORTH_A_LOOK:
            words = f"runs, but was started again {service.restarts} times"
            yield warn(name, words, f"See {service.log}")
        else:
            yield ok(name, f"runs (pid {service.pid}, {service.uptime_seconds} s)")


def _database(settings: Settings) -> Iterator[Finding]:
    import psycopg

    if settings.database_url is None:
        yield fail("database", "DATABASE_URL is not set", "Start the stack: pipeline up")
        return
    try:
        with psycopg.connect(settings.database_url.get_secret_value(), connect_timeout=3) as link:
            yield ok(
                "database", f"reachable, server {link.info.parameter_status('server_version')}"
            )
            yield _role(link)
            yield _database_clock(link)
            yield from _reconciliation(link)
    except psycopg.Error as error:
        yield fail(
            "database",
            f"the application cannot connect: {str(error).strip()}",
            "Is Postgres running? See `pipeline status` and the log of postgres",
        )
        return
    yield _migrations(settings)


def _role(link: psycopg.Connection[Any]) -> Finding:
    row = link.execute(
        "SELECT current_user, rolsuper OR rolbypassrls, EXISTS"
        " (SELECT FROM pg_class WHERE relowner = pg_roles.oid)"
        " FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    name, unbound, owns = row or ("?", True, True)
    if unbound or owns:
        what = "can bypass row-level security" if unbound else "owns tables"
        return fail(
            "database role",
            f"{name} {what}: organizations would see each other's data",
            f"Use a role like {postgres_roles.APPLICATION} in DATABASE_URL: docs/operations.md",
        )
    return ok("database role", f"{name} owns nothing and is bound by row-level security")


def _database_clock(link: psycopg.Connection[Any]) -> Finding:
    row = link.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    apart = abs(time.time() - (row[0] if row else 0))
    if apart > _CLOCK_TOLERANCE:
        return fail(
            "database clock",
            f"is {apart:.0f} s away from this machine's",
            "Synchronize both clocks: leases and signatures go by them",
        )
    return ok("database clock", "agrees with this machine's")


def _reconciliation(link: psycopg.Connection[Any]) -> Iterator[Finding]:
    """What the last pass of the reconciler has left for a person; nothing before the first pass."""
    import psycopg

    name = "reconciliation"
    try:
        row = link.execute(statement("reconciliation.newest"), {"run_id": None, "most": 1})
        newest = row.fetchone()
    except psycopg.ProgrammingError:  # the schema is an older one: see `migrations`
        return
    if newest is None:
        return
    _, _, _, ended_at, findings, faults = newest
    minutes = (datetime.now(UTC) - ended_at).total_seconds() / 60
    found = [f"{f['meaning']}: {f['found']}" for f in findings if f["found"]]
    open_ones = [f"{f['meaning']}: {f['found']}" for f in findings if left(f) > 0]
    if faults:
        words = f"the last pass could not look at {', '.join(sorted(faults))}"
        yield warn(name, words, "See the asset `reconciliation` in the Dagster UI")
    elif open_ones:
        advice = "What to do of each: docs/operations.md, what can get lost"
        yield warn(name, f"the last pass left {'; '.join(open_ones)}", advice)
    elif found:
        yield ok(name, f"{minutes:.0f} minutes ago repaired: {'; '.join(found)}")
    else:
        yield ok(name, f"{minutes:.0f} minutes ago nothing was lost")


def _migrations(settings: Settings) -> Finding:
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    from pipeline_defs.storage.migrate import current_revision, head

    if settings.database_admin_url is None:
        return warn("migrations", "not checked: DATABASE_ADMIN_URL is not set", "Set it to check")
    url = settings.database_admin_url.get_secret_value()
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool
    )
    try:
        with engine.connect() as connection:
            found = current_revision(connection)
    except SQLAlchemyError as error:
        return fail("migrations", f"not readable: {error}", "Check DATABASE_ADMIN_URL")
    if found != head():
        advice = "Restart the stack: `pipeline up` migrates"
        return fail("migrations", f"at {found}, the code needs {head()}", advice)
    return ok("migrations", f"current ({found})")


def _redis(settings: Settings) -> Finding:
    import redis

    if settings.redis_url is None:
        return fail("redis", "REDIS_URL is not set", "Start the stack: pipeline up")
    url = settings.redis_url.get_secret_value()
    client = redis.Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3)
    try:
        persistence: Any = client.info("persistence")
        memory: Any = client.info("memory")
    except redis.RedisError as error:
        advice = "See `pipeline status` and the log of valkey. Nothing is lost while it is away"
        return fail("redis", f"does not answer: {error}", advice)
    finally:
        client.close()
    if not persistence.get("aof_enabled"):
        advice = "Set `appendonly yes`: queued runs would have to be dispatched again after a crash"
        return warn("redis", "reachable, but keeps nothing on disk (no append-only file)", advice)
    if persistence.get("aof_last_write_status") != "ok":
        return fail("redis", "cannot write its append-only file", "Check the disk")
    if memory.get("maxmemory_policy") != "noeviction":
        advice = "Set `maxmemory-policy noeviction`: permits and queued runs could vanish"
        return warn("redis", f"may evict keys ({memory.get('maxmemory_policy')})", advice)
    return ok("redis", "reachable, append-only file on, never evicts")


def _blobs(settings: Settings) -> Finding:
    from pipeline_defs.domain.errors import PipelineError
    from pipeline_defs.gateways.blobs import BlobStore

    async def round_trip() -> bool:
        store = BlobStore(settings.blobs)
        ref = await store.put(b"pipeline doctor", "text/plain")
        return await store.get(ref) == b"pipeline doctor"

    where = settings.blobs.partition("?")[0]
    advice = "Check BLOB_URL, its credentials and that the place is writable"
    try:
        if asyncio.run(round_trip()):
            return ok("blob store", f"{where} takes and returns data")
    except (PipelineError, OSError) as error:
        return fail("blob store", f"{where}: {error}", advice)
    return fail("blob store", f"{where} returned something else than was stored", advice)
