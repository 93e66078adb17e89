"""One request has one effect, however often and however parallel it arrives."""

from __future__ import annotations

import asyncio

import httpx
import psycopg
from psycopg.rows import dict_row

from pipeline_defs_tests.web.gateways import World

CREATE = {"topic": "Photosynthesis", "sections": 3}
KEY = {"Idempotency-Key": "order-42"}


async def test_fifty_equal_requests_at_once_make_one_article(
    world: World, client: httpx.AsyncClient
) -> None:
    answers = await asyncio.gather(
        *(client.post("/v1/articles", json=CREATE, headers=KEY) for _ in range(50))
    )
    assert {a.status_code for a in answers} == {202}
    assert len({a.text for a in answers}) == 1
    assert sum(a.headers.get("idempotent-replayed") == "true" for a in answers) == 49
    assert len((await client.get("/v1/articles")).json()["items"]) == 1


async def test_the_same_key_with_another_body_is_a_conflict(client: httpx.AsyncClient) -> None:
    first = await client.post("/v1/articles", json=CREATE, headers=KEY)
    reordered = '{ "sections": 3,   "topic": "Photosynthesis" }'
    again = await client.post(
        "/v1/articles", content=reordered, headers=KEY | {"Content-Type": "application/json"}
    )
    assert again.json() == first.json()
    other = await client.post("/v1/articles", json=CREATE | {"sections": 4}, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert len((await client.get("/v1/articles")).json()["items"]) == 1


async def test_the_answer_stays_the_same_when_the_article_has_moved_on(
    client: httpx.AsyncClient,
) -> None:
    first = await client.post("/v1/articles", json=CREATE, headers=KEY)
    await client.post(f"/v1/articles/{first.json()['id']}/cancel")
    again = await client.post("/v1/articles", json=CREATE, headers=KEY)
    assert (again.status_code, again.text) == (202, first.text)


async def test_keys_of_two_organizations_do_not_meet(world: World) -> None:
    mine = await world.client("default").post("/v1/articles", json=CREATE, headers=KEY)
    theirs = await world.client("other").post(
        "/v1/articles", json=CREATE | {"sections": 9}, headers=KEY
    )
    assert theirs.status_code == 202
    assert theirs.json()["id"] != mine.json()["id"]


async def test_without_a_key_each_request_is_stored_and_makes_an_article(
    world: World, client: httpx.AsyncClient
) -> None:
    for _ in range(2):
        await client.post("/v1/articles", json=CREATE)
    assert len((await client.get("/v1/articles")).json()["items"]) == 2
    rows = await _inbox(world)
    assert [(r["source"], r["status"]) for r in rows] == [("api", "done")] * 2
    assert all(r["unit_id"] for r in rows)


async def test_a_malformed_key_is_refused_and_nothing_is_stored(
    world: World, client: httpx.AsyncClient
) -> None:
    for key in ["", "two words", "x" * 201]:
        answer = await client.post("/v1/articles", json=CREATE, headers={"Idempotency-Key": key})
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_IDEMPOTENCY_KEY")
    assert await _inbox(world) == []


async def _inbox(world: World) -> list[dict[str, object]]:
    async with await psycopg.AsyncConnection.connect(
        world.database.superuser_url, row_factory=dict_row
    ) as connection:
        cursor = await connection.execute("select * from app.inbox")
        return await cursor.fetchall()
