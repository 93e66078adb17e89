"""Events with a rule at the running gateway: what the sender is told, and when they take effect."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from pipeline_defs import policies
from pipeline_defs.domain.flows import Debounce
from pipeline_defs.runtime.routes import FLOWS
from pipeline_defs.web import gateway
from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.test_webhooks import signed

TOPIC = {"topic": "Bread", "sections": 2}


async def article_topics(client: httpx.AsyncClient) -> list[str]:
    return [item["title"] for item in (await client.get("/v1/articles")).json()["items"]]


async def send(world: World, event_id: str, event_type: str, **data: Any) -> httpx.Response:
    event = {"type": event_type, "data": data}
    return await world.client(None).post("/v1/events", **signed(event, event_id))


async def test_an_event_that_waits_takes_effect_as_soon_as_it_is_due(
    world: World, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gateway that stored it knows when that is; it does not look now and then."""
    monkeypatch.setattr(gateway, "OPEN_EVENTS_INTERVAL", 60.0)
    rule = Debounce(key="data.topic", quiet=0.5, at_most=5)
    monkeypatch.setitem(FLOWS, "article/requested", rule)  # pyright: ignore[reportArgumentType]
    processing = asyncio.create_task(gateway._process_inbox(world.gateway))
    try:
        await asyncio.sleep(0.2)
        for event_id in ("e1", "e2"):
            answer = await send(world, event_id, "article/requested", **TOPIC)
            told = answer.json()
            assert (answer.status_code, told["status"]) == (202, "received")
            assert told["reason"] == "waits until none comes for 0.5 s"
        assert await article_topics(client) == []
        async with asyncio.timeout(10):
            while not await article_topics(client):
                await asyncio.sleep(0.05)
        again = (await send(world, "e1", "article/requested", **TOPIC)).json()
        assert (again["status"], again["skipped"]) == ("ignored", True)
        assert again["reason"] == "superseded by webhook e2"
        final = (await send(world, "e2", "article/requested", **TOPIC)).json()
        assert final["status"] == "done"
        assert final["unit_id"].startswith("article-")
        assert await article_topics(client) == ["Bread"]
    finally:
        processing.cancel()
        await asyncio.gather(processing, return_exceptions=True)


async def test_a_sender_that_runs_wild_does_not_make_lectures_without_end(
    world: World, client: httpx.AsyncClient
) -> None:
    most = policies.LECTURE_EVENTS_PER_MINUTE
    topic = {"topic": "Bread", "minutes": 1}
    answers = [
        (await send(world, f"e{n}", "lecture/requested", **topic)).json() for n in range(most + 3)
    ]
    assert [answer["status"] for answer in answers] == ["done"] * most + ["received"] * 3
    assert all(answer["success"] and not answer["skipped"] for answer in answers)
    assert "waits for its turn" in answers[-1]["reason"]
    made = await client.get("/v1/lectures", params={"limit": 200})
    assert len(made.json()["items"]) == most
