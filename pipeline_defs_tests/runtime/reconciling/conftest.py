"""A world to reconcile: a database, Valkey and blob folder of the test, Dagster on Postgres."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from redis.asyncio import Redis

from pipeline_defs.domain.reconciliation import Finding
from pipeline_defs.gateways.blobs import BlobStore
from pipeline_defs.runtime.lines import LINES
from pipeline_defs.runtime.reconciling.world import World
from pipeline_defs.runtime.reporting import Reporter
from pipeline_defs.storage.database import Database
from pipeline_defs_tests.dagster_instance import Dagster

SPACES = {"article_outline": "articles", "section_brief": "sections", "section_draft": "sections"}
BRIDGES = frozenset({"section_brief"})
RUN = "run-of-the-reconciler"


@pytest.fixture
async def world(db: Database, redis: Redis, dagster: Dagster, tmp_path: Path) -> World:
    """Everything a pass looks at."""
    context: Any = SimpleNamespace(instance=dagster.instance)
    return World(
        database=db,
        instance=dagster.instance,
        redis=redis,
        blobs=BlobStore((tmp_path / "blobs").as_uri()),
        lines=LINES,
        run_id=RUN,
        spaces=SPACES,
        events=Reporter(context, BRIDGES, "http://studio.example").events,
    )


@pytest.fixture
def of_unit(admin: psycopg.Connection) -> Callable[..., Any]:
    """A column of a unit, seen by the superuser."""

    def read(unit: str, expression: str) -> Any:
        row = admin.execute(f"select {expression} from app.units where id = %s", [unit])  # noqa: S608
        found = row.fetchone()
        return found[0] if found else None

    return read


def numbers(findings: list[Finding], loss: str) -> dict[str, int]:
    """The numbers of a loss that are not zero."""
    (found,) = [finding for finding in findings if finding.loss == loss]
    about = found.as_dict()
    return {name: value for name, value in about.items() if isinstance(value, int) and value}
