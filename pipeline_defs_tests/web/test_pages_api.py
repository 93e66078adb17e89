"""Pages, batches, the queue and its dead letters over HTTP, without anybody working on them."""

from __future__ import annotations

import csv
import io
from typing import Any
from zipfile import ZipFile

import httpx
import pytest

from pipeline_defs.domain.errors import ErrorRecord
from pipeline_defs.runtime import control
from pipeline_defs.runtime.lines import PAGE_LINE
from pipeline_defs.storage import page_queue
from pipeline_defs_tests.paging import product, product_page
from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.paging_world import Shop

CSV = {"Content-Type": "text/csv"}
HEAD = ("page_type", "target_url", "keywords", "language", "priority")
PAGE = {
    "page_type": "category",
    "target_url": "https://shop.example/tents",
    "keywords": ["light tents"],
    "language": "en",
}


@pytest.fixture
def client(world: World) -> httpx.AsyncClient:
    return world.client()


def as_csv(rows: list[tuple[str, ...]]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows([HEAD, *rows])
    return file.getvalue().encode()


def rows(count: int) -> list[tuple[str, ...]]:
    return [("guide", f"https://shop.example/{n}", "tents", "en", "LOW") for n in range(count)]


async def created(client: httpx.AsyncClient, **more: Any) -> str:
    answer = await client.post("/v1/pages", json={**PAGE, **more})
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


async def failed(world: World, page_id: str, code: str, *, retryable: bool = False) -> None:
    async def fail(tx: Any) -> None:
        await control.begin(tx, PAGE_LINE, page_id, "queued")
        error = ErrorRecord(code, "it went wrong", retryable, "Do something.")
        await control.finish(tx, PAGE_LINE, page_id, "failed", error)

    await world.transact(fail)


async def test_a_page_waits_with_its_score_and_seven_stages(client: httpx.AsyncClient) -> None:
    page_id = await created(
        client,
        metadata={"sku_count": 2000, "monthly_searches": 20_000, "content_status": "missing"},
    )
    page = (await client.get(f"/v1/pages/{page_id}")).json()
    assert (page["status"], page["job"]["status"]) == ("queued", "pending")
    assert (page["job"]["score"], page["job"]["priority"]) == (80, "HIGH")
    assert [stage["status"] for stage in page["stages"]] == ["pending"] * 7
    assert (page["document"], page["quality"]) == (None, None)
    missing = await client.get(f"/v1/pages/{page_id}/html")
    assert (missing.status_code, missing.json()["code"]) == (404, "NO_DOCUMENT")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"page_type": "blog"}, "page_type"),
        ({"target_url": "not an address"}, "target_url"),
        ({"target_url": "https://user:secret@shop.example/"}, "target_url"),
        ({"language": "xx"}, "language"),
        ({"priority": "URGENT"}, "priority"),
        ({"deadline": "tomorrow"}, "deadline"),
        ({"keywords": ["x" * 81]}, "keywords[0]"),
        ({"metadata": {"content_status": "odd"}}, "metadata.content_status"),
        ({"metadata": {"competitors": [{}]}}, "metadata.competitors[0]"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_a_faulty_field_is_named(
    client: httpx.AsyncClient, change: dict[str, Any], field: str
) -> None:
    answer = await client.post("/v1/pages", json={**PAGE, **change})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert "secret" not in answer.text
    assert (await client.get("/v1/pages")).json()["items"] == []


async def test_an_unsupported_language_is_told_what_there_is(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/pages", json={**PAGE, "language": "ja"})
    message = answer.json()["errors"][0]["message"]
    assert "not a supported language" in message
    for name in ("German", "Polish", "Portuguese"):
        assert name in message


async def test_the_same_key_makes_one_page(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "once"}
    answers = [await client.post("/v1/pages", json=PAGE, headers=headers) for _ in range(2)]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    other = await client.post("/v1/pages", json=product_page(1), headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "IDEMPOTENCY_CONFLICT")


async def test_ten_thousand_rows_with_two_faults_store_nothing_and_name_both(
    client: httpx.AsyncClient,
) -> None:
    many = rows(9_999)
    many[15] = ("guide", "https://shop.example/x", "tents", "klingon", "LOW")  # row 17
    many[8_999] = ("poster", "https://shop.example/y", "tents", "en", "LOW")  # row 9,001
    answer = await client.post("/v1/pages/batches", content=as_csv(many), headers=CSV)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_FILE")
    named = [error["field"] for error in answer.json()["errors"]]
    assert named == ["row 17, language", "row 9001, page_type"]
    assert (await client.get("/v1/queue")).json()["total"] == 0
    assert (await client.get("/v1/batches")).json()["items"] == []


async def test_a_batch_of_ten_thousand_is_stored_whole(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/v1/pages/batches", content=as_csv(rows(10_000)), headers=CSV, timeout=60
    )
    assert answer.status_code == 202, answer.text
    accepted = answer.json()
    assert len(set(accepted["job_ids"])) == 10_000
    batch = (await client.get(accepted["links"]["self"])).json()
    assert (batch["status"], batch["total"], batch["pending"]) == ("processing", 10_000, 10_000)
    queue = (await client.get("/v1/queue")).json()
    assert (queue["low"], queue["total"]) == (10_000, 10_000)
    cancelled = (await client.post(accepted["links"]["cancel"], timeout=60)).json()
    assert (cancelled["status"], cancelled["cancelled"]) == ("cancelled", 10_000)


async def test_a_preview_says_what_a_file_holds_and_stores_nothing(
    client: httpx.AsyncClient,
) -> None:
    many = [*rows(2), ("guide", "nowhere", "x", "en", "LOW")]
    answer = await client.post("/v1/pages/batches/preview", content=as_csv(many), headers=CSV)
    preview = answer.json()
    assert (preview["total"], preview["error_count"]) == (3, 1)
    assert (preview["errors"][0]["row"], preview["errors"][0]["column"]) == (4, "target_url")
    assert preview["rows"][0]["target_url"] == "https://shop.example/0"
    assert (await client.get("/v1/queue")).json()["total"] == 0


async def test_the_same_file_under_the_same_key_is_one_batch(client: httpx.AsyncClient) -> None:
    headers = {**CSV, "Idempotency-Key": "batch-1"}
    body = as_csv(rows(3))
    answers = [
        await client.post("/v1/pages/batches", content=body, headers=headers) for _ in range(2)
    ]
    assert answers[0].json()["job_ids"] == answers[1].json()["job_ids"]
    assert answers[1].headers["idempotent-replayed"] == "true"


async def test_failures_of_a_batch_can_be_sent_again_as_they_are(
    world: World, client: httpx.AsyncClient
) -> None:
    requests = [product_page(n) for n in range(3)]
    accepted = (await client.post("/v1/pages/batches", json=requests)).json()
    await failed(world, accepted["job_ids"][1], "REFUSED")
    batch = (await client.get(accepted["links"]["self"])).json()
    assert (batch["failed"], batch["pending"]) == (1, 2)
    failures = await client.get(accepted["links"]["failures"])
    assert "REFUSED" in failures.text
    again = await client.post("/v1/pages/batches", content=failures.content, headers=CSV)
    assert again.status_code == 202, again.text
    (page_id,) = again.json()["job_ids"]
    page = (await client.get(f"/v1/pages/{page_id}")).json()
    assert page["request"]["metadata"]["product"]["sku"] == product(1)["sku"]


async def test_a_finished_page_stays_in_the_results_when_it_is_queued_again_and_cancelled(
    world: World, client: httpx.AsyncClient
) -> None:
    shop = Shop(world)
    batch_id, [page_id, _] = await shop.batch("Autumn", ["Tents", "Stoves"])
    await shop.completes(page_id)
    again = {"assets": ["page_components"], "fresh": True}
    assert (await client.post(f"/v1/pages/{page_id}/rebuild", json=again)).status_code == 202
    await client.post(f"/v1/batches/{batch_id}/cancel")
    assert (await client.get(f"/v1/pages/{page_id}")).json()["status"] == "cancelled"
    results = await client.get(f"/v1/batches/{batch_id}/results")
    with ZipFile(io.BytesIO(results.content)) as archive:
        assert page_id in archive.read("index.csv").decode("utf-8-sig")


async def test_a_page_that_could_only_not_be_published_is_no_failure_to_send_again(
    world: World, client: httpx.AsyncClient
) -> None:
    shop = Shop(world)
    batch_id, [published, refused] = await shop.batch("Autumn", ["Tents", "Stoves"])
    for page_id in (published, refused):
        await shop.completes(page_id)
    version = (await client.get(f"/v1/pages/{published}")).json()["approval"]["version"]
    await client.post(f"/v1/pages/{published}/approve", json={"version": version})
    await failed(world, published, "UNAUTHORIZED")
    await client.post(f"/v1/pages/{refused}/rebuild", json={"assets": ["page"], "fresh": True})
    await shop.fails(refused)
    failures = (await client.get(f"/v1/batches/{batch_id}/failures")).text
    assert ("UNAUTHORIZED" in failures, "QUALITY" in failures) == (False, True)


async def test_dead_letters_are_replayed_by_filter(world: World, client: httpx.AsyncClient) -> None:
    ids = [await created(client, target_url=f"https://shop.example/{n}") for n in range(4)]
    for page_id, code in zip(ids, ("QUALITY", "REFUSED", "QUALITY"), strict=False):
        await failed(world, page_id, code)
    letters = (await client.get("/v1/dead-letters")).json()["items"]
    assert [letter["id"] for letter in letters] == ids[2::-1]
    assert letters[0]["error"]["advice"] == "Do something."
    quality = {"filter": {"code": "QUALITY"}}
    answer = await client.post("/v1/dead-letters/replay", json=quality)
    assert (answer.status_code, set(answer.json()["replayed"])) == (202, {ids[0], ids[2]})
    assert (await client.post("/v1/dead-letters/replay", json=quality)).json()["replayed"] == []
    everything = await client.post("/v1/dead-letters/replay")
    assert everything.json()["replayed"] == [ids[1]]


async def test_priorities_change_while_a_page_waits_and_not_later(
    world: World, client: httpx.AsyncClient
) -> None:
    page_id = await created(client)
    boosted = await client.post(f"/v1/pages/{page_id}/priority", json={"priority": "high"})
    assert boosted.json()["job"]["priority"] == "HIGH"
    await failed(world, page_id, "REFUSED")
    late = await client.post(f"/v1/pages/{page_id}/priority", json={"priority": "LOW"})
    assert (late.status_code, late.json()["code"]) == (409, "NOT_WAITING")


async def test_the_queue_is_paused_for_its_organization_alone(
    world: World, client: httpx.AsyncClient
) -> None:
    mine = await created(client)
    their_page = await created(world.client("other"))
    assert (await client.post("/v1/queue/pause")).json()["paused"]
    theirs = (await world.client("other").get("/v1/queue")).json()
    assert (theirs["paused"], theirs["total"]) == (False, 1)
    await page_queue.admit(world.gateway.database, at_once=5)
    assert await admitted(world, "other", their_page)
    assert not await admitted(world, "default", mine)
    jobs = (await client.get("/v1/queue/jobs", params={"status": "pending"})).json()["items"]
    assert [job["target_url"] for job in jobs] == [PAGE["target_url"]]
    assert (await client.post("/v1/queue/resume")).json()["paused"] is False
    await page_queue.admit(world.gateway.database, at_once=5)
    assert await admitted(world, "default", mine)


async def admitted(world: World, org: str, page_id: str) -> bool:
    """Whether a page was handed on, so that a run may begin with it."""
    row = await world.gateway.database.one(org, "page_queue.get", id=page_id)
    return bool(row and row["admitted_at"])


async def test_a_paused_queue_does_not_say_how_long_it_will_take(
    world: World, client: httpx.AsyncClient
) -> None:
    shop = Shop(world)
    batch_id, [page_id, _] = await shop.batch("Autumn", ["Tents", "Stoves"])
    await shop.completes(page_id)
    ways = ("/v1/queue", f"/v1/batches/{batch_id}")
    assert None not in [(await client.get(way)).json()["eta_seconds"] for way in ways]
    await client.post("/v1/queue/pause")
    assert [(await client.get(way)).json()["eta_seconds"] for way in ways] == [None, None]
    assert '<span class="muted">paused</span>' in await world.studio("/studio/pages")


async def test_jobs_are_listed_page_by_page(client: httpx.AsyncClient) -> None:
    made = (await client.post("/v1/pages/batches", content=as_csv(rows(7)), headers=CSV)).json()
    found: list[str] = []
    cursor: str | None = None
    while True:
        parameters = {"limit": 3, "batch_id": made["id"], **({"next": cursor} if cursor else {})}
        page = (await client.get("/v1/queue/jobs", params=parameters)).json()
        found += [job["id"] for job in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(found) == sorted(made["job_ids"])


async def test_a_feed_is_imported_whole_or_not_at_all(client: httpx.AsyncClient) -> None:
    good = "id,title,price\nA,Tent,1 EUR\nB,Stove,2 EUR\n"
    answer = await client.post("/v1/products", content=good.encode(), headers=CSV)
    assert answer.json() == {"imported": 2, "products": 2, "keywords": 0}
    bad = "id,title,price\nC,Lamp,3 EUR\nD,Pole,free\n"
    refused = await client.post("/v1/products", content=bad.encode(), headers=CSV)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "row 3, price"
    assert (await client.get("/v1/products")).json()["total"] == 2
    other = "id,title,price\nE,Boot,5 EUR\n"
    await client.post("/v1/products?replace=true", content=other.encode(), headers=CSV)
    items = (await client.get("/v1/products")).json()["items"]
    assert [item["sku"] for item in items] == ["E"]


@pytest.mark.parametrize("replace", ["true", "false"])
async def test_a_feed_without_products_leaves_the_catalogue_alone(
    client: httpx.AsyncClient, replace: str
) -> None:
    await client.post("/v1/products", content=b"id,title\nA,Tent\n", headers=CSV)
    for empty in (b"id,title\n", b"[]", b'{"error": []}'):
        refused = await client.post(
            "/v1/products", params={"replace": replace}, content=empty, headers=CSV
        )
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["fix"]
    assert (await client.get("/v1/products")).json()["total"] == 1


async def test_jobs_of_a_batch_come_in_the_order_of_its_rows(
    world: World, client: httpx.AsyncClient
) -> None:
    made = (await client.post("/v1/pages/batches", content=as_csv(rows(7)), headers=CSV)).json()
    await failed(world, made["job_ids"][4], "REFUSED")
    wanted = {"limit": 2, "batch_id": made["id"], "status": "pending"}
    found: list[tuple[int, str]] = []
    cursor: str | None = None
    while True:
        parameters = {**wanted, **({"next": cursor} if cursor else {})}
        page = (await client.get("/v1/queue/jobs", params=parameters)).json()
        found += [(job["batch_row"], job["id"]) for job in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == [
        (row, job) for row, job in enumerate(made["job_ids"], 1) if row != 5
    ]  # whatever changes between the pages, none is told twice or left out


@pytest.mark.parametrize("cursor", ["x", "W10", "LTE", "IjEi", "MTAwMDAwMDAwMDAwMDA"])
async def test_a_cursor_of_a_batch_is_one_of_ours(client: httpx.AsyncClient, cursor: str) -> None:
    answer = await client.get("/v1/queue/jobs", params={"batch_id": "batch-1", "next": cursor})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "next")
