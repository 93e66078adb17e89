"""The page of costs in a real browser: the month, its budgets, what was spent by what."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Browser, expect  # noqa: TID253 (browser tests only)

from pipeline_defs_tests.browser.visits import studio, visit_all
from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.writing import spend


async def paid(world: World) -> str:
    """An article that cost something, and the provider's bill of the day."""
    article = await world.article()
    await world.transact(lambda tx: spend(tx, article, "write", 0.75))
    bill = {"provider": "local", "day": datetime.now(UTC).date(), "cost_usd": 1}
    await world.transact(lambda tx: tx.run("bills.put", **bill))
    return article


async def test_a_budget_is_set_and_costs_are_summed_by_what_is_chosen(
    browser: Browser, world: World
) -> None:
    article = await paid(world)
    async with studio(browser, world) as (page, _):
        await page.goto("/studio/cost")
        month = page.locator("[data-region=month]")
        await expect(month).to_contain_text("There is no whole day yet to go by.")
        await month.get_by_text("Set budgets").click()
        await page.locator("#budget-articles summary").click()
        await page.locator("#hard-articles").fill("0.5")
        await page.get_by_role("button", name="Set the budget of articles").click()
        await expect(month).to_contain_text("The monthly budget of articles is spent")
        await page.get_by_label("Model", exact=True).uncheck()
        await page.get_by_label("Unit", exact=True).check()
        await page.get_by_role("button", name="Show", exact=True).click()
        await page.wait_for_url("**by=unit*")
        await expect(page.locator("#costs tbody tr")).to_contain_text([article])
        await expect(page.locator("#costs tbody tr")).to_contain_text(["$0.75"])
        await expect(page.locator("#bills tbody tr")).to_contain_text(["$1.00"])
        async with page.expect_download() as saved:
            await page.get_by_role("link", name="As a file (CSV)").click()
        assert article in Path(await (await saved.value).path()).read_text()


async def test_the_page_of_costs_is_accessible_and_fits_phones_in_light_and_dark(
    browser: Browser, world: World, axe: str, pictures: Path
) -> None:
    await paid(world)
    limits = {"soft_usd": "0.5", "hard_usd": "2"}
    (await world.client().put("/v1/budgets/articles", json=limits)).raise_for_status()
    await visit_all(browser, world, axe, pictures, {"cost": "/studio/cost?by=day&by=unit"})
