"""Signing in to Studio, and what a session may and may not do."""

from __future__ import annotations

import asyncio
import time

import httpx
import psycopg
import pytest

from pipeline_defs.web import identity
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.sessions import COOKIE, Sessions
from pipeline_defs_tests.web.gateways import World

SAME = {"Sec-Fetch-Site": "same-origin"}


async def signed_in(world: World, org: str = "default") -> httpx.AsyncClient:
    """A client with a session and no key."""
    client = world.client(None)
    answer = await client.post("/session", json={"api_key": world.keys[org]})
    assert answer.status_code == 200
    assert answer.json()["organization"] == org
    return client


async def test_a_key_is_exchanged_for_a_cookie_no_script_can_read(world: World) -> None:
    answer = await world.client(None).post("/session", json={"api_key": world.keys["default"]})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie
    assert world.keys["default"].split("_")[-1] not in cookie
    assert "Secure" not in cookie  # this gateway is plain http on loopback


async def test_wrong_keys_do_not_sign_in_and_are_not_echoed(world: World) -> None:
    client = world.client(None)
    for key in ["", "nonsense", world.keys["default"][:-1] + "!", "pk_00000000_" + "A" * 43]:
        answer = await client.post("/session", json={"api_key": key})
        assert answer.status_code == 401
        assert not key or key not in answer.text
    too_long = await client.post("/session", json={"api_key": "s" * 300})
    assert (too_long.status_code, "sss" in too_long.text) == (422, False)


async def test_a_session_reads_and_changes_only_from_its_own_pages(world: World) -> None:
    client = await signed_in(world)
    assert (await client.get("/v1/articles")).status_code == 200
    article = {"topic": "T", "sections": 1}
    for headers in [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": world.url, "Host": "evil.example"},  # the configured address decides
    ]:
        answer = await client.post("/v1/articles", json=article, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "CROSS_SITE_REQUEST"), headers
    for headers in [SAME, {"Origin": "http://studio.example"}]:
        assert (await client.post("/v1/articles", json=article, headers=headers)).status_code == 202


async def test_a_foreign_page_can_neither_sign_in_nor_out(world: World) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}
    key = {"api_key": world.keys["other"]}
    client = world.client(None)
    assert (await client.post("/session", json=key, headers=foreign)).status_code == 403
    client = await signed_in(world)
    assert (await client.delete("/session", headers=foreign)).status_code == 403


async def test_signing_out_ends_the_session_for_good(world: World) -> None:
    client = await signed_in(world)
    cookie = client.cookies[COOKIE]
    assert (await client.delete("/session", headers=SAME)).status_code == 204
    assert COOKIE not in client.cookies
    kept = world.client(None, cookies={COOKIE: cookie})
    assert (await kept.get("/v1/articles")).status_code == 401


async def test_a_revoked_key_ends_its_sessions(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "CACHE_SECONDS", 0.0)
    client = await signed_in(world)
    assert (await client.get("/v1/articles")).status_code == 200
    with psycopg.connect(world.database.superuser_url) as connection:
        connection.execute("update app.api_keys set revoked_at = now()")
    assert (await client.get("/v1/articles")).status_code == 401
    assert (await world.client().get("/v1/articles")).status_code == 401


async def test_forged_and_expired_cookies_are_nobody(world: World) -> None:
    client = await signed_in(world)
    payload, _, tag = client.cookies[COOKIE].partition(".")
    for cookie in [
        f"{payload}x.{tag}",
        f"{payload}.{tag[:-2]}AA",
        payload,
        ".",
        "%%%.%%%",
        "x" * 9,
    ]:
        forged = world.client(None, cookies={COOKIE: cookie})
        assert (await forged.get("/v1/articles")).status_code == 401, cookie


def test_a_session_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    from starlette.responses import Response

    sessions = Sessions(b"secret", (), secure=True)
    answer = Response()
    expires = sessions.start(answer, Identity("org", "0123abcd"))
    header = answer.headers["set-cookie"]
    assert "Secure" in header
    cookie = header.split(";")[0].partition("=")[2]
    assert sessions.read(cookie) == Identity("org", "0123abcd", by_session=True)
    assert Sessions(b"other", (), secure=True).read(cookie) is None
    monkeypatch.setattr(time, "time", lambda: expires + 1.0)
    assert sessions.read(cookie) is None


async def test_studio_sends_strangers_to_the_sign_in_page_and_back(world: World) -> None:
    client = world.client(None)
    answer = await client.get("/studio/articles/article-x?a=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == (
        "/studio/sign-in?next=%2Fstudio%2Farticles%2Farticle-x%3Fa%3D1"
    )
    assert (await client.get("/")).headers["location"] == "/studio"
    for target in ["https://evil.example", "//evil.example", "/\\evil", "javascript:x", "/v1/x"]:
        page = await client.get("/studio/sign-in", params={"next": target})
        assert 'data-next="/studio"' in page.text, target


async def test_unknown_and_wrong_keys_take_the_same_steps(world: World) -> None:
    """Both ask the database once and compare once, so neither is told apart by its time."""
    asked: list[str] = []
    database = world.gateway.database
    original = database.one

    async def counted(org: str | None, name: str, **parameters: object) -> object:
        asked.append(name)
        return await original(org, name, **parameters)

    database.one = counted  # pyright: ignore[reportAttributeAccessIssue]
    keys = [world.keys["default"][:12] + "A" * 43, "pk_00000000_" + "A" * 43]
    await asyncio.gather(
        *(
            world.client(None).get("/v1/queue", headers={"Authorization": f"Bearer {key}"})
            for key in keys
        )
    )
    assert asked == ["organizations.find_api_key"] * 2
