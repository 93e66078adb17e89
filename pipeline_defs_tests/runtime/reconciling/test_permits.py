"""Leases that end too late and permits of runs that have ended; live holders keep theirs."""

from __future__ import annotations

import asyncio
import time

import dagster as dg
import pytest
from redis.asyncio import Redis

from pipeline_defs import policies
from pipeline_defs.domain.errors import Transient
from pipeline_defs.runtime import permits as holding
from pipeline_defs.runtime.permits import Permits, keys_of
from pipeline_defs.runtime.reconciling import permits
from pipeline_defs.runtime.reconciling.world import World
from pipeline_defs_tests.dagster_instance import Dagster
from pipeline_defs_tests.runtime.reconciling.conftest import numbers
from pipeline_defs_tests.servers import ValkeyForTests

HOLDERS = keys_of("text")[0]
LONG = policies.PERMIT_OUTLIVES_RUN + 60


@pytest.fixture
def opened_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """Holders that begin now seem to have begun before any call in work."""
    name, now = holding.holder_name, time.time()

    def earlier(run_id: str) -> str:
        with monkeypatch.context() as then:
            then.setattr(time, "time", lambda: now - LONG)
            return name(run_id)

    monkeypatch.setattr(holding, "holder_name", earlier)


async def test_a_lease_written_by_a_clock_that_was_ahead_ends_in_time(
    world: World, redis: Redis
) -> None:
    seconds, _ = await redis.time()
    for key in keys_of("text")[0], keys_of("video")[2]:
        await redis.zadd(key, {"dead:1": (seconds + 3600) * 1000})
    async with Permits.open(redis) as alive, alive.hold("text", "g"):
        found = numbers(await permits.look(world), "permits_overlong")
        assert found == {"found": 2, "repaired": 2}
        latest = max(score for _, score in await redis.zrange(HOLDERS, 0, -1, withscores=True))
        assert latest <= (seconds + 5 + policies.PERMIT_LEASE) * 1000
        assert await redis.zcard(HOLDERS) == 2  # the dead one loses it with the lease, as usual
    assert numbers(await permits.look(world), "permits_overlong") == {}


@pytest.mark.usefixtures("opened_long_ago")
@pytest.mark.parametrize("run", ["ended", "deleted"])
@pytest.mark.timeout(60)
async def test_a_permit_that_outlives_its_run_is_freed_for_good(
    world: World, redis: Redis, dagster: Dagster, run: str
) -> None:
    """A worker goes on renewing it; a run that needs it gets it all the same."""
    ended = dagster.run(dg.DagsterRunStatus.FAILURE, age=LONG)
    run_id = ended if run == "ended" else "00000000-0000-0000-0000-000000000000"
    limits = {"text": 1}
    async with (
        Permits.open(redis, limits, lease=1.0, run_id=run_id) as leaking,
        Permits.open(redis, limits, lease=1.0) as other,
        leaking.hold("text", "g"),
    ):
        got = asyncio.create_task(_hold(other))
        await asyncio.sleep(0.05)
        assert not got.done()
        assert numbers(await permits.look(world), "permits_leaked") == {"found": 1, "freed": 1}
        await asyncio.wait_for(got, 5)
        await asyncio.sleep(0.5)  # heartbeats
        assert await redis.zcard(HOLDERS) == 0
        assert numbers(await permits.look(world), "permits_leaked") == {}


async def _hold(own: Permits) -> None:
    async with own.hold("text", "g"):
        return


@pytest.mark.usefixtures("opened_long_ago")
@pytest.mark.parametrize(
    ("status", "age"),
    [
        (dg.DagsterRunStatus.STARTED, LONG),
        (dg.DagsterRunStatus.STARTING, 0),
        (dg.DagsterRunStatus.SUCCESS, 30),
    ],
)
async def test_permits_of_runs_at_work_or_just_ended_stay(
    world: World, redis: Redis, dagster: Dagster, status: dg.DagsterRunStatus, age: float
) -> None:
    run_id = dagster.run(status, age=age)
    async with Permits.open(redis, run_id=run_id) as live, live.hold("text", "g"):
        assert numbers(await permits.look(world), "permits_leaked") == {}
        assert await redis.zcard(HOLDERS) == 1


async def test_a_permit_taken_a_moment_ago_stays_whatever_dagster_knows_of_its_run(
    world: World, redis: Redis
) -> None:
    async with (
        Permits.open(redis, run_id="a-run-not-yet-stored") as new,
        Permits.open(redis) as without_run,
        new.hold("text", "g"),
        without_run.hold("text", "g"),
    ):
        assert numbers(await permits.look(world), "permits_leaked") == {}
        assert await redis.zcard(HOLDERS) == 2


async def test_an_absent_redis_is_transient(world: World, valkey_server: ValkeyForTests) -> None:
    valkey_server.kill()
    try:
        with pytest.raises(Transient, match="PERMITS_UNAVAILABLE"):
            await permits.look(world)
    finally:
        valkey_server.restart()
