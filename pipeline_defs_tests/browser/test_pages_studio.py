"""The queue, batches and pages in Studio in a real browser, as a shop's editor uses them."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect  # noqa: TID253 (browser tests only)

from pipeline_defs_tests.browser.visits import EVIL, streaming, studio, visit_all
from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.paging_world import AWAY, Shop


async def test_pages_are_accessible_and_fit_phones_in_light_and_dark(
    browser: Browser, world: World, axe: str, pictures: Path
) -> None:
    shop = Shop(world)
    finished = await shop.finished()
    batch_id = await _mixed_batch(shop)
    failed = await shop.queued("Sleeping bags", priority="HIGH")
    await shop.fails(failed)
    waiting = await shop.queued("Stoves", priority="LOW", deadline="2030-01-01T12:00:00Z")
    pages = {
        "studio-home": "/studio",
        "studio-form": "/studio?kind=pages",
        "studio-pages": "/studio/pages",
        "studio-page": f"/studio/pages/{finished}",
        "studio-page-failed": f"/studio/pages/{failed}",
        "studio-page-waiting": f"/studio/pages/{waiting}",
        "studio-batch": f"/studio/batches/{batch_id}",
        "studio-batches": "/studio/batches",
        "studio-dead": "/studio/dead-letters",
        "studio-many": "/studio/batches/new",
    }
    await visit_all(browser, world, axe, pictures, pages)


async def _mixed_batch(shop: Shop) -> str:
    """A batch with pages in every state."""
    topics = ["Trekking tents", "Winter tents", "Family tents", "Bivy tents", "Tarps"]
    batch_id, ids = await shop.batch("Autumn categories", topics)
    await shop.completes(ids[0])
    await shop.fails(ids[1], AWAY)
    await shop.begun(ids[2])
    for name in ("validation", "context-building"):
        await shop.stage(ids[2], name)
    await shop.stage(ids[2], "component-generation", "running")
    return batch_id
