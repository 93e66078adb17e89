"""Who did what: every route that changes something leaves an entry, and entries can be found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx

from pipeline_defs.domain.articles.drafts import SectionPlan
from pipeline_defs.runtime.call_events import RECORDING_PATH, STATUS_PATH
from pipeline_defs_tests.web import writing
from pipeline_defs_tests.web.filming import Studio
from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.interviewing import REQUEST as CAMPAIGN
from pipeline_defs_tests.web.interviewing import Interviews
from pipeline_defs_tests.web.paging_world import Shop
from pipeline_defs_tests.web.writing import Text

CSV = {"Content-Type": "text/csv"}
DRAFT = {"publish": "draft"}
ROWS = b"page_type,target_url,keywords,topic\nguide,https://shop.example/t,tents,Tents\n"
PAGE = {
    "page_type": "guide",
    "target_url": "https://shop.example/guides/tents",
    "keywords": ["tents"],
    "metadata": {"topic": "Tents"},
}
TEXT = Text("One", ("A leaf.",), "A leaf.", "a leaf", "Leaves")
FROM_OUTSIDE = (
    "nobody of the organization: signed by its sender, and stored in the inbox as it came"
)
WITHOUT_ENTRY = {
    ("POST", "/v1/pages/batches/preview"): "looks at a file; nothing is stored",
    ("POST", "/v1/lectures/{lecture_id}/check"): "reads files; nothing is changed",
    ("POST", "/v1/reconciliations"): "leaves `reconciliation.asked_for`; needs a running Dagster",
    ("POST", "/v1/backfills"): "each unit that it queues again leaves `<line>.backfilled`",
    ("POST", "/v1/events"): FROM_OUTSIDE,
    ("POST", STATUS_PATH): FROM_OUTSIDE,
    ("POST", RECORDING_PATH): FROM_OUTSIDE,
    ("POST", "/webhooks/openrouter/{org_id}/{unit_id}"): FROM_OUTSIDE,
}
MUTATING = {"post", "put", "patch", "delete"}


class Auditor:
    """Calls routes and sees whether the caller's trail has grown by it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.client = world.client()
        self.actor = f"key:{world.keys['default'].split('_')[1]}"
        self.seen: dict[tuple[str, str], str] = {}

    async def does(self, method: str, route: str, body: Any = None, **parts: Any) -> Any:
        """Call a route; its answer, once it was accepted and the newest entry is the caller's."""
        before = await self._newest()
        sent: dict[str, Any] = (
            {"content": body, "headers": CSV} if isinstance(body, bytes) else {"json": body}
        )
        if body is None:
            sent = {}
        answer = await self.client.request(method, route.format(**parts), **sent)
        assert answer.is_success, (method, route, answer.text)
        after = await self._newest()
        assert after is not None, (method, route)
        assert before is None or after["id"] > before["id"], (method, route, "left no entry")
        self.seen[method, route] = after["action"]
        return answer.json() if answer.content else None

    async def _newest(self) -> dict[str, Any] | None:
        found = await self.client.get("/v1/audit", params={"actor": self.actor, "limit": 1})
        return next(iter(found.json()["items"]), None)


def changing_routes(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for path, operations in document["paths"].items():
        for method in MUTATING & set(operations):
            yield method.upper(), path


async def test_every_route_that_changes_something_leaves_an_entry_or_says_why_not(
    world: World,
) -> None:
    auditor = Auditor(world)
    does = auditor.does
    await articles(world, does)
    await lectures(world, does)
    await pages(world, does)
    await campaigns(world, does)
    await does("PUT", "/v1/budgets/{line}", {"hard_usd": "5"}, line="lectures")
    await does("POST", "/session", {"api_key": world.keys["default"]})
    auditor.client.headers["Origin"] = "http://studio.example"
    await does("DELETE", "/session")
    wanted = set(changing_routes(world.app.openapi()))
    assert set(auditor.seen) | set(WITHOUT_ENTRY) == wanted
    assert not set(auditor.seen) & set(WITHOUT_ENTRY)


async def articles(world: World, does: Any) -> None:
    one, own = "/v1/articles/{article_id}", "/v1/articles"
    created = await does("POST", own, {"topic": "Leaves", "sections": 1})
    which = {"article_id": created["id"]}
    await world.transact(lambda tx: writing.plan(tx, created["id"], "Leaves", [TEXT]))
    await world.transact(lambda tx: writing.start_section(tx, created["id"], 1))
    await world.transact(lambda tx: writing.write_section(tx, created["id"], 1, TEXT))
    await world.transact(lambda tx: writing.assemble_article(tx, created["id"], [TEXT]))
    changed = {"title": SectionPlan(title="Two").title}
    await does("PATCH", one + "/sections/{order}", changed, **which, order=1)
    await does("POST", one + "/approve", {"status": "draft"}, **which)
    await does("POST", one + "/cancel", **which)
    await does("POST", one + "/rebuild", {"parts": [1]}, **which)
    await does("POST", one + "/cancel", **which)
    await does("POST", one + "/resume", **which)


async def lectures(world: World, does: Any) -> None:
    one = "/v1/lectures/{lecture_id}"
    created = await does("POST", "/v1/lectures", {"topic": "Bees", "minutes": 0.5})
    which = {"lecture_id": created["id"]}
    await Studio(world).scripted(created["id"])
    await does("PATCH", one + "/segments/{n}", {"text": "Bees dance to tell."}, **which, n=1)
    await Studio(world).finished(created["id"])
    await does("POST", one + "/rebuild", **which)
    await does("POST", one + "/cancel", **which)
    await does("POST", one + "/resume", **which)


async def pages(world: World, does: Any) -> None:
    one, shop = "/v1/pages/{page_id}", Shop(world)
    created = await does("POST", "/v1/pages", PAGE)
    which = {"page_id": created["id"]}
    await does("POST", one + "/priority", {"priority": "HIGH"}, **which)
    await does("POST", one + "/cancel", **which)
    await does("PATCH", one, {"keywords": ["light tents"]}, **which)
    await does("POST", one + "/resume", **which)
    finished = {"page_id": await shop.finished("Lamps", options=DRAFT)}
    client = world.client()
    version = (await client.get(one.format(**finished))).json()["approval"]["version"]
    reason = {"version": version, "reason": "Too long."}
    await does("POST", one + "/reject", reason, **finished)
    await does("POST", one + "/approve", {"version": version}, **finished)
    await does("POST", one + "/rebuild", {"fresh": True}, page_id=await shop.finished("Stoves"))
    batch = await does("POST", "/v1/pages/batches", ROWS)
    await does("POST", "/v1/batches/{batch_id}/cancel", batch_id=batch["id"])
    await does("POST", "/v1/queue/pause")
    await does("POST", "/v1/queue/resume")
    await shop.fails(await shop.queued("Bags"))
    await does("POST", "/v1/dead-letters/replay")
    await does("POST", "/v1/products", b"id,title\nA,Tent\n")
    await does("POST", "/v1/keywords", b"keyword,monthly_searches,difficulty\ntents,100,20\n")


async def campaigns(world: World, does: Any) -> None:
    one, worker = "/v1/campaigns/{campaign_id}", Interviews(world)
    await does("POST", "/v1/campaigns/file", {"file": json.dumps(CAMPAIGN)})
    created = await does("POST", "/v1/campaigns", CAMPAIGN)
    which = {"campaign_id": created["id"]}
    await does("PATCH", one, {"calls_per_minute": 3}, **which)
    await does("POST", one + "/pause", **which)
    await does("POST", one + "/unpause", **which)
    await does("POST", one + "/cancel", **which)
    await does("POST", one + "/resume", **which)
    ended = await worker.queued()
    await worker.finished(ended)
    await does("POST", one + "/rebuild", {"fresh": True}, campaign_id=ended)


async def test_entries_are_filtered_paged_and_lead_to_their_unit(
    world: World, client: httpx.AsyncClient
) -> None:
    made = [
        (await client.post("/v1/articles", json={"topic": f"Leaves {n}", "sections": 1})).json()
        for n in range(3)
    ]
    await client.post(f"/v1/articles/{made[0]['id']}/cancel")
    other = world.client("other")
    await other.post("/v1/articles", json={"topic": "Ours", "sections": 1})

    async def found(**filters: Any) -> list[dict[str, Any]]:
        return (await client.get("/v1/audit", params=filters)).json()["items"]

    everything = await found()
    assert [e["id"] for e in everything] == sorted((e["id"] for e in everything), reverse=True)
    assert {e["unit_id"] for e in everything} == {unit["id"] for unit in made}
    of_unit = await found(unit=made[0]["id"])
    assert {"articles.created", "articles.cancel_requested"} <= {e["action"] for e in of_unit}
    assert of_unit[0]["studio"] == made[0]["links"]["studio"]
    assert of_unit[0]["unit_title"] == "Leaves 0"
    assert len(await found(action="articles.created")) == 3
    assert len(await found(action="articles")) > 3
    assert await found(action="article") == [
        e for e in everything if e["action"].startswith("article.")
    ]
    day = everything[0]["at"][:10]
    assert await found(since=day, until=day) == everything
    assert await found(until="2020-01-01") == []
    assert {e["actor_name"] for e in everything if e["actor"].startswith("key:")} == {
        "development key"
    }
    first = (await client.get("/v1/audit", params={"limit": 2})).json()
    second = (await client.get("/v1/audit", params={"limit": 200, "next": first["next"]})).json()
    assert first["items"] + second["items"] == everything
    refused = await client.get("/v1/audit", params={"next": "elsewhere"})
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_REQUEST")
