"""Backfills, the reconciler's reports and the plain page of a unit in a real browser."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, Page, expect  # noqa: TID253 (browser tests only)

from pipeline_defs.domain.errors import ErrorRecord
from pipeline_defs.runtime import control
from pipeline_defs.runtime.inspection import put_wanting
from pipeline_defs.storage.database import Transaction
from pipeline_defs_tests.browser.visits import EVIL, studio, visit_all
from pipeline_defs_tests.example_line import storage
from pipeline_defs_tests.example_line.domain import HaikuRequest
from pipeline_defs_tests.example_line.line import HAIKU_LINE
from pipeline_defs_tests.example_line.world import app_with_haikus
from pipeline_defs_tests.servers import TestDatabase
from pipeline_defs_tests.web.filming import Studio
from pipeline_defs_tests.web.gateways import World, running_world, settings_for
from pipeline_defs_tests.web.test_backfills_api import edited, inspected
from pipeline_defs_tests.web.test_operations_page import FAULT, FOUND, told

SILENT = ErrorRecord(
    "PARTS_FAILED",
    "verse 2 could not be written",
    retryable=False,
    advice="Give it another theme, then resume.",
)

HIDDEN = "(is) => Object.defineProperty(document, 'hidden', {value: is, configurable: true})"


async def stale(world: World, topic: str = "How honey bees dance") -> str:
    """A finished lecture of which a segment was edited since."""
    filming = Studio(world)
    lecture_id = await filming.queued(topic)
    await filming.remade(lecture_id)
    await edited(world.client(), lecture_id)
    await inspected(world, lecture_id)
    return lecture_id


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until the button of this name has the focus."""
    button = page.get_by_role("button", name=name)
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await button.evaluate("button => button === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {name!r}")


async def test_a_plan_is_looked_at_confirmed_by_keyboard_and_followed(
    browser: Browser, world: World
) -> None:
    lecture_id = await stale(world)
    async with studio(browser, world) as (page, _):
        await page.get_by_role("link", name="Backfills").click()
        await page.get_by_label("Line", exact=True).select_option("articles")
        await page.get_by_role("button", name="Show the plan").click()
        await page.wait_for_url("**line=articles*")
        plan = page.locator("[data-region=plan]")
        await expect(plan).to_contain_text("Nothing that fits has to be made again.")
        await page.get_by_role("link", name="1 lectures stale").click()
        await page.wait_for_url("**line=lectures&reason=stale")
        await expect(plan).to_contain_text("1 unit, 5 things to make")
        await plan.locator("summary").click()
        await expect(plan).to_contain_text("segment_image 002")
        await tab_to(page, "Make 1 unit again")
        await page.keyboard.press("Enter")
        await expect(page.locator("#notices")).to_contain_text("Really make 1 unit again")
        unit = (await world.client().get(f"/v1/lectures/{lecture_id}")).json()
        assert unit["status"] == "completed"  # nothing began before it was confirmed
        await page.keyboard.press("Enter")
        await expect(page.locator("#notices")).to_contain_text("1 unit is queued.")
        heading = plan.get_by_role("heading", name="Nothing that fits has to be made again.")
        await expect(heading).to_be_focused()
        past = page.locator("#past > li")
        await expect(past).to_have_count(1)
        await expect(past).to_contain_text("Lectures: stale")
        await expect(past).to_contain_text("0 of 1 whole")
        await Studio(world).remade(lecture_id)
        await inspected(world, lecture_id)
        await page.reload()
        await expect(past).to_contain_text("1 of 1 whole")


async def test_a_page_nothing_is_streamed_to_asks_by_itself_and_not_while_it_is_hidden(
    browser: Browser, world: World
) -> None:
    async with studio(browser, world) as (page, _):
        await page.clock.install()
        await page.goto("/studio/operations")
        reports = page.locator("[data-region=reports]")
        await expect(reports).to_contain_text("No pass has ended yet.")
        await told(world, "run-1", FOUND, {})
        await page.evaluate(HIDDEN, True)
        await page.clock.fast_forward(20_000)
        await page.clock.fast_forward(1000)
        await expect(reports).to_contain_text("No pass has ended yet.")
        await page.evaluate(HIDDEN, False)
        await page.clock.fast_forward(20_000)
        await page.clock.fast_forward(1000)
        await expect(reports.get_by_role("heading", name="The last pass")).to_be_visible()


async def test_hostile_titles_and_errors_stay_texts(browser: Browser, world: World) -> None:
    title = "".join(EVIL)[:120]
    lecture_id = await stale(world, title)
    row = {
        "asset": "segment_clip",
        "partition": f"{lecture_id}/001",
        "standing": "corrupt",
        "error": {"code": "BLOB_MISSING", "message": EVIL[1]},
    }
    await world.transact(lambda tx: put_wanting(tx, lecture_id, [row]))
    async with studio(browser, world) as (page, _):
        await page.goto("/studio/backfills")
        await expect(page.locator("#plan-units .batch-name")).to_have_text(title)
        await page.locator("#plan-units summary").click()
        await expect(page.locator("#plan-units")).to_contain_text(EVIL[1])
        assert await page.locator("#main script, #main img, #main svg").count() == 0


async def test_pages_are_accessible_and_fit_phones_in_light_and_dark(
    browser: Browser, database: TestDatabase, redis_url: str, tmp_path: Path, axe: str,
    pictures: Path,
) -> None:  # fmt: skip
    settings = settings_for(database, redis_url, tmp_path)
    async with running_world(settings, database, app_with_haikus(database, settings)) as world:
        await stale(world)
        (await world.client().post("/v1/backfills", json={"budget_usd": 5})).raise_for_status()
        await stale(world, "How ants find their way back over hot sand, and what they count")
        await told(world, "run-1", (), {})
        await told(world, "run-2", FOUND, {"permits": FAULT})
        haiku_id = await world.transact(_unfinished)
        pages = {
            "backfills": "/studio/backfills",
            "backfills-filtered": "/studio/backfills?line=lectures&reason=stale&budget=0.001",
            "operations": "/studio/operations",
            "operations-quiet": "/studio/operations?run=run-1",
            "unit": f"/studio/haikus/{haiku_id}",
        }
        await visit_all(browser, world, axe, pictures, pages)


async def _unfinished(tx: Transaction) -> str:
    """A haiku whose second verse could not be written."""
    haiku_id = await storage.create(tx, HaikuRequest(themes=["moss", "silence", "rain"]), "test")
    await control.begin(tx, HAIKU_LINE, haiku_id, "queued")
    for order, status in ((1, "ready"), (2, "failed")):
        await tx.run(
            f"{storage.SQL}set_verse", id=haiku_id, order=order, status=status, text="Of moss"
        )
    await control.finish(tx, HAIKU_LINE, haiku_id, "incomplete", SILENT)
    return haiku_id
