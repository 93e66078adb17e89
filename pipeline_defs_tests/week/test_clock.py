"""The clock of a simulated week: everybody goes by it, and durations stay real."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import redis

from pipeline_defs_tests.week.clock import Clock, PostgresOnAClock, ValkeyOnAClock, library

DAY = timedelta(days=1)
SAY = "import time; print(time.time(), time.monotonic())"


@pytest.fixture
def clock() -> Iterator[Clock]:
    found = library()
    if found is None:
        pytest.skip("libfaketime cannot be had here: install the package of your system")
    with Clock.made(found) as made:
        yield made


@pytest.fixture
def servers(clock: Clock, tmp_path: Path) -> Iterator[tuple[PostgresOnAClock, ValkeyOnAClock]]:
    PostgresOnAClock.clock = ValkeyOnAClock.clock = clock
    postgres, valkey = PostgresOnAClock(tmp_path / "pg"), ValkeyOnAClock(tmp_path / "valkey")
    for server in (postgres, valkey):
        server.folder.mkdir()
        server.start()
    yield postgres, valkey
    valkey.stop()
    postgres.stop()


def test_a_day_later_is_a_day_later_for_servers_and_python_alike(
    clock: Clock, servers: tuple[PostgresOnAClock, ValkeyOnAClock]
) -> None:
    postgres, valkey = servers
    with (
        psycopg.connect(postgres.url(), autocommit=True) as connection,
        redis.Redis.from_url(valkey.url) as client,
    ):
        client.set("lease", "held", ex=3600)
        for days in (0, 1, 2):
            now = time.time() + days * DAY.total_seconds()
            row = connection.execute("select extract(epoch from clock_timestamp())").fetchone()
            assert row is not None
            assert float(row[0]) == pytest.approx(now, abs=5)
            assert client.time()[0] == pytest.approx(now, abs=5)  # pyright: ignore[reportIndexIssue]
            assert said(clock)[0] == pytest.approx(now, abs=5)
            clock.forward(DAY)
        assert client.get("lease") is None, "it ran out a day ago"


def test_durations_are_real(clock: Clock) -> None:
    begun = time.monotonic()
    before = said(clock)[1]
    clock.forward(DAY)
    after = said(clock)[1]
    assert after - before <= time.monotonic() - begun


def test_it_says_the_time_of_the_stack(clock: Clock) -> None:
    clock.forward(DAY)
    assert clock.now() - datetime.now(UTC) == pytest.approx(DAY, abs=timedelta(seconds=1))


def said(clock: Clock) -> tuple[float, float]:
    """Time and monotonic time of a Python process that goes by the clock."""
    done = subprocess.run(
        (sys.executable, "-c", SAY),
        env={**os.environ, **clock.environment},
        capture_output=True,
        text=True,
        check=True,
    )
    now, monotonic = done.stdout.split()
    return float(now), float(monotonic)
