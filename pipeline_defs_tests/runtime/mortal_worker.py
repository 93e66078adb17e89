"""A worker process that makes one paid step and may be killed at a point of it (`CRASH_AT`).

Arguments: database url, redis url, unit, the provider's log, run id and the runs before it.
Prints the result.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from redis.asyncio import Redis

from pipeline_defs.runtime.claims import Claims
from pipeline_defs.runtime.group_commit import Commits
from pipeline_defs.runtime.permits import Permits
from pipeline_defs.runtime.rates import Rates
from pipeline_defs.runtime.work import UnitWork
from pipeline_defs.storage.database import Database
from pipeline_defs_tests.runtime.provider_for_tests import POLICY, Provider


async def main(
    database_url: str, redis_url: str, unit: str, log: str, run_id: str, *before: str
) -> None:
    """Claim the unit and make the step."""
    redis = Redis.from_url(redis_url)
    rates = Rates(redis_url)
    async with (
        Database.open(database_url) as db,
        Claims.open(db, run_id, before) as claims,
        Permits.open(redis, lease=2.0) as permits,
    ):
        claim = await claims.take(unit)
        assert claim is not None
        work = await UnitWork(Commits(db), permits, rates, claim, run_id).open()
        paid = await work.paid(unit, "write", "inputs", POLICY, Provider(Path(log)).call)
        print(json.dumps({"result": paid.result, "reused": paid.reused}))  # noqa: T201
    await rates.aclose()
    await redis.aclose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
