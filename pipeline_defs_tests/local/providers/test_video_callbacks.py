"""Callbacks of video jobs: signed, repeated until somebody takes them, to this machine only."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from pipeline_defs.local.providers.app import Config, create_app
from pipeline_defs.local.providers.engines import Engines
from pipeline_defs.local.providers.server import callbacks
from pipeline_defs_tests.local.providers.client import BASE_URL, KEY, Providers
from pipeline_defs_tests.local.providers.media import (
    VIDEOS,
    Receiver,
    finished,
    receiving,
    video_body,
)

SECRET = "callback-secret"
REFUSED = {"match": {"capability": "video"}, "action": {"refusal": True}}


@asynccontextmanager
async def server(state: Path, engines: Engines, secret: str = SECRET) -> AsyncGenerator[Providers]:
    app = create_app(Config(KEY, state, BASE_URL, secret), engines)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=BASE_URL) as http,
    ):
        yield Providers(http)


def is_signed(headers: Mapping[str, str], body: bytes) -> bool:
    """What a receiver checks, written down here once more."""
    parts = dict(part.split("=", 1) for part in headers["x-openrouter-signature"].split(","))
    signed = parts["t"].encode() + b"," + body
    return hmac.compare_digest(
        parts["v1"], hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    )


async def refused_job(providers: Providers, receiver: Receiver) -> str:
    """A job that is over at once, without an encoder."""
    await providers.faults(REFUSED)
    order = await providers.post(VIDEOS, video_body(callback_url=receiver.url))
    return order.json()["id"]


async def test_the_end_of_a_job_is_told_with_a_signature(tmp_path: Path, engines: Engines) -> None:
    async with server(tmp_path, engines) as providers, receiving() as receiver:
        await providers.http.put(
            "/_control/latency", json={"video": 0.05}, headers=providers.headers
        )
        order = await providers.post(VIDEOS, video_body(callback_url=receiver.url))
        job_id = order.json()["id"]
        await receiver.has(1)
        headers, body = receiver.taken[0]
        event = json.loads(body)
        assert is_signed(headers, body)
        assert headers["x-openrouter-idempotency-key"]
        assert event["type"] == "video.generation.completed"
        assert (event["data"]["id"], event["data"]["status"]) == (job_id, "completed")
        assert event["data"]["usage"]["cost"] > 0
        assert (await finished(providers, job_id))["status"] == "completed"


async def test_a_callback_that_fails_is_sent_again_under_the_same_key(
    tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callbacks, "PAUSES", (0.01, 0.01, 0.01))
    async with server(tmp_path, engines) as providers, receiving(500, 503) as receiver:
        await refused_job(providers, receiver)
        await receiver.has(3)
        await asyncio.sleep(0.1)
    assert len(receiver.taken) == 3
    assert all(is_signed(headers, body) for headers, body in receiver.taken)
    assert len({headers["x-openrouter-idempotency-key"] for headers, _ in receiver.taken}) == 1
    assert len({body for _, body in receiver.taken}) == 1
    event = json.loads(receiver.taken[0][1])
    assert event["type"] == "video.generation.failed"
    assert event["data"]["error"].startswith("content_policy_violation")


async def test_a_callback_that_nobody_took_is_sent_after_a_restart(
    tmp_path: Path, engines: Engines
) -> None:
    async with receiving(500) as receiver:
        async with server(tmp_path, engines) as providers:
            await refused_job(providers, receiver)
            await receiver.has(1)
        async with server(tmp_path, engines):
            await receiver.has(2)
    async with server(tmp_path, engines):
        await asyncio.sleep(0.05)
    assert len(receiver.taken) == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/done",
        "http://10.0.0.1/done",
        "http://127.0.0.1.example.com/",
        "file:///etc/passwd",
        "http://[bad",
    ],
)
async def test_nobody_beyond_this_machine_is_called(
    url: str, tmp_path: Path, engines: Engines, caplog: pytest.LogCaptureFixture
) -> None:
    assert not callbacks.may_be_called(url)
    caplog.set_level(logging.WARNING)
    async with server(tmp_path, engines) as providers:
        job_id = await refused_job(providers, Receiver(url))
        await finished(providers, job_id)
        await asyncio.sleep(0.05)
    assert "not called back" in caplog.text


async def test_without_a_secret_nobody_is_called(tmp_path: Path, engines: Engines) -> None:
    async with server(tmp_path, engines, secret="") as providers, receiving() as receiver:
        await finished(providers, await refused_job(providers, receiver))
        await asyncio.sleep(0.1)
    assert receiver.taken == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.8.9.1"])
def test_all_names_of_this_machine_may_be_called(host: str) -> None:
    assert callbacks.may_be_called(f"http://{host}:8700/webhooks/openrouter/a/b")
