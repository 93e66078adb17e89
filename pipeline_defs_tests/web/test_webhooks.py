"""Signed events: what is let in, what is refused, and that each has one effect."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline_defs.runtime import inbox
from pipeline_defs.runtime.routes import HANDLERS
from pipeline_defs.web.standard_webhooks import Refused, parse_secrets, sign, verify
from pipeline_defs_tests.web.gateways import WEBHOOK_SECRET, World
from pipeline_defs_tests.web.paging_world import Shop

VECTORS = (
    Path(__file__).resolve().parents[3] / "shared/data/webhooks/standard_webhooks_vectors.json"
)
KEYS = parse_secrets(WEBHOOK_SECRET)
NOW = 1_700_000_000


def signed(event: Any, event_id: str = "evt_1", at: float | None = None) -> dict[str, Any]:
    """Arguments of a post: body and headers of a signed event."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    timestamp = str(int(time.time() if at is None else at))
    return {
        "content": body,
        "headers": {
            "Content-Type": "application/json",
            "webhook-id": event_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": sign(KEYS[0], event_id.encode(), timestamp.encode(), body),
        },
    }


REQUESTED = {"type": "article/requested", "data": {"topic": "Bread", "sections": 2}}


def test_the_published_vectors_hold() -> None:
    if not VECTORS.is_file():
        pytest.skip("the Standard Webhooks vectors are not on this machine")
    v = json.loads(VECTORS.read_text())
    body, timestamp = v["payload"].encode(), str(v["timestamp"]).encode()
    event_id = v["msg_id"].encode()
    keys = parse_secrets(v["secret"])
    headers = (event_id, timestamp, v["signature"].encode())
    assert verify(keys, headers, body, v["timestamp"]) == v["msg_id"]
    for secret in v["unpadded_secrets_must_work"]:
        assert parse_secrets(secret)
    for secret in v["empty_secret_must_raise"]:
        with pytest.raises(ValueError, match="empty"):
            parse_secrets(secret)
    for signature in v["malformed_signature_headers_must_be_rejected_not_crash"]:
        with pytest.raises(Refused):
            verify(keys, (event_id, timestamp, signature.encode()), body, v["timestamp"])
    for drift in (v["tolerance_s"] + 1, -v["tolerance_s"] - 1):
        with pytest.raises(Refused, match="timestamp"):
            verify(keys, headers, body, v["timestamp"] + drift)


@given(st.binary(), st.binary(), st.binary(), st.binary())
@example(b"a", b"NaN", b"v1,", b"")
@example(b"a.b", b"1700000000", b"v1,x", b"")
@example(b"a", b"1_700_000_000", b"v1,x", b"")
@example(b"a", "１７".encode(), b"v1", b"\xff")
def test_no_input_is_accepted_or_raises_anything_else(
    event_id: bytes, timestamp: bytes, signature: bytes, body: bytes
) -> None:
    with pytest.raises(Refused):
        verify(KEYS, (event_id, timestamp, signature), body, NOW)


@given(st.from_regex(rb"[A-Za-z0-9_-]{1,64}", fullmatch=True), st.binary(), st.data())
def test_a_signature_holds_for_exactly_what_was_signed(
    event_id: bytes, body: bytes, data: st.DataObject
) -> None:
    timestamp = str(NOW).encode()
    signature = sign(KEYS[0], event_id, timestamp, body).encode()
    others = data.draw(
        st.lists(st.from_regex(rb"v1,[A-Za-z0-9+/]{43}=", fullmatch=True), max_size=5)
    )
    assert verify(KEYS, (event_id, timestamp, b" ".join([*others, signature])), body, NOW)
    position = data.draw(st.integers(0, len(body)))
    with pytest.raises(Refused):
        verify(
            KEYS, (event_id, timestamp, signature), body[:position] + b"x" + body[position:], NOW
        )
    with pytest.raises(Refused):
        verify(parse_secrets("b3RoZXIgc2VjcmV0"), (event_id, timestamp, signature), body, NOW)


async def test_a_signed_event_creates_an_article_once(
    world: World, client: httpx.AsyncClient
) -> None:
    answers = await asyncio.gather(
        *(world.client(None).post("/v1/events", **signed(REQUESTED)) for _ in range(20))
    )
    assert sorted(a.status_code for a in answers) == [200] * 19 + [202]
    assert len({a.json()["unit_id"] for a in answers}) == 1
    assert sum(a.json()["duplicate"] for a in answers) == 19
    assert len((await client.get("/v1/articles")).json()["items"]) == 1


async def test_the_same_id_with_another_body_is_a_conflict(
    world: World, client: httpx.AsyncClient
) -> None:
    anyone = world.client(None)
    await anyone.post("/v1/events", **signed(REQUESTED))
    other = {"type": "article/requested", "data": {"topic": "Cake"}}
    answer = await anyone.post("/v1/events", **signed(other))
    assert (answer.status_code, answer.json()["code"]) == (409, "EVENT_CONFLICT")
    assert len((await client.get("/v1/articles")).json()["items"]) == 1


async def test_events_cancel_and_rebuild(world: World, client: httpx.AsyncClient) -> None:
    article_id = await world.article()
    anyone = world.client(None)
    cancel = {"type": "article/cancel", "data": {"id": article_id}}
    assert (await anyone.post("/v1/events", **signed(cancel, "c"))).json()["status"] == "done"
    assert (await client.get(f"/v1/articles/{article_id}")).json()["status"] == "cancelled"
    rebuild = {"type": "article/rebuild", "data": {"id": article_id, "fresh": True}}
    assert (await anyone.post("/v1/events", **signed(rebuild, "r"))).json()["status"] == "done"
    assert (await client.get(f"/v1/articles/{article_id}")).json()["status"] == "queued"


async def test_events_approve_and_reject_the_page_that_was_looked_at(world: World) -> None:
    page_id = await Shop(world).finished(options={"publish": "draft"})
    address, anyone = f"/v1/pages/{page_id}", world.client(None)
    version = (await world.client().get(address)).json()["approval"]["version"]
    known = {"id": page_id, "version": version}

    async def told(event_type: str, event_id: str, **data: Any) -> tuple[str, str]:
        event = {"type": event_type, "data": data}
        receipt = (await anyone.post("/v1/events", **signed(event, event_id))).json()
        page = (await world.client().get(address)).json()
        return receipt["status"], page["approval"]["state"]

    unseen = await told("page/approve", "a", id=page_id, version="another")
    assert unseen == ("dead", "waiting")
    assert await told("page/reject", "b", **known, reason="Too long.") == ("done", "rejected")
    assert await told("page/approve", "c", **known) == ("done", "approved")


async def test_faulty_and_unknown_events_are_kept_with_the_reason(
    world: World, client: httpx.AsyncClient
) -> None:
    cases: list[tuple[Any, str, str]] = [
        ({"type": "weather/changed"}, "ignored", "unknown event type"),
        ({"type": "article/requested", "data": {"topic": ""}}, "dead", "topic"),
        ({"type": "article/requested", "data": []}, "dead", "data"),
        (b'{"type": "article/requested", "data": {"topic": "a\\u0000b"}}', "dead", "NUL"),
        ({"type": "article/cancel", "data": {"id": "article-none"}}, "dead", "NOT_FOUND"),
        ({"type": "article/cancel", "data": {"id": "../x"}}, "dead", "id"),
        ({"type": "article/cancel", "data": {}}, "dead", "id"),
    ]
    for number, (event, status, reason) in enumerate(cases):
        answer = await world.client(None).post("/v1/events", **signed(event, f"e{number}"))
        receipt = answer.json()
        assert (answer.status_code, receipt["status"]) == (202, status), (event, receipt)
        assert reason in receipt["reason"], (event, receipt)
    assert (await client.get("/v1/queue")).json()["kinds"] == {}


async def test_what_is_not_an_event_or_not_signed_is_refused_and_not_stored(
    world: World, client: httpx.AsyncClient
) -> None:
    anyone = world.client(None)
    good = signed(REQUESTED)
    refused: list[dict[str, str]] = [
        {},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,a,b"},
        {"webhook-signature": good["headers"]["webhook-signature"][:-4] + "AAA="},
        {"webhook-timestamp": "NaN"},
        {"webhook-timestamp": str(int(time.time()) - 3600)},
        {"webhook-id": "evt.1"},
        {"webhook-id": "x" * 65},
    ]
    for change in refused:
        headers = (good["headers"] | change) if change else {"Content-Type": "application/json"}
        answer = await anyone.post("/v1/events", content=good["content"], headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "SIGNATURE_REFUSED"), change
    for number, body in enumerate([b"[]", b"\xff", b"{}", b'{"type": 5}', b'{"type": ""}', b"{"]):
        answer = await anyone.post("/v1/events", **signed(body, f"n{number}"))
        assert answer.status_code == 400, body
    assert (await anyone.post("/v1/events", **signed(REQUESTED))).json()["duplicate"] is False


async def test_an_event_kept_for_a_fault_of_ours_is_processed_later_and_dies_after_some_tries(
    world: World, monkeypatch: pytest.MonkeyPatch, client: httpx.AsyncClient
) -> None:
    async def broken(*_: Any) -> inbox.Outcome:
        raise RuntimeError("a bug")

    healthy = HANDLERS["article/requested"]
    monkeypatch.setitem(HANDLERS, "article/requested", broken)
    anyone = world.client(None)
    for event_id in ("first", "second"):
        answer = await anyone.post("/v1/events", **signed(REQUESTED, event_id))
        assert (answer.status_code, answer.json()["status"]) == (202, "received")
    database = world.gateway.database
    assert await inbox.process_open_events(database) == 0
    monkeypatch.setitem(HANDLERS, "article/requested", healthy)
    again = await anyone.post("/v1/events", **signed(REQUESTED, "first"))
    assert (again.status_code, again.json()["status"]) == (200, "done")
    monkeypatch.setitem(HANDLERS, "article/requested", broken)
    for _ in range(inbox.MAX_ATTEMPTS - 1):
        await inbox.process_open_events(database)
    dead = await anyone.post("/v1/events", **signed(REQUESTED, "second"))
    assert dead.json()["status"] == "dead"
    assert "RuntimeError" in dead.json()["reason"]
    assert (await client.get("/v1/queue")).json()["kinds"]["articles"] == {"queued": 1}


async def test_stored_events_become_work_without_the_gateway(
    world: World, client: httpx.AsyncClient
) -> None:
    body = json.dumps(REQUESTED).encode()
    await world.gateway.database.run(
        "default",
        "inbox.store",
        source="webhook",
        event_id="waiting",
        event_type="article/requested",
        body=body,
        body_hash=b"h",
    )
    assert await inbox.process_open_events(world.gateway.database) == 1
    assert len((await client.get("/v1/articles")).json()["items"]) == 1
