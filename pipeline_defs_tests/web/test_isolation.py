"""Two organizations cannot see each other: every table of the catalogue, every endpoint of the API.

Neither is listed here: tables come from the catalogue, endpoints from the OpenAPI document, so a
new one is covered from the day it exists.
"""

from __future__ import annotations

import json
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from pipeline_defs_tests.servers import TestDatabase
from pipeline_defs_tests.web.filming import Studio
from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.interviewing import REQUEST, Interviews
from pipeline_defs_tests.web.paging_world import Shop
from pipeline_defs_tests.web.test_webhooks import REQUESTED, signed

CANARY = "canary-of-default"
BODIES: dict[str, Any] = {
    "SectionEdit": {"title": "x"},
    "SegmentEdit": {"heading": "x"},
    "ArticleRequest": {"topic": "x"},
    "LectureRequest": {"topic": "x", "minutes": 0.5},
    "CampaignChange": {"calls_per_minute": 5},
    "CampaignRequest": REQUEST,
    "CampaignFile": {"file": json.dumps(REQUEST)},
    "PriorityBoost": {"priority": "HIGH"},
    "PageEdit": {"keywords": ["x"]},
    "PageApproval": {"version": "x"},
    "PageRejection": {"version": "x", "reason": "x"},
    "PageRequest": {"page_type": "guide", "target_url": "https://shop.example/x"},
}
# what has no organization or cannot hold anything of one
OPEN_PATHS = {"/healthz", "/readyz", "/metrics", "/session"}
WITHOUT_ORGANIZATION = {"provider_costs", "reconciliations", "transitions", "workers"}
# whose callers show a signature instead of a key
SIGNED_PATHS = {
    "/v1/events",
    "/webhooks/openrouter/{org_id}/{unit_id}",
    "/webhooks/twilio/status",
    "/webhooks/twilio/recording",
}

TABLES = """
select c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
       exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id'
               and not a.attisdropped) as has_org,
       pg_get_userbyid(c.relowner) as owner
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'app' and c.relkind in ('r', 'p') order by 1
"""
COLUMNS = """
select column_name as name, data_type as type from information_schema.columns
where table_schema = 'app' and table_name = %s and is_identity = 'NO' and is_generated = 'NEVER'
"""
VALUES: dict[str, Any] = {
    "text": CANARY,
    "jsonb": json.dumps({"canary": CANARY}),
    "bytea": CANARY.encode(),
    "boolean": True,
    "uuid": "00000000-0000-0000-0000-000000000001",
    "timestamp with time zone": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "time without time zone": "09:00",
    "ARRAY": [CANARY],
    "tsvector": CANARY,
}


def _rows(
    connection: psycopg.Connection[Any], query: str, *parameters: Any
) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, parameters).fetchall()  # pyright: ignore[reportArgumentType]


def _fill(database: TestDatabase, org: str) -> list[str]:
    """One row of `org` in every table that has organizations; checks and keys are switched off."""
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("set session_replication_role = replica")
        tables = [t["name"] for t in _rows(connection, TABLES) if t["has_org"]]
        checks = _rows(
            connection,
            "select conrelid::regclass::text as table, conname as name from pg_constraint "
            "where contype = 'c' and connamespace = 'app'::regnamespace",
        )
        for check in checks:
            connection.execute(
                sql.SQL("alter table {} drop constraint {}").format(
                    sql.SQL(check["table"]), sql.Identifier(check["name"])
                )
            )
        for table in tables:
            columns = _rows(connection, COLUMNS, table)
            values = [org if c["name"] == "org_id" else VALUES.get(c["type"], 1) for c in columns]
            connection.execute(
                sql.SQL("insert into app.{} ({}) values ({}) on conflict do nothing").format(
                    sql.Identifier(table),
                    sql.SQL(", ").join(sql.Identifier(c["name"]) for c in columns),
                    sql.SQL(", ").join([sql.Placeholder()] * len(columns)),
                ),
                values,
            )
    return tables


def test_every_table_forces_row_level_security_and_is_not_ours(database: TestDatabase) -> None:
    with psycopg.connect(database.superuser_url) as connection:
        tables = _rows(connection, TABLES)
    assert len(tables) >= 14
    for table in tables:
        assert table["owner"] != "pipeline_app", table
        if table["has_org"]:
            assert table["enabled"], table
            assert table["forced"], table
        else:
            assert table["name"] in WITHOUT_ORGANIZATION, f"{table['name']} has no org_id"


def test_no_table_shows_a_row_of_another_organization_or_of_none(database: TestDatabase) -> None:
    tables = _fill(database, "default")
    with psycopg.connect(database.app_url) as connection:
        for org, expected in [("default", 1), ("other", 0), ("", 0), (None, 0)]:
            for table in tables:
                with connection.transaction():
                    if org is not None:
                        connection.execute("select set_config('app.org', %s, true)", [org])
                    rows = connection.execute(
                        sql.SQL("select * from app.{}").format(sql.Identifier(table))
                    ).fetchall()
                assert len(rows) == expected, (org, table)


def test_no_row_can_be_written_in_anothers_name(database: TestDatabase) -> None:
    tables = _fill(database, "default")
    with psycopg.connect(database.app_url) as connection:
        for table in tables:
            for statement in ("update app.{} set org_id = org_id", "delete from app.{}"):
                try:
                    with connection.transaction():
                        connection.execute("select set_config('app.org', 'other', true)")
                        query = sql.SQL(statement).format(sql.Identifier(table))  # pyright: ignore[reportArgumentType]
                        touched = connection.execute(query).rowcount
                except psycopg.errors.InsufficientPrivilege:
                    touched = 0
                assert touched == 0, (table, statement)


@pytest.mark.parametrize("kind", ["articles", "lectures", "campaigns", "pages"])
async def test_no_endpoint_shows_or_changes_what_is_anothers(world: World, kind: str) -> None:
    mine, theirs = world.client("default"), world.client("other")
    unit_id = await CANARIES[kind](world, mine)
    before = (await mine.get(f"/v1/{kind}/{unit_id}")).json()
    document = (await world.client(None).get("/openapi.json")).json()
    tried = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if path in OPEN_PATHS or path in SIGNED_PATHS:
                continue
            answer = await _call(theirs, document, path, method, operation, unit_id, kind)
            assert CANARY not in answer.text, (method, path)
            if "{" in path:
                assert answer.status_code == 404, (method, path, answer.text)
                tried += 1
            else:
                assert unit_id not in answer.text, (method, path)
            stranger = await _call(world.client(None), document, path, method, operation, "x", kind)
            assert stranger.status_code == 401, (method, path)
    assert tried >= 20
    assert (await mine.get(f"/v1/{kind}/{unit_id}")).json() == before
    page = await _studio(world, "other", f"/studio/{kind}/{unit_id}")
    assert page.status_code == 404
    assert CANARY not in (await _studio(world, "other", "/studio")).text
    assert CANARY in (await _studio(world, "default", "/studio")).text
    assert CANARY in (await _studio(world, "default", f"/studio/{kind}/{unit_id}")).text


async def test_the_queue_and_batches_of_pages_are_their_organizations_own(world: World) -> None:
    shop = Shop(world)
    batch_id, [_, failed] = await shop.batch(f"{CANARY} batch", [f"{CANARY} topic"] * 2)
    await shop.fails(failed)
    own = [
        f"/studio/batches/{batch_id}",
        "/studio/pages",
        "/studio/batches",
        "/studio/dead-letters",
    ]
    for path in own:
        assert CANARY in (await _studio(world, "default", path)).text, path
        page = await _studio(world, "other", path)
        assert page.status_code == (404 if batch_id in path else 200), path
        assert CANARY not in page.text, path
    theirs = world.client("other")
    for path in ("", "/results", "/failures"):
        assert (await theirs.get(f"/v1/batches/{batch_id}{path}")).status_code == 404
    assert (await theirs.post(f"/v1/batches/{batch_id}/cancel")).status_code == 404
    replay = {"filter": {"ids": [failed]}}
    again = (await theirs.post("/v1/dead-letters/replay", json=replay)).json()
    assert again == {"replayed": [], "more": False}
    mine = (await world.client("default").get(f"/v1/batches/{batch_id}")).json()
    assert (mine["pending"], mine["failed"]) == (1, 1)


async def test_signed_events_act_for_their_own_organization_only(world: World) -> None:
    theirs = await world.article("other")
    cancel = {"type": "article/cancel", "data": {"id": theirs}}
    receipt = (await world.client(None).post("/v1/events", **signed(cancel, "c"))).json()
    assert (receipt["status"], "NOT_FOUND" in receipt["reason"]) == ("dead", True)
    await world.client(None).post("/v1/events", **signed(REQUESTED, "r"))
    listed = (await world.client("other").get("/v1/articles")).json()["items"]
    assert [item["id"] for item in listed] == [theirs]


async def test_open_endpoints_hold_nothing_of_any_organization(world: World) -> None:
    await _canary_article(world, world.client("default"))
    for path in [*sorted(OPEN_PATHS - {"/session"}), "/openapi.json"]:
        answer = await world.client(None).get(path)
        assert CANARY not in answer.text
        assert "article-20" not in answer.text.replace("article-20261123-k7m2qx9c", "")


async def _canary_article(world: World, client: httpx.AsyncClient) -> str:
    request = {"topic": f"{CANARY} topic", "sections": [{"title": f"{CANARY} section"}]}
    created = await client.post("/v1/articles", json=request)
    article_id = created.json()["id"]
    await world.outlined(article_id, [f"{CANARY} section"])
    await world.progress(article_id, CANARY)
    await world.finish(article_id, "cancelled")
    return article_id


async def _canary_lecture(world: World, client: httpx.AsyncClient) -> str:
    studio = Studio(world)
    lecture_id = await studio.queued(f"{CANARY} topic")
    await studio.scripted(lecture_id, [CANARY])
    await studio.segment(lecture_id, 1)
    await world.progress(lecture_id, CANARY)
    await client.post(f"/v1/lectures/{lecture_id}/cancel")
    return lecture_id


async def _canary_campaign(world: World, _client: httpx.AsyncClient) -> str:
    interviews = Interviews(world)
    campaign_id = await interviews.queued(title=CANARY, goal=CANARY)
    await interviews.finished(campaign_id)
    await world.progress(campaign_id, CANARY)
    return campaign_id


async def _canary_page(world: World, _client: httpx.AsyncClient) -> str:
    shop = Shop(world)
    _, [waiting, failed] = await shop.batch(f"{CANARY} batch", [f"{CANARY} topic"] * 2)
    await shop.fails(failed)
    await world.progress(waiting, CANARY)
    return waiting


CANARIES = {
    "articles": _canary_article,
    "lectures": _canary_lecture,
    "campaigns": _canary_campaign,
    "pages": _canary_page,
}


async def _call(
    client: httpx.AsyncClient,
    document: dict[str, Any],
    path: str,
    method: str,
    operation: dict[str, Any],
    unit_id: str,
    kind: str,
) -> httpx.Response:
    address = path
    query: dict[str, str] = {}
    for parameter in operation.get("parameters", []):
        name = parameter["name"]
        known = {"kind": kind, "order": "1", "n": "1", "status": "cancelled"}
        if parameter["in"] == "path":
            address = address.replace(f"{{{name}}}", known.get(name, unit_id))
        elif parameter["in"] == "query" and (parameter.get("required") or name == "status"):
            query[name] = known.get(name, unit_id)
    assert "{" not in address, path
    body = _body(document, operation)
    return await client.request(method.upper(), address, params=query, json=body)


def _body(document: dict[str, Any], operation: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    text = json.dumps(content["schema"])
    return next((body for name, body in BODIES.items() if name in text), {})


async def _studio(world: World, org: str, path: str) -> httpx.Response:
    client = world.client(None)
    await client.post("/session", json={"api_key": world.keys[org]})
    return await client.get(path)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/articles",
        "/v1/lectures",
        "/v1/lectures/{lecture_id}/rebuild",
        "/v1/lectures/{lecture_id}/segments/{n}",
        "/v1/campaigns",
        "/v1/campaigns/{campaign_id}",
        "/v1/campaigns/{campaign_id}/calls/{n}",
        "/v1/campaigns/{campaign_id}/rebuild",
        "/v1/events",
        "/v1/progress/{kind}/{unit_id}",
        "/webhooks/openrouter/{org_id}/{unit_id}",
    ],
)
async def test_the_openapi_document_is_complete(world: World, path: str) -> None:
    document = (await world.client(None).get("/openapi.json")).json()
    assert {"HTTPBearer", "APIKeyCookie", "StandardWebhooks", "OpenRouterWebhooks"} <= set(
        document["components"]["securitySchemes"]
    )
    for method, operation in document["paths"][path].items():
        assert operation["security"], (path, method)
        assert operation["description"], (path, method)
        assert {"401", "429", "503"} <= set(operation["responses"]), (path, method)
        error = operation["responses"]["401"]["content"]
        assert list(error) == ["application/problem+json"]
        if "requestBody" in operation:
            assert operation["requestBody"]["content"]["application/json"]["examples"]
