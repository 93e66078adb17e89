"""Connections of each role to a migrated database with two organizations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from pipeline_defs.domain.articles.models import ArticleRequest
from pipeline_defs.storage import articles
from pipeline_defs.storage.database import Database
from pipeline_defs_tests.servers import TestDatabase

ORGS = ("acme", "other")


@pytest.fixture
def admin(database: TestDatabase) -> Iterator[psycopg.Connection]:
    """Superuser: sees and changes everything."""
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        for org in ORGS:
            connection.execute(
                "insert into app.organizations (org_id, name) values (%s, %s)", [org, org]
            )
        yield connection


@pytest.fixture
async def db(database: TestDatabase, admin: psycopg.Connection) -> AsyncIterator[Database]:
    """As the application sees it."""
    async with Database.open(database.app_url) as opened:
        yield opened


@pytest.fixture
async def units(db: Database) -> dict[str, str]:
    """One article of each organization."""
    request = ArticleRequest(topic="Honey bees", sections=2)
    return {
        org: await db.transact(org, lambda tx: articles.create(tx, request, "tester"))
        for org in ORGS
    }
