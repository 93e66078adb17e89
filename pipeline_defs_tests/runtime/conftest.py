"""A migrated database with two organizations, and workers made of the real parts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack

import psycopg
import pytest
from redis.asyncio import Redis

from pipeline_defs import policies
from pipeline_defs.domain.articles.models import ArticleRequest
from pipeline_defs.runtime.claims import Claim, Claims
from pipeline_defs.runtime.group_commit import Commits
from pipeline_defs.runtime.permits import Permits
from pipeline_defs.runtime.rates import Rates
from pipeline_defs.runtime.work import UnitWork
from pipeline_defs.storage import articles
from pipeline_defs.storage.database import Database
from pipeline_defs_tests.servers import TestDatabase

ORG, OTHER = "acme", "other"


@pytest.fixture
def admin(database: TestDatabase) -> Iterator[psycopg.Connection]:
    """The test's database as superuser: sees and changes everything."""
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        for org in (ORG, OTHER):
            connection.execute(
                "insert into app.organizations (org_id, name) values (%s, %s)", [org, org]
            )
        yield connection


@pytest.fixture
async def db(database: TestDatabase, admin: psycopg.Connection) -> AsyncIterator[Database]:
    """The test's database as the application sees it."""
    async with Database.open(database.app_url, patience=15) as opened:
        yield opened


@pytest.fixture
def quick_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases of a second instead of twelve."""
    monkeypatch.setattr(policies, "CLAIM_LEASE", 1.0)
    monkeypatch.setattr(policies, "CLAIM_HEARTBEAT", 0.1)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """An empty Valkey."""
    client = Redis.from_url(redis_url)
    yield client
    await client.aclose()


async def new_article(db: Database, sections: int = 2, org: str = ORG) -> str:
    """A stored article in its first state."""
    request = ArticleRequest(topic="Honey bees", sections=sections)
    return await db.transact(org, lambda tx: articles.create(tx, request, "tester"))


@pytest.fixture
async def unit(db: Database) -> str:
    """An article that waits for its first run."""
    return await new_article(db)


class Workers:
    """Makes workers on a unit; each has a run id of its own."""

    def __init__(self, db: Database, redis: Redis, stack: AsyncExitStack) -> None:
        self._db, self._redis, self._stack = db, redis, stack
        self._permits: Permits | None = None

    async def on(
        self, unit: str, run_id: str = "run-1", *, after: tuple[str, ...] = (), alive: bool = True
    ) -> UnitWork:
        """A worker that holds the unit; one that is not `alive` never renews its claim."""
        if alive:
            claims = await self._stack.enter_async_context(Claims.open(self._db, run_id, after))
        else:
            claims = Claims(self._db, run_id, after)
        claim = await claims.take(unit)
        assert claim is not None
        return await self.with_claim(claim, run_id)

    async def of_one_run(self, units: Sequence[str]) -> list[UnitWork]:
        """Works of several units that share what a run shares."""
        claims = await self._stack.enter_async_context(Claims.open(self._db, "run-1", ()))
        commits = Commits(self._db)
        works: list[UnitWork] = []
        for unit in units:
            claim = await claims.take(unit)
            assert claim is not None
            works.append(await self.with_claim(claim, commits=commits))
        return works

    async def with_claim(
        self, claim: Claim, run_id: str = "run-1", *, commits: Commits | None = None
    ) -> UnitWork:
        """A worker on a claim it already has."""
        if self._permits is None:
            self._permits = await self._stack.enter_async_context(Permits.open(self._redis))
        return await UnitWork(
            commits or Commits(self._db), self._permits, Rates("redis://unused"), claim, run_id
        ).open()


@pytest.fixture
async def workers(db: Database, redis: Redis) -> AsyncIterator[Workers]:
    """Workers whose heartbeats end with the test."""
    async with AsyncExitStack() as stack:
        yield Workers(db, redis, stack)


@pytest.fixture
def count(admin: psycopg.Connection) -> Callable[..., int]:
    """Rows of a table, seen by the superuser."""

    def rows(table: str, where: str = "true", *parameters: object) -> int:
        found = admin.execute(f"select count(*) from app.{table} where {where}", parameters)  # noqa: S608
        return found.fetchone()[0]

    return rows
