"""Which pages a page links to: its neighbours in the batch, then the newest of its site."""

from __future__ import annotations

from typing import Any

from pipeline_defs import policies
from pipeline_defs.domain.pages.facts import Link
from pipeline_defs.domain.pages.products import Product
from pipeline_defs.domain.pages.requests import PageRequest
from pipeline_defs.rendering.pages import assemble
from pipeline_defs.runtime import control
from pipeline_defs.runtime.lines import PAGE_LINE
from pipeline_defs.storage import page_queue, pages, products
from pipeline_defs.storage.database import Database, Transaction
from pipeline_defs_tests.domain.pages import samples
from pipeline_defs_tests.paging import product, product_page

MOST = policies.PAGE_LINKS_MOST


def request(name: str, site: str = "https://shop.example", **more: Any) -> PageRequest:
    return PageRequest.model_validate(
        {
            "page_type": "guide",
            "target_url": f"{site}/{name}",
            "metadata": {"topic": f"about {name}"},
            **more,
        }
    )


async def batch(db: Database, requests: list[PageRequest], org: str = "acme") -> list[str]:
    async def create(tx: Transaction) -> list[str]:
        batch_id = await page_queue.create_batch(tx, "shop", len(requests), "tester")
        return await pages.create_many(tx, requests, "tester", batch_id)

    return await db.transact(org, create)


async def links(db: Database, page_id: str) -> list[str]:
    found = await db.transact("acme", lambda tx: pages.links_of(tx, page_id))
    return [link.url.rpartition("/")[2] for link in found]


async def test_neighbours_of_the_batch_come_first_and_nearest(db: Database) -> None:
    ids = await batch(db, [request(str(n)) for n in range(30)])
    assert await links(db, ids[15]) == ["14", "16", "13", "17", "12", "18", "11", "19"]
    assert await links(db, ids[0]) == [str(n) for n in range(1, MOST + 1)]


async def test_links_are_called_what_their_pages_are_about(db: Database) -> None:
    feed = [Product.model_validate(product(1))]
    await db.transact("acme", lambda tx: products.import_products(tx, feed, "test", replace=False))
    asked: list[tuple[dict[str, Any], str]] = [
        ({"metadata": {"topic": "GPS Watches"}}, "GPS Watches"),
        ({"metadata": {}, "keywords": ["light eBikes"]}, "Light eBikes"),
        (product_page(2), product(2)["name"]),
        ({**product_page(3), "keywords": []}, product(3)["name"]),
        ({"page_type": "product", "metadata": {"skus": ["SKU-00001"]}}, product(1)["name"]),
        ({"page_type": "product", "metadata": {"skus": ["SKU-9"]}}, "What it was called"),
        ({"page_type": "product", "metadata": {"skus": ["SKU-8"]}}, ""),
    ]
    requests = [
        request(str(n), **{**more, "target_url": f"https://shop.example/{n}"})
        for n, (more, _) in enumerate(asked)
    ]
    first, *ids = await batch(db, [request("here"), *requests])
    await db.transact("acme", lambda tx: pages.set_title(tx, ids[5], "What it was called"))
    found = await db.transact("acme", lambda tx: pages.links_of(tx, first))
    assert [link.title for link in found] == [title for _, title in asked if title]


async def test_a_page_of_no_batch_links_to_the_newest_of_its_site(db: Database) -> None:
    for name in ("first", "second", "third"):
        await batch(db, [request(name)])
    [alone] = await db.transact("acme", lambda tx: pages.create_many(tx, [request("x")], "tester"))
    assert await links(db, alone) == ["third", "second", "first"]


async def ends(db: Database, page_id: str, status: Any) -> None:
    await db.transact("acme", lambda tx: control.begin(tx, PAGE_LINE, page_id, "queued"))
    await db.transact("acme", lambda tx: control.finish(tx, PAGE_LINE, page_id, status))


async def is_made(db: Database, page_id: str) -> None:
    document = assemble(samples.facts(), samples.components())
    await db.transact("acme", lambda tx: pages.put_document(tx, page_id, document, None))


async def test_of_the_newest_those_that_are_finished_come_first(db: Database) -> None:
    for name in ("finished", "waiting"):
        [page_id] = await batch(db, [request(name)])
        if name == "finished":
            await is_made(db, page_id)
    [alone] = await db.transact("acme", lambda tx: pages.create_many(tx, [request("x")], "tester"))
    assert await links(db, alone) == ["finished", "waiting"]


async def test_a_page_that_comes_to_nothing_is_linked_to_no_more(db: Database) -> None:
    names = ("here", "failed", "cancelled", "rebuilt", "waiting")
    first, *ids = await batch(db, [request(name) for name in names])
    chosen = await db.transact("acme", lambda tx: pages.links_of(tx, first))
    assert len(chosen) == len(ids)
    await is_made(db, ids[2])
    for page_id, status in zip(ids, ("failed", "cancelled", "failed"), strict=False):
        await ends(db, page_id, status)
    foreign = Link(url="https://shop.example/foreign", title="Of nobody's page")
    left = await db.transact("acme", lambda tx: pages.living(tx, (*chosen, foreign)))
    assert [link.url.rpartition("/")[2] for link in left] == ["rebuilt", "waiting", "foreign"]


async def test_other_sites_languages_organizations_and_failed_pages_are_left_out(
    db: Database,
) -> None:
    await batch(db, [request("theirs")], org="other")
    ids = await batch(
        db,
        [
            request("own"),
            request("elsewhere", site="https://other.example"),
            request("german", language="de"),
            request("failed"),
            request("own"),
            request("good"),
        ],
    )
    await ends(db, ids[3], "failed")
    assert await links(db, ids[0]) == ["good"]
