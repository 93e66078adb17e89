"""What a night leaves behind, counted: what must not grow from day to day."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import LiteralString

import psutil
import psycopg
import redis

from pipeline_defs.local.stack import Stack
from pipeline_defs_tests.week.world import World

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Look:
    """The stack once a night is over. Sizes in MB, of memory without what processes share."""

    units: int
    open_units: int
    partitions: int
    runs: int
    events: int
    ticks: int
    skipped_ticks: int
    permits: int
    connections: int
    memory: int
    valkey: int

    def row(self, day: str) -> str:
        """A line of the table."""
        return f"| {day} | " + " | ".join(f"{getattr(self, f.name)}" for f in fields(self)) + " |"


def heading() -> str:
    """The head of the table."""
    names = [field.name.replace("_", " ") for field in fields(Look)]
    return f"| day | {' | '.join(names)} |\n|{'---|' * (len(names) + 1)}"


def look(world: World) -> Look:
    """Count."""
    return Look(
        units=_ours(world, "select count(*) from app.units"),
        open_units=open_units(world),
        partitions=_dagster(world, "select count(*) from dynamic_partitions"),
        runs=_dagster(world, "select count(*) from runs"),
        events=_dagster(world, "select count(*) from event_logs"),
        ticks=_dagster(world, "select count(*) from job_ticks"),
        skipped_ticks=_dagster(world, "select count(*) from job_ticks where status = 'SKIPPED'"),
        permits=_permits(world),
        connections=_ours(world, "select count(*) from pg_stat_activity where datname is not null"),
        memory=_memory(world) // MEGABYTE,
        valkey=_valkey(world) // MEGABYTE,
    )


def open_units(world: World) -> int:
    """Units that are not final."""
    return _ours(
        world,
        "select count(*) from app.units "
        "where status not in ('completed', 'incomplete', 'failed', 'cancelled')",
    )


def connections_by_process(world: World) -> str:
    """How many each process holds, the most first."""
    with psycopg.connect(world.postgres.url(database=world.application)) as connection:
        found = connection.execute(
            "select coalesce(nullif(application_name, ''), 'other'), count(*) "
            "from pg_stat_activity where datname is not null group by 1 order by 2 desc, 1"
        ).fetchall()
    return ", ".join(f"{name} {number}" for name, number in found)


def working_runs(world: World) -> list[tuple[str, str, str]]:
    """Runs of Dagster that have not ended: job, status, since when."""
    with psycopg.connect(world.postgres.url(database=world.dagster)) as connection:
        return connection.execute(
            "select pipeline_name, status, update_timestamp::text from runs "
            "where status not in ('SUCCESS', 'FAILURE', 'CANCELED') order by id"
        ).fetchall()


def _ours(world: World, statement: LiteralString) -> int:
    return _count(world.postgres.url(database=world.application), statement)


def _dagster(world: World, statement: LiteralString) -> int:
    return _count(world.postgres.url(database=world.dagster), statement)


def _count(url: str, statement: LiteralString) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement).fetchone()
    assert row is not None
    return int(row[0])


def _permits(world: World) -> int:
    """Held at the providers."""
    with redis.Redis.from_url(world.valkey.url, decode_responses=True) as client:
        keys = list(client.scan_iter("permits:*:holders"))
        return sum(int(str(client.zcard(key))) for key in keys)


def _valkey(world: World) -> int:
    with redis.Redis.from_url(world.valkey.url) as client:
        return int(client.info("memory")["used_memory"])  # pyright: ignore[reportIndexIssue]


def _memory(world: World) -> int:
    """Of all our processes and their children."""
    pids = {service.pid for service in Stack(world.product.state).services() if service.pid}
    processes = {
        process.pid: process
        for pid in pids
        for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True))
    }
    return sum(process.memory_full_info().uss for process in processes.values())
