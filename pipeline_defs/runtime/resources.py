"""Everything a run works with, opened for its event loop and closed after it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from pipeline_defs.gateways.blobs import BlobStore
from pipeline_defs.gateways.catalog import load_catalog
from pipeline_defs.gateways.opening import Gateways, open_gateways
from pipeline_defs.runtime.claims import Claim, Claims
from pipeline_defs.runtime.group_commit import Commits
from pipeline_defs.runtime.permits import Permits
from pipeline_defs.runtime.progress import announcer
from pipeline_defs.runtime.rates import Rates
from pipeline_defs.runtime.wakes import Wakes
from pipeline_defs.runtime.work import Store, UnitWork
from pipeline_defs.settings import Settings
from pipeline_defs.storage.database import Database


@dataclass(frozen=True, slots=True)
class Resources:
    """The open connections of a run."""

    database: Database
    gateways: Gateways
    claims: Claims
    permits: Permits
    rates: Rates
    wakes: Wakes
    commits: Commits
    settings: Settings
    run_id: str

    async def work_on(self, claim: Claim, begin: Store) -> UnitWork:
        """The claimed unit, begun, with its ledger read."""
        work = UnitWork(self.commits, self.permits, self.rates, claim, self.run_id)
        return await work.open(begin)


@asynccontextmanager
async def open_resources(
    settings: Settings, run_id: str, ancestors: Sequence[str]
) -> AsyncGenerator[Resources]:
    """Open what a run needs. `ancestors`: the runs it retries, whose claims it may take over."""
    async with AsyncExitStack() as stack:
        redis = Redis.from_url(
            settings.required("redis_url"),
            socket_connect_timeout=2,
            driver_info=None,  # or each connection reads the client's version from its package
        )
        stack.push_async_callback(redis.aclose)
        database = await stack.enter_async_context(
            Database.open(settings.required("database_url"), announce=announcer(redis))
        )
        rates = Rates(settings.required("redis_url"))
        stack.push_async_callback(rates.aclose)
        yield Resources(
            database=database,
            gateways=await stack.enter_async_context(
                open_gateways(settings, load_catalog(settings.providers_file))
            ),
            claims=await stack.enter_async_context(Claims.open(database, run_id, ancestors)),
            permits=await stack.enter_async_context(Permits.open(redis, run_id=run_id)),
            rates=rates,
            wakes=await stack.enter_async_context(Wakes.open(redis)),
            commits=Commits(database),
            settings=settings,
            run_id=run_id,
        )


def open_blobs(settings: Settings) -> BlobStore:
    """The blob store alone, for those who only read files; nothing is connected before its use."""
    return BlobStore(settings.blobs)
