"""Progress streams: every number once and in order, whatever happens to Redis or the client."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import psycopg
import pytest
from redis.asyncio import Redis

from pipeline_defs import policies
from pipeline_defs.runtime.progress import counts, publish, stream_key
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Database, ProgressEvent, Transaction
from pipeline_defs.web import hub as hub_module
from pipeline_defs.web.streaming import EventStream
from pipeline_defs_tests.servers import TestDatabase, ValkeyForTests
from pipeline_defs_tests.web.gateways import World, running_world, settings_for
from pipeline_defs_tests.web.sse import Event, follow


def path_of(article_id: str) -> str:
    """The stream of an article."""
    return f"/v1/progress/articles/{article_id}"


def numbers(events: list[Event]) -> list[int]:
    """Ids of progress events, which equal their numbers."""
    progress = [event for event in events if event.name == "progress"]
    assert all(event.id == str(event.data["seq"]) for event in progress)
    return [event.data["seq"] for event in progress]


async def silently(world: World, article_id: str, message: str) -> int:
    """Store an event as a worker whose Redis is away would: nobody is told; its number."""

    async def store(tx: Transaction) -> None:
        units.append_progress(tx, article_id, stage="s", outcome="started", message=message)

    async with Database.open(world.database.app_url) as database:
        await database.transact("default", store)
        bounds = await database.one("default", "progress.bounds", unit_id=article_id)
        assert bounds is not None
        return bounds["last_seq"]


async def test_history_is_replayed_then_live_events_follow_until_the_end(
    world: World, client: httpx.AsyncClient
) -> None:
    article_id = await world.article(sections=1)
    await world.outlined(article_id, ["One"])
    async with follow(client, path_of(article_id)) as stream:
        first = await stream.take(2)
        await world.progress(article_id, "Writing")
        live = await stream.next(1.0)
        assert live is not None
        assert live.data["message"] == "Writing"
        await world.finish(article_id, "cancelled")
        rest = await stream.rest()
    assert numbers([*first, live, *rest]) == [1, 2, 3, 4]
    assert (rest[-1].name, rest[-1].data["status"]) == ("end", "cancelled")


async def test_a_finished_unit_is_told_in_full_and_ends(
    world: World, client: httpx.AsyncClient
) -> None:
    article_id = await world.article(sections=1)
    await client.post(f"/v1/articles/{article_id}/cancel")
    async with follow(client, path_of(article_id)) as stream:
        events = await stream.rest()
    assert numbers(events) == list(range(1, len(events)))
    assert events[-1].name == "end"
    async with follow(client, path_of(article_id), events[-2].id) as stream:
        assert [event.name for event in await stream.rest()] == ["end"]


async def test_a_client_that_comes_back_misses_and_repeats_nothing(
    world: World, client: httpx.AsyncClient
) -> None:
    article_id = await world.article(sections=1)
    seen: list[int] = []
    for _ in range(4):
        last = str(seen[-1]) if seen else None
        async with follow(client, path_of(article_id), last) as stream:
            target = await world.progress(article_id, "while connected")
            while not seen or seen[-1] < target:
                seen += numbers(await stream.take(1))
        await world.progress(article_id, "while away")
        await world.progress(article_id, "still away")
    async with follow(client, path_of(article_id), str(seen[-1])) as stream:
        seen += numbers(await stream.take(2))
    assert seen == list(range(1, 14))


async def test_ids_that_cannot_be_resumed_get_a_reset_with_a_snapshot(
    world: World, client: httpx.AsyncClient
) -> None:
    article_id = await world.article(sections=1)
    last = await world.progress(article_id, "x")
    for odd in ["99", "-1", "abc", "1-0", "9" * 30, "0x1"]:
        async with follow(client, path_of(article_id), odd) as stream:
            event = await stream.next()
        assert event is not None
        assert (event.name, event.id) == ("reset", str(last)), odd
        assert event.data["id"] == article_id
        assert event.data["progress"]["percentage"] == 0


async def test_an_id_older_than_the_archive_gets_a_reset(
    world: World, client: httpx.AsyncClient
) -> None:
    article_id = await world.article(sections=1)
    for _ in range(5):
        await world.progress(article_id, "x")
    with psycopg.connect(world.database.superuser_url) as connection:
        connection.execute("delete from app.progress_events where seq <= 3")
    for last, expected in [(None, "reset"), ("1", "reset"), ("3", "progress"), ("4", "progress")]:
        async with follow(client, path_of(article_id), last) as stream:
            event = await stream.next()
        assert event is not None
        assert event.name == expected, last


async def test_an_event_redis_lost_is_filled_in_from_postgres_in_order(
    world: World, client: httpx.AsyncClient
) -> None:
    article_id = await world.article(sections=1)
    async with follow(client, path_of(article_id)) as stream:
        await stream.take(1)
        await silently(world, article_id, "lost")
        await world.progress(article_id, "told")
        events = await stream.take(2)
        await silently(world, article_id, "lost and nothing after it")
        events += await stream.take(1)
    assert numbers(events) == [2, 3, 4]
    assert [event.data["message"] for event in events][:2] == ["lost", "told"]


async def test_streams_go_on_while_redis_is_killed_flushed_and_started_again(
    world: World, client: httpx.AsyncClient, valkey_server: ValkeyForTests
) -> None:
    article_id = await world.article(sections=1)
    async with follow(client, path_of(article_id)) as stream:
        await stream.take(1)
        await asyncio.to_thread(valkey_server.kill)
        try:
            lost = counts.lost
            await world.progress(article_id, "without Redis")
            events = await stream.take(1)
            assert counts.lost > lost
            assert (await client.get("/v1/queue")).status_code == 200
            ready = await client.get("/readyz")
            assert (ready.status_code, ready.json()["redis"]) == (200, "unavailable")
        finally:
            await asyncio.to_thread(valkey_server.start)
        valkey_server.empty()
        await world.progress(article_id, "again")
        events += await stream.take(1)
    assert numbers(events) == [2, 3]


async def test_no_redis_at_all_is_enough(database: TestDatabase, tmp_path: Path) -> None:
    async with running_world(settings_for(database, None, tmp_path), database) as world:
        article_id = await world.article(sections=1)
        async with follow(world.client(), path_of(article_id)) as stream:
            await stream.take(1)
            await world.progress(article_id, "x")
            assert numbers(await stream.take(1)) == [2]
        assert (await world.client().get("/readyz")).json()["redis"] == "not configured"


async def test_a_workers_event_arrives_through_redis_at_once(
    world: World, redis_url: str, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "POLL", 30.0)
    article_id = await world.article(sections=1)
    redis = Redis.from_url(redis_url, protocol=2)
    async with follow(client, path_of(article_id)) as stream:
        await stream.take(1)
        await asyncio.sleep(0.3)
        seq = await silently(world, article_id, "x")
        event = {"stage": "s", "outcome": "started", "message": "by a worker"}
        told = [ProgressEvent(article_id, seq, event)]
        assert await publish(redis, "default", told) == 1
        arrived = await stream.next(1.0)
    assert arrived is not None
    assert arrived.data["message"] == "by a worker"
    assert await publish(redis, "default", told) == 0  # a second one is no event
    entries = await redis.xrange(stream_key("default", article_id))
    assert [entry[0] for entry in entries] == [b"1-0", b"2-0"]
    assert json.loads(entries[1][1][b"event"]) == event
    await redis.aclose()


async def test_of_several_events_those_that_redis_can_take_arrive(
    world: World, redis_url: str
) -> None:
    redis = Redis.from_url(redis_url, protocol=2)
    one, other = await world.article(sections=1), await world.article(sections=1)
    lost = counts.lost

    def told(unit_id: str, seq: int) -> ProgressEvent:
        return ProgressEvent(unit_id, seq, {"message": f"number {seq}"})

    assert await publish(redis, "default", [told(one, 7), told(other, 3), told(one, 8)]) == 3
    assert await publish(redis, "default", [told(one, 5), told(other, 4), told(one, 9)]) == 2
    assert counts.lost == lost + 1
    for unit_id, numbers_there in ((one, [b"7-0", b"8-0", b"9-0"]), (other, [b"3-0", b"4-0"])):
        key = stream_key("default", unit_id)
        entries = await redis.xrange(key, min="(1-0")  # the first one says that it was created
        assert [entry[0] for entry in entries] == numbers_there
        assert 0 < await redis.ttl(key) <= policies.PROGRESS_STREAM_TTL
    await redis.aclose()


async def test_many_clients_share_one_reader(world: World, redis_url: str) -> None:
    article_id = await world.article(sections=1)
    client = world.client(limits=httpx.Limits(max_connections=None))

    async def one() -> list[int]:
        async with follow(client, path_of(article_id)) as stream:
            return numbers(await stream.take(4))

    clients = [asyncio.create_task(one()) for _ in range(60)]
    while world.gateway.hub.clients < 60:
        await asyncio.sleep(0.02)
    with psycopg.connect(world.database.superuser_url) as connection:
        backends = connection.execute(
            "select count(*) from pg_stat_activity "
            "where usename = 'pipeline_app' and datname = current_database()"
        ).fetchone()
    redis = Redis.from_url(redis_url, protocol=2)
    connected = (await redis.info("clients"))["connected_clients"]
    await redis.aclose()
    for _ in range(3):
        await world.progress(article_id, "x")
    assert await asyncio.gather(*clients) == [[1, 2, 3, 4]] * 60
    assert backends is not None
    assert backends[0] <= 16
    assert connected <= 12


async def test_slow_readers_are_dropped_and_resume(
    world: World, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "BUFFER", 3)
    article_id = await world.article(sections=1)
    with world.gateway.hub.listen() as follower:
        world.gateway.hub.follow(follower, "default", article_id, 1)
        for _ in range(6):
            await world.progress(article_id, "x")
        await _until(lambda: _is(follower.ended))
    text = (await client.get("/metrics")).text
    assert "gateway_stream_dropped_total 1.0" in text
    assert "gateway_stream_clients 0.0" in text


async def test_a_client_that_stops_reading_is_let_go(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EventStream, "patience", 0.3)
    article_id = await world.article(sections=1)
    for _ in range(30):
        await world.progress(article_id, "x" * 300_000)  # more than the system's buffers hold
    host, port = world.url.removeprefix("http://").split(":")
    with socket.socket() as idle:
        idle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await asyncio.to_thread(idle.connect, (host, int(port)))
        key = world.keys["default"]
        idle.sendall(
            f"GET {path_of(article_id)} HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {key}\r\n\r\n".encode()
        )
        await _until(lambda: _is(world.gateway.hub.clients == 1))
        await _until(lambda: _is(world.gateway.hub.clients == 0))
    text = (await world.client().get("/metrics")).text
    assert "gateway_stream_dropped_total 1.0" in text


async def test_there_is_room_for_so_many_streams_and_no_more(
    world: World, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "SSE_MAX_CLIENTS", 1)
    article_id = await world.article(sections=1)
    async with follow(client, path_of(article_id)) as stream:
        await stream.take(1)
        refused = await world.client().get(path_of(article_id))
        assert (refused.status_code, refused.json()["code"]) == (503, "TOO_MANY_STREAMS")
        assert refused.headers["retry-after"]


async def test_heartbeats_keep_a_quiet_stream_open(
    world: World, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "SSE_HEARTBEAT", 0.1)
    article_id = await world.article(sections=1)
    async with follow(client, path_of(article_id)) as stream:
        await stream.take(1)
        await asyncio.sleep(0.5)
        await world.progress(article_id, "x")
        await stream.take(1)
        assert stream.comments >= 3


async def test_an_overview_follows_several_units_in_one_connection(
    world: World, client: httpx.AsyncClient
) -> None:
    ids = [await world.article(sections=1) for _ in range(2)]
    async with follow(client, f"/v1/progress?units={','.join(ids)}") as stream:
        snapshots = await stream.take(2)
        assert [event.data["id"] for event in snapshots] == ids
        await world.progress(ids[1], "x")
        event = await stream.next()
    assert event is not None
    assert (event.name, event.id, event.data["unit"]) == ("progress", None, ids[1])
    foreign = await world.article("other")
    for units_asked in [foreign, f"{ids[0]},{foreign}", "", "..", ",".join(ids * 40 + ["x"])]:
        answer = await client.get("/v1/progress", params={"units": units_asked})
        assert answer.status_code == 404, units_asked


async def test_a_unit_of_another_kind_or_organization_is_not_found(
    world: World, client: httpx.AsyncClient
) -> None:
    article_id = await world.article()
    foreign = await world.article("other")
    for path in [
        f"lectures/{article_id}",
        f"articles/{foreign}",
        "articles/x",
        "articles/%2e%2e%2f",
    ]:
        assert (await client.get(f"/v1/progress/{path}")).status_code == 404


async def _is(value: bool) -> bool:
    return value


async def _until(condition: Callable[[], Awaitable[bool]], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)
