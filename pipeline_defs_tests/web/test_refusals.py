"""Bad input of every kind: refused with a problem that names it, and nothing is stored."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import replace
from typing import Any

import httpx
import pytest

from pipeline_defs.domain.strict_json import BadJson, loads
from pipeline_defs.storage.database import Transaction
from pipeline_defs_tests.web.gateways import World

JSON = {"Content-Type": "application/json"}
FIELDS: list[tuple[Any, str, str]] = [
    ({"sections": 3}, "topic", "is required"),
    ({"topic": "", "sections": 3}, "topic", "must not be empty"),
    ({"topic": "   "}, "topic", "must not be empty"),
    ({"topic": "x" * 301}, "topic", "at most 300 characters"),
    ({"topic": 5}, "topic", "must be text"),
    ({"topic": "T", "sections": 0}, "sections", "must be at least 1"),
    ({"topic": "T", "sections": 10_000}, "sections", "may be at most 30"),
    ({"topic": "T", "sections": -1}, "sections", "must be at least 1"),
    ({"topic": "T", "sections": "six"}, "sections", "a whole number of sections, or a list"),
    ({"topic": "T", "sections": 2.5}, "sections", "a whole number of sections, or a list"),
    ({"topic": "T", "sections": True}, "sections", "a whole number of sections, or a list"),
    ({"topic": "T", "sections": None}, "sections", "a whole number of sections, or a list"),
    ({"topic": "T", "sections": {}}, "sections", "a whole number of sections, or a list"),
    ({"topic": "T", "sections": []}, "sections", "at least 1 entries"),
    ({"topic": "T", "sections": [{"title": "t"}] * 31}, "sections", "at most 30 entries"),
    ({"topic": "T", "sections": [{"title": "a"}, {}]}, "sections[1].title", "is required"),
    ({"topic": "T", "sections": [{"title": "a", "x": 1}]}, "sections[0].x", "not a known field"),
    ({"topic": "T", "sections": ["a"]}, "sections[0]", "must be an object"),
    ({"topic": "T", "language": "xx"}, "language", "must be one of"),
    ({"topic": "T", "publish": "now"}, "publish", "must be one of"),
    ({"topic": "T", "colour": "red"}, "colour", "is not a known field"),
    ([], "body", "must be an object"),
    ("text", "body", "must be an object"),
    (None, "body", "must be an object"),
]
HOSTILE: list[tuple[bytes, str]] = [
    (b"", "empty"),
    (b"{", "line 1"),
    (b"[" * 100_000, "deep"),
    (b'{"a":' * 50_000, "deep"),
    (b'{"topic": NaN}', "NaN"),
    (b'{"sections": Infinity}', "Infinity"),
    (b'{"sections": 1e999}', "too large"),
    (b'{"sections": ' + b"9" * 200_000 + b"}", "more than 32 characters"),
    (b'{"topic": "a", "topic": "b"}', "twice"),
    (b'{"topic": "\\ud800"}', "surrogate"),
    (b'{"topic": "a\\u0000b"}', "NUL"),
    (b'{"topic": "a\x00b"}', "control character"),
    (b'{"topic": "\xff"}', "UTF-8"),
    (b'"' + b'\\"' * 100_000, "Unterminated"),
    (b"'topic'", "line 1"),
]


async def test_every_faulty_field_is_named_in_words(
    world: World, client: httpx.AsyncClient
) -> None:
    for body, field, message in FIELDS:
        answer = await client.post("/v1/articles", content=json.dumps(body), headers=JSON)
        problem = answer.json()
        assert answer.status_code == 422, (body, problem)
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["code"] == "INVALID_REQUEST"
        assert problem["errors"][0]["field"] == field, (body, problem)
        assert message in problem["errors"][0]["message"], (body, problem)
        assert field in problem["detail"]
    assert (await client.get("/v1/queue")).json()["total"] == 0


async def test_hostile_json_is_refused_with_the_reason_and_quickly(
    world: World, client: httpx.AsyncClient
) -> None:
    for body, reason in HOSTILE:
        answer = await client.post("/v1/articles", content=body, headers=JSON)
        problem = answer.json()
        if body:
            assert (answer.status_code, problem["code"]) == (400, "MALFORMED_JSON"), body[:40]
            assert reason in problem["detail"], (body[:40], problem)
        else:
            assert answer.status_code in (400, 415, 422)
    assert (await client.get("/v1/queue")).json()["total"] == 0


@pytest.mark.parametrize("body", [body for body, _ in HOSTILE if body], ids=lambda b: repr(b[:12]))
def test_the_parser_is_linear_even_on_hostile_bodies(body: bytes) -> None:
    started = time.process_time()
    with pytest.raises(BadJson):
        loads(body)
    assert time.process_time() - started < 0.1


async def test_bodies_that_are_too_large_are_refused_before_they_arrive(world: World) -> None:
    async def endless() -> Any:
        for _ in range(1000):
            yield b" " * 10_000

    client = world.client()
    declared = await client.post("/v1/articles", content=b" " * 300_000, headers=JSON)
    assert (declared.status_code, declared.json()["code"]) == (413, "BODY_TOO_LARGE")
    streamed = await _post_raw(
        world, b"Transfer-Encoding: chunked\r\n", [b"2710\r\n" + b" " * 10_000 + b"\r\n"] * 40
    )
    assert b"413" in streamed.split(b"\r\n")[0]


async def test_encoded_and_foreign_bodies_are_refused(client: httpx.AsyncClient) -> None:
    for headers in [
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    ]:
        answer = await client.post("/v1/articles", content=b'{"topic": "T"}', headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_slow_body_is_cut_off_while_others_are_served(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = world.app.middleware_stack
    while type(guard).__name__ != "BodyGuard":
        guard = getattr(guard, "app", None) or getattr(guard, "_app", None)
    hasty = [replace(rule, deadline=0.4) for rule in guard._rules]
    monkeypatch.setattr(guard, "_rules", hasty)
    slow = asyncio.create_task(_post_raw(world, b"Content-Length: 50\r\n", [b"{"], wait=True))
    await asyncio.sleep(0.1)
    assert (await world.client().get("/v1/queue")).status_code == 200
    answer = await asyncio.wait_for(slow, 5)
    assert b"408" in answer.split(b"\r\n")[0]
    assert b"BODY_TOO_SLOW" in answer


async def test_every_error_is_a_problem_with_a_code(world: World) -> None:
    client = world.client()
    cases = [
        (await client.get("/nowhere"), 404, "NOT_FOUND"),
        (await client.put("/v1/articles"), 405, "METHOD_NOT_ALLOWED"),
        (await client.get("/v1/articles", params={"limit": "0"}), 422, "INVALID_REQUEST"),
        (await client.get("/v1/cost", params={"by": "weather"}), 422, "INVALID_REQUEST"),
        (await world.client(None).get("/v1/articles"), 401, "UNAUTHENTICATED"),
        (await client.patch("/v1/articles/a/sections/x", json={}), 422, "INVALID_REQUEST"),
    ]
    for answer, status, code in cases:
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (status, code)
        assert problem["status"] == status
        assert problem["title"]
        assert problem["detail"]
        assert answer.headers["content-type"] == "application/problem+json"
    assert cases[1][0].headers["allow"]


async def test_an_unexpected_fault_says_nothing_and_logs_no_text(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    canary = str(9 * 97)

    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError(canary)

    monkeypatch.setattr(Transaction, "all", broken)
    answer = await world.client().get("/v1/queue/jobs")
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL_ERROR")
    assert canary not in answer.text
    assert "unexpected RuntimeError" in caplog.text
    assert f": {canary}" not in caplog.text


async def test_keys_are_refused_in_addresses_and_wrong_ones_all_alike(world: World) -> None:
    key = world.keys["default"]
    leaked = await world.client(None).get("/v1/articles", params={"api_key": key})
    assert (leaked.status_code, leaked.json()["code"]) == (400, "KEY_IN_ADDRESS")
    wrong_secret = key[:12] + "A" * 43
    unknown_id = "pk_00000000_" + "A" * 43
    answers = [
        await world.client(None).get("/v1/articles", headers={"Authorization": value})
        for value in [f"Bearer {wrong_secret}", f"Bearer {unknown_id}", "Bearer x", "Basic x", ""]
    ]
    assert {a.status_code for a in answers} == {401}
    assert len({a.text for a in answers}) == 1
    assert answers[0].headers["www-authenticate"].startswith("Bearer")


async def test_requests_without_a_key_are_limited_by_address(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from limits import RateLimitItemPerMinute

    monkeypatch.setattr(world.gateway.limits, "_per_address", RateLimitItemPerMinute(3))
    monkeypatch.setattr(world.gateway.limits, "_per_key", RateLimitItemPerMinute(5))
    anonymous = world.client(None)
    statuses = [(await anonymous.get("/v1/queue")).status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    mine, theirs = world.client("default"), world.client("other")
    answers = [await mine.get("/v1/queue") for _ in range(6)]
    assert [a.status_code for a in answers] == [200] * 5 + [429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert (await theirs.get("/v1/queue")).status_code == 200


async def test_every_answer_carries_the_security_headers(world: World) -> None:
    client = world.client()
    for path in [
        "/v1/queue",
        "/nowhere",
        "/studio/sign-in",
        "/studio/static/studio.js",
        "/healthz",
    ]:
        headers = (await client.get(path, headers={"Origin": "https://evil.example"})).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers


async def _post_raw(
    world: World, headers: bytes, chunks: list[bytes], *, wait: bool = False
) -> bytes:
    host, port = world.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        key = world.keys["default"].encode()
        writer.write(
            b"POST /v1/articles HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer " + key + b"\r\n" + headers + b"\r\n"
        )
        for chunk in chunks:
            writer.write(chunk)
        await writer.drain()
        return await reader.read(65536)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
