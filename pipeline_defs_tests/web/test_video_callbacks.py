"""Callbacks of video jobs: signed, stored once, for a unit that is there."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from pipeline_defs.gateways.video.callbacks import sign
from pipeline_defs.runtime.video_callbacks import job_key
from pipeline_defs.runtime.wakes import Wakes
from pipeline_defs_tests.servers import TestDatabase
from pipeline_defs_tests.web.filming import Studio
from pipeline_defs_tests.web.gateways import World, running_world, settings_for

SECRET = "shared-with-the-video-provider"
BODY = {"type": "video.generation.completed", "data": {"id": "job_1", "status": "completed"}}


@pytest.fixture
async def world(database: TestDatabase, redis_url: str, tmp_path: Path) -> AsyncGenerator[World]:
    """A gateway that knows the secret."""
    settings = settings_for(database, redis_url, tmp_path, openrouter_webhook_secret=SECRET)
    async with running_world(settings, database) as running:
        yield running


def signed(body: dict[str, Any], key: str = "video-job_1", secret: str = SECRET) -> dict[str, Any]:
    """A request as the provider sends it."""
    raw = json.dumps(body).encode()
    headers = {
        "Content-Type": "application/json",
        "X-OpenRouter-Signature": sign(secret, int(time.time()), raw),
        "X-OpenRouter-Idempotency-Key": key,
    }
    return {"content": raw, "headers": headers}


async def test_a_signed_callback_is_stored_once_and_wakes_who_waits(
    world: World, redis_url: str
) -> None:
    lecture_id = await Studio(world).queued()
    client, path = world.client(None), f"/webhooks/openrouter/default/{lecture_id}"
    redis = Redis.from_url(redis_url)
    try:
        async with Wakes.open(redis) as wakes:
            with wakes.expected(job_key("job_1")) as done:
                await asyncio.sleep(0.2)  # until it listens
                first = await client.post(path, **signed(BODY))
                assert (first.status_code, first.json()["duplicate"]) == (200, False), first.text
                async with asyncio.timeout(5):
                    await done.wait(10)
    finally:
        await redis.aclose()
    again = await client.post(path, **signed(BODY))
    assert (again.status_code, again.json()["duplicate"]) == (200, True)


async def test_a_callback_that_is_not_signed_with_our_secret_is_refused(world: World) -> None:
    lecture_id = await Studio(world).queued()
    client, path = world.client(None), f"/webhooks/openrouter/default/{lecture_id}"
    for request in (
        signed(BODY, secret="another secret"),
        {"json": BODY},
        {"json": BODY, "headers": {"X-OpenRouter-Signature": "t=,v1="}},
    ):
        answer = await client.post(path, **request)
        assert (answer.status_code, answer.json()["code"]) == (401, "SIGNATURE_REFUSED")
    large = await client.post(
        path, content=b"x" * 300_000, headers={"Content-Type": "application/json"}
    )
    assert large.status_code == 413


async def test_a_callback_for_nobody_or_anothers_unit_is_not_found(world: World) -> None:
    theirs = await Studio(world, "other").queued()
    client = world.client(None)
    for path in (f"default/{theirs}", "nobody/lecture-20260101-zzzzzzzz", "default/nothing", "A/B"):
        answer = await client.post(f"/webhooks/openrouter/{path}", **signed(BODY))
        assert answer.status_code == 404, path
