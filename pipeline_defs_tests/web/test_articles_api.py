"""Articles over HTTP, as users and the command line call it."""

from __future__ import annotations

import httpx
from psycopg.types.json import Jsonb

from pipeline_defs.storage import articles, publications
from pipeline_defs.storage.database import Transaction
from pipeline_defs_tests.web.gateways import World

CREATE = {"topic": "Photosynthesis", "sections": 3}


async def test_a_created_article_can_be_read_at_its_link(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/articles", json=CREATE)
    assert answer.status_code == 202
    created = answer.json()
    assert created["links"]["self"] == answer.headers["location"]
    article = (await client.get(created["links"]["self"])).json()
    assert article["id"] == created["id"]
    assert (article["kind"], article["status"]) == ("articles", "queued")
    assert article["progress"]["percentage"] == 0
    assert [stage["name"] for stage in article["progress"]["stages"]] == [
        "outline",
        "sections",
        "assembly",
    ]
    assert article["cost_usd"] == 0
    assert article["links"]["dagster_asset"].startswith("http://dagster.example:3000/assets/")


async def test_a_given_outline_is_accepted(client: httpx.AsyncClient) -> None:
    sections = [{"title": "Light", "notes": "pigments"}, {"title": "Sugar"}]
    answer = await client.post("/v1/articles", json={"topic": "T", "sections": sections})
    assert answer.status_code == 202


async def test_lists_are_paged_newest_first_and_filtered(
    world: World, client: httpx.AsyncClient
) -> None:
    ids = [await world.article() for _ in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": "2"} | ({"next": cursor} if cursor else {})
        page = (await client.get("/v1/articles", params=params)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == list(reversed(ids))
    await world.outlined(ids[0], ["One"])
    generating = (await client.get("/v1/articles", params={"status": "generating"})).json()
    assert [item["id"] for item in generating["items"]] == [ids[0]]


async def test_a_foreign_cursor_is_named(client: httpx.AsyncClient) -> None:
    for cursor in ["x", "W10", "bnVsbA", "WyJ4IiwieCJd", "%00", "A" * 300]:
        answer = await client.get("/v1/articles", params={"next": cursor})
        assert answer.status_code == 422, cursor
        assert answer.json()["errors"][0]["field"] == "next"


async def test_sections_carry_text_staleness_and_sources(
    world: World, client: httpx.AsyncClient
) -> None:
    article_id = await world.article(sections=2)
    await world.outlined(article_id, ["Light", "Sugar"])
    await world.transact(lambda tx: _write_first_section(tx, article_id))
    sections = (await client.get(f"/v1/articles/{article_id}")).json()["sections"]
    assert [(s["order"], s["title"], s["status"]) for s in sections] == [
        (1, "Light", "completed"),
        (2, "Sugar", "pending"),
    ]
    assert sections[0]["html"] == "<p>Plants <em>catch</em> light.</p>"
    assert sections[0]["stale"] is True  # made from another brief than the present one
    assert sections[0]["citations"][0]["quote"] == "light is caught"
    assert sections[0]["served_by"] == "a model"


async def test_stored_html_is_cleaned_on_its_way_out(
    world: World, client: httpx.AsyncClient
) -> None:
    article_id = await world.article(sections=1)
    await world.outlined(article_id, ["Light"])
    bad = '<p onclick="x()">ok</p><script>alert(1)</script><a href="javascript:x()">a</a>'
    await world.transact(lambda tx: _write_first_section(tx, article_id, bad))
    html = (await client.get(f"/v1/articles/{article_id}")).json()["sections"][0]["html"]
    assert "script" not in html
    assert "onclick" not in html
    assert "javascript" not in html


async def test_cancel_is_final_at_once_where_nobody_works(
    world: World, client: httpx.AsyncClient
) -> None:
    article_id = await world.article()
    answer = await client.post(f"/v1/articles/{article_id}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    again = await client.post(f"/v1/articles/{article_id}/cancel")
    assert (again.status_code, again.json()["status"]) == (200, "cancelled")


async def test_resume_puts_a_cancelled_article_back(
    world: World, client: httpx.AsyncClient
) -> None:
    article_id = await world.article()
    await client.post(f"/v1/articles/{article_id}/cancel")
    answer = await client.post(f"/v1/articles/{article_id}/resume")
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")


async def test_resume_looks_again_at_what_follows_the_first_unfinished_section(
    world: World, client: httpx.AsyncClient
) -> None:
    article_id = await world.article(sections=3)
    await world.outlined(article_id, ["Light", "Sugar", "Air"])

    async def write(tx: Transaction) -> None:
        for order, last in ((1, "completed"), (2, "writing"), (3, "completed")):
            steps = ("researching", "researched", "writing", "completed")
            for status in steps[: steps.index(last) + 1]:
                await articles.set_section_status(tx, article_id, order, status)

    await world.transact(write)
    await world.finish(article_id, "cancelled")
    answer = await client.post(f"/v1/articles/{article_id}/resume")
    found = [section["status"] for section in answer.json()["sections"]]
    assert found == ["completed", "pending", "pending"]


async def test_what_is_in_work_cannot_be_rebuilt_or_resumed(
    world: World, client: httpx.AsyncClient
) -> None:
    article_id = await world.article()
    for action in ("rebuild", "resume"):
        answer = await client.post(f"/v1/articles/{article_id}/{action}")
        assert answer.status_code == 409
        assert answer.json()["code"] == "BUSY"
        assert answer.json()["advice"]


async def test_rebuild_fresh_raises_the_generation_of_the_named_section(
    world: World, client: httpx.AsyncClient
) -> None:
    article_id = await world.article(sections=2)
    await world.outlined(article_id, ["Light", "Sugar"])
    await world.finish(article_id, "cancelled")
    answer = await client.post(
        f"/v1/articles/{article_id}/rebuild", json={"parts": [2], "fresh": True}
    )
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    article = await world.transact(lambda tx: articles.required(tx, article_id))
    assert article.generation("section_draft", f"{article_id}/02") == 1
    assert article.generation("section_draft", f"{article_id}/01") == 0
    missing = await client.post(f"/v1/articles/{article_id}/rebuild", json={"parts": [9]})
    assert missing.status_code in (404, 409)


async def test_an_approval_is_kept(world: World, client: httpx.AsyncClient) -> None:
    article_id = await world.article()
    answer = await client.post(f"/v1/articles/{article_id}/approve", json={"status": "publish"})
    assert (answer.status_code, answer.json()["publish"]) == (202, "publish")
    assert answer.json()["progress"]["stages"][-1]["name"] == "publication"


async def test_no_draft_is_approved_in_place_of_a_public_post(
    world: World, client: httpx.AsyncClient
) -> None:
    article_id = await world.article()
    post = {"id": "7", "link": "https://blog.example/?p=7", "status": "publish"}
    known = {"slug": "light", "version": "1", "requested": "publish"}
    await world.transact(lambda tx: publications.put(tx, article_id, **known, post=post))
    answer = await client.post(f"/v1/articles/{article_id}/approve", json={"status": "draft"})
    assert (answer.status_code, answer.json()["code"]) == (409, "PUBLIC_ALREADY")
    assert (await client.get(f"/v1/articles/{article_id}")).json()["publish"] == "none"
    assert "Approve as draft" not in await world.studio(f"/studio/articles/{article_id}")
    taken_back = {"status": "draft", "unpublished": True}
    answer = await client.post(f"/v1/articles/{article_id}/approve", json=taken_back)
    assert (answer.status_code, answer.json()["publish"]) == (202, "draft")


async def test_an_edited_brief_is_stored(world: World, client: httpx.AsyncClient) -> None:
    article_id = await world.article(sections=1)
    await world.outlined(article_id, ["Light"])
    edit = {"title": "Leaves", "notes": "Begin with leaves", "key_points": ["green"]}
    answer = await client.patch(f"/v1/articles/{article_id}/sections/1", json=edit)
    assert answer.status_code == 200
    section = answer.json()["sections"][0]
    assert (section["title"], section["notes"], section["key_points"]) == (
        "Leaves",
        "Begin with leaves",
        ["green"],
    )
    missing = await client.patch(f"/v1/articles/{article_id}/sections/7", json=edit)
    assert missing.status_code == 404


async def test_unknown_and_odd_ids_are_not_found(client: httpx.AsyncClient) -> None:
    actions = [
        ("GET", ""),
        ("POST", "/cancel"),
        ("POST", "/resume"),
        ("POST", "/rebuild"),
        ("POST", "/approve"),
        ("GET", "/cost"),
    ]
    for article_id in ["nope", "..%2f..", "A%00", "x" * 300, "%F0%9F%98%80"]:
        for method, path in actions:
            answer = await client.request(method, f"/v1/articles/{article_id}{path}")
            assert answer.status_code == 404, (article_id, method, path)
            assert answer.headers["content-type"] == "application/problem+json"


async def test_costs_are_summed_by_unit_and_by_day(world: World, client: httpx.AsyncClient) -> None:
    article_id = await world.article()

    async def spend(tx: Transaction) -> None:
        for number in range(2):
            await tx.each(
                "usage.add",
                unit_id=article_id,
                kind="articles",
                asset="section_draft",
                partition=f"{article_id}/01",
                step="write",
                capability="text",
                provider="p",
                model="m",
                input_tokens=10,
                output_tokens=5,
                quantity=0,
                quantity_unit="",
                cost_usd=0.25,
                cost_source="reported",
                idempotency_key=f"k{number}",
            )

    await world.transact(spend)
    cost = (await client.get(f"/v1/articles/{article_id}/cost")).json()
    assert (cost["total_usd"], cost["items"][0]["calls"]) == (0.5, 2)
    assert cost["items"][0]["asset"] == "section_draft"
    days = (await client.get("/v1/cost", params={"by": "day,line"})).json()
    assert (days["total_usd"], days["calls"]) == (0.5, 2)
    assert days["items"][0]["line"] == "articles"
    assert (await client.get(f"/v1/articles/{article_id}")).json()["cost_usd"] == 0.5


async def test_the_queue_counts_by_state(world: World, client: httpx.AsyncClient) -> None:
    first = await world.article()
    await world.article()
    await world.outlined(first, ["One"])
    queue = (await client.get("/v1/queue")).json()
    assert queue["kinds"]["articles"] == {"queued": 1, "generating": 1}


async def _write_first_section(tx: Transaction, article_id: str, html: str | None = None) -> None:
    key = f"{article_id}/01"
    for asset in ("section_research", "section_draft"):
        await tx.each(
            "assets.put",
            unit_id=article_id,
            asset=asset,
            partition=key,
            data_version="d1",
            code_version="c1",
            input_hash="h1",
            input_versions={},
            metadata={},
            cost_usd=0,
            run_id=None,
        )
    for status in ("researching", "researched", "writing"):
        await articles.set_section_status(tx, article_id, 1, status)
    citation = {
        "source": "s1",
        "url": "https://example.org/light",
        "title": "Light",
        "sentence": "Plants catch light.",
        "quote": "light is caught",
    }
    await tx.run(
        "articles.store_draft",
        article_id=article_id,
        section_order=1,
        markdown="Plants *catch* light.",
        html=html or "<p>Plants <em>catch</em> light.</p>",
        summary="",
        citations=Jsonb([citation]),
        word_count=3,
        served_by="a model",
    )
    await articles.set_section_status(tx, article_id, 1, "completed")
