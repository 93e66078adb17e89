"""The gateway without its database: it says so, stores nothing it did not promise, and recovers."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from pipeline_defs.storage import articles
from pipeline_defs.web.app import create_app
from pipeline_defs_tests.servers import PostgresForTests, TestDatabase
from pipeline_defs_tests.web.gateways import World, running_gateway, running_world, settings_for

CREATE = {"topic": "Photosynthesis", "sections": 3}
KEY = {"Idempotency-Key": "k"}


async def test_it_starts_and_answers_without_a_database(
    database: TestDatabase, redis_url: str, tmp_path: Path
) -> None:
    settings = settings_for(
        database, redis_url, tmp_path, database_url="postgresql://nobody@127.0.0.1:9/none"
    )
    async with (
        running_gateway(create_app(settings)) as url,
        httpx.AsyncClient(base_url=url, timeout=20) as client,
    ):
        assert (await client.get("/healthz")).status_code == 200
        started = time.monotonic()
        ready = await client.get("/readyz")
        assert time.monotonic() - started < 5
        assert (ready.status_code, ready.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
        assert ready.headers["retry-after"]
        key = {"Authorization": "Bearer pk_00000000_" + "A" * 43}
        assert (await client.post("/v1/articles", json=CREATE, headers=key)).status_code == 503
        assert "gateway_database_up 0.0" in (await client.get("/metrics")).text


async def test_postgres_killed_under_it_means_503_then_recovery_and_one_article(
    world: World, client: httpx.AsyncClient, postgres_server: PostgresForTests
) -> None:
    await client.get("/v1/queue")
    await asyncio.to_thread(postgres_server.kill)
    try:
        started = time.monotonic()
        refused = await client.post("/v1/articles", json=CREATE, headers=KEY)
        assert time.monotonic() - started < 5
        assert (refused.status_code, refused.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
        assert refused.headers["retry-after"]
        page = await client.get("/studio/sign-in")
        assert page.status_code == 200
    finally:
        await asyncio.to_thread(postgres_server.start)
    async with asyncio.timeout(30):
        while (await client.get("/readyz")).status_code != 200:
            await asyncio.sleep(0.1)
    answers = [await client.post("/v1/articles", json=CREATE, headers=KEY) for _ in range(2)]
    assert [a.status_code for a in answers] == [202, 202]
    assert len((await client.get("/v1/articles")).json()["items"]) == 1


async def test_a_database_that_hangs_or_is_read_only_means_503(
    world: World, client: httpx.AsyncClient
) -> None:
    with psycopg.connect(world.database.superuser_url) as blocker:
        blocker.execute("lock table app.inbox")
        started = time.monotonic()
        answer = await client.post("/v1/articles", json=CREATE)
        assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_SLOW")
        assert time.monotonic() - started < 5
        assert (await client.get("/v1/queue")).status_code == 200
    with psycopg.connect(world.database.superuser_url, autocommit=True) as admin:
        name = world.database.name
        admin.execute(f"alter database {name} set default_transaction_read_only = on")
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'pipeline_app'"
        )
        answer = await client.post("/v1/articles", json=CREATE)
        assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
        admin.execute("set default_transaction_read_only = off")
        admin.execute(f"alter database {name} reset default_transaction_read_only")
    assert (await client.get("/v1/queue")).json()["total"] == 0


async def test_a_connection_lost_after_the_commit_makes_one_article(
    world: World, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit's outcome is unknown to us: our own repetition finds the stored request."""
    commit = psycopg.AsyncPipeline.__aexit__
    losses: list[str] = []

    async def commit_then_lose(self: psycopg.AsyncPipeline, *args: Any) -> Any:
        result = await commit(self, *args)
        if created and not losses:
            losses.append("lost")
            raise psycopg.OperationalError("connection lost")
        return result

    created: list[str] = []
    create = articles.create

    async def noted(*args: Any) -> str:
        created.append(await create(*args))
        return created[-1]

    monkeypatch.setattr(articles, "create", noted)
    monkeypatch.setattr(psycopg.AsyncPipeline, "__aexit__", commit_then_lose)
    answer = await client.post("/v1/articles", json=CREATE)
    assert (answer.status_code, losses) == (202, ["lost"])
    assert [answer.json()["id"]] == created
    assert len((await client.get("/v1/articles")).json()["items"]) == 1


async def test_a_schema_of_another_version_is_not_ready(
    world: World, client: httpx.AsyncClient
) -> None:
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    with psycopg.connect(world.database.superuser_url) as connection:
        connection.execute("delete from app.transitions")
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "SCHEMA_MISMATCH")


async def test_metrics_count_requests_the_inbox_and_the_queue(
    world: World, client: httpx.AsyncClient
) -> None:
    for _ in range(2):
        await client.post("/v1/articles", json=CREATE, headers=KEY)
    await client.get("/v1/articles/article-x")
    text = (await client.get("/metrics")).text
    assert 'gateway_inbox_total{outcome="stored",source="api"} 1.0' in text
    assert 'gateway_inbox_total{outcome="duplicate",source="api"} 1.0' in text
    assert 'pipeline_units{kind="articles",status="queued"} 1.0' in text
    route = 'method="GET",route="/v1/articles/{article_id}",status="404"'
    assert f"gateway_requests_total{{{route}}} 1.0" in text
    assert "gateway_redis_up 1.0" in text


async def test_stopping_ends_streams_quickly(
    database: TestDatabase, redis_url: str, tmp_path: Path
) -> None:
    async with running_world(settings_for(database, redis_url, tmp_path), database) as world:
        article_id = await world.article()
        client = world.client()
        context = client.stream("GET", f"/v1/progress/articles/{article_id}")
        response = await context.__aenter__()
        started = time.monotonic()
    assert time.monotonic() - started < 5
    assert response.status_code == 200
