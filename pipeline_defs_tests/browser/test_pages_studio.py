"""The queue, batches and pages in Studio in a real browser, as a shop's editor uses them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect  # noqa: TID253 (browser tests only)

from pipeline_defs import policies
from pipeline_defs.domain.errors import ErrorRecord
from pipeline_defs.domain.pages.components import Removal
from pipeline_defs.domain.pages.quality.findings import Finding, QualityReport
from pipeline_defs_tests.browser.visits import EVIL, streaming, studio, visit_all
from pipeline_defs_tests.domain.pages import samples
from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.paging_world import AWAY, PRODUCTS, REPORT, Shop

ROWS = "page_type,target_url,keywords\ncategory,https://shop.example/{},tents\n{},{},stoves\n"


async def test_an_editor_creates_a_page_and_watches_it_through_its_stages(
    browser: Browser, world: World
) -> None:
    shop = Shop(world)
    async with studio(browser, world) as (page, watch):
        await page.goto("/studio?kind=pages")
        form = page.locator("#new-page")
        await form.get_by_label("Address it will have").fill("tents")
        await form.get_by_text("Products, topic, voice").click()
        await form.get_by_label("Topic").fill("Trekking tents")
        await form.get_by_text("Products, topic, voice").click()
        await form.get_by_role("button", name="Create page").click()
        await expect(form.locator("[data-problem]")).to_contain_text("web address")
        await expect(form.get_by_label("Address it will have")).to_be_focused()
        watch.complaints = [c for c in watch.complaints if "422" not in c]
        await form.get_by_label("Address it will have").fill("https://shop.example/tents")
        await form.get_by_label("Keywords, one per line").fill("trekking tent\nlight tent")
        await form.get_by_label("Priority").select_option("HIGH")
        await form.get_by_label("Deadline").fill("2030-01-01T12:00")
        await form.get_by_role("button", name="Create page").click()
        await page.wait_for_url("**/studio/pages/page-*")
        page_id = page.url.rsplit("/", 1)[-1]
        head = page.locator("[data-region=head]")
        await expect(head.get_by_text("Waiting")).to_be_visible()
        place = page.locator("[data-region=job]")
        await expect(place.get_by_label("Priority")).to_have_value("HIGH")
        await expect(page.locator(".stages li")).to_have_count(7)

        await shop.begun(page_id)
        await shop.stage(page_id, "validation")
        await shop.stage(page_id, "context-building", "running")
        await expect(head.get_by_text("In work")).to_be_visible()
        stages = page.locator(".stages li")
        await expect(stages.nth(0)).to_contain_text("done · 0.01 s")
        await expect(stages.nth(1)).to_contain_text("in work")
        await page.reload()  # it goes on where it was
        await streaming(world)
        await shop.stage(page_id, "context-building")
        await expect(stages.nth(1)).to_contain_text("done")
        await expect(page.locator("[data-region=progress] .percentage")).to_have_text("29 %")
        document = await shop.made(page_id)
        await shop.concludes(page_id)
        await expect(head.get_by_text("Finished")).to_be_visible()
        await expect(page.get_by_role("heading", level=1)).to_have_text(document.headline)
        await expect(page.locator("[data-region=cost]")).to_contain_text("1,200 tokens read")

        await expect(page.frame_locator("iframe").locator("h1")).to_have_text(document.headline)
        assert await page.locator("iframe").get_attribute("sandbox") == ""
        await page.get_by_role("tab", name="Preview").focus()
        await page.keyboard.press("ArrowRight")
        await expect(page.locator("#code-html")).to_have_text(document.html)
        await page.keyboard.press("ArrowRight")
        await expect(page.locator("#code-jsonld")).to_contain_text('"@context"')
        await page.keyboard.press("End")
        await expect(page.get_by_role("tabpanel")).to_contain_text(document.description)
        await expect(page.get_by_text("Shorten the longest sentences")).to_be_visible()
        await expect(page.locator(".removed")).to_contain_text("the product data say 1.9 kg")

        await page.get_by_role("button", name="Write it anew").click()
        await page.get_by_role("button", name="Pay for new words?").click()
        await expect(head.get_by_text("Waiting")).to_be_visible()
        await expect(page.get_by_role("tab", name="Meta")).to_have_attribute(
            "aria-selected", "true"
        )  # what was chosen is still shown
        await page.get_by_role("button", name="Cancel").click()
        await page.get_by_role("button", name="Really cancel?").click()
        await expect(head.get_by_text("Cancelled")).to_be_visible()
        await page.get_by_role("button", name="Resume").click()
        await expect(head.get_by_text("Waiting")).to_be_visible()


async def test_the_queue_moves_live_and_can_be_paused_filtered_and_reordered(
    browser: Browser, world: World
) -> None:
    shop = Shop(world)
    page_id = await shop.queued("Tents", priority="LOW")
    other = await shop.queued("Stoves", priority="NORMAL")
    async with studio(browser, world) as (page, watch):
        await page.goto("/studio/pages")
        row, queue = page.locator(f"#job-{page_id}"), page.locator("[data-region=queue]")
        await expect(queue).to_contain_text("No worker was heard of")
        await row.get_by_label("Priority of Tents").select_option("HIGH")
        await expect(page.locator("#toasts")).to_contain_text("The priority is changed")
        await page.get_by_role("link", name="High", exact=True).click()
        await page.wait_for_url("**/pages?priority=HIGH")
        await expect(page.locator(".job")).to_have_count(1)
        await expect(row.get_by_label("Priority of Tents")).to_have_value("HIGH")
        await page.get_by_role("button", name="Pause the queue").click()
        await expect(queue).to_contain_text("The queue is paused")
        await page.get_by_role("button", name="Go on").click()
        await expect(queue.get_by_text("The queue is paused")).to_have_count(0)

        await streaming(world)
        await shop.begun(page_id)
        await shop.stage(page_id, "validation")
        await expect(row.get_by_text("In work")).to_be_visible()
        before = await row.locator("progress").evaluate("bar => bar.value")
        await page.reload()
        await streaming(world)
        await shop.stage(page_id, "context-building")
        bar = row.locator("progress")
        await expect(bar).not_to_have_js_property("value", before)
        assert await bar.evaluate("bar => bar.value") > before
        await shop.made(page_id)
        await shop.concludes(page_id)
        await expect(row.get_by_text("Finished")).to_be_visible()

        await page.goto("/studio/pages")
        stale = page.locator(f"#job-{other}").get_by_label("Priority of Stoves")
        await expect(stale).to_have_value("NORMAL")
        await page.evaluate("document.querySelector('[data-follow]').dataset.follow = ''")
        (await world.client().post(f"/v1/pages/{other}/cancel")).raise_for_status()
        await stale.select_option("HIGH")  # it does not wait any more
        await expect(page.locator("#toasts")).to_contain_text("only one that waits")
        watch.complaints = [c for c in watch.complaints if "409" not in c]


async def test_a_file_is_looked_at_first_and_stored_as_a_whole_or_not_at_all(
    browser: Browser, world: World, tmp_path: Path
) -> None:
    file = tmp_path / "pages.csv"
    file.write_text(ROWS.format("tents", "catgory", "https://shop.example/stoves"))
    async with studio(browser, world) as (page, _):
        await page.goto("/studio?kind=pages")
        await page.get_by_role("link", name="Make many pages from a file").click()
        await page.wait_for_url("**/batches/new")
        create = page.locator("#new-batch [type=submit]")
        look = page.get_by_role("button", name="Look at it first")
        await look.click()
        await expect(page.locator("[data-problem]")).to_contain_text("nothing to look at")
        await page.get_by_label("A file").set_input_files(file)
        await look.click()
        found = page.locator("#batch-preview")
        await expect(found.locator("h2")).to_have_text("1 fault in 2 rows")
        await expect(found.locator("h2")).to_be_focused()
        fault = found.locator(".faults tbody tr")
        await expect(fault.locator("th")).to_have_text("3")
        await expect(fault.locator("td").first).to_have_text("page_type")
        await expect(found.locator(".rows .faulty")).to_have_text("catgory")
        await expect(create).to_be_disabled()

        await page.get_by_label("A file").set_input_files([])
        await page.get_by_label("Or rows, pasted").fill(
            ROWS.format("tents", "guide", "https://shop.example/stoves")
        )
        await page.get_by_label("Name of the batch").fill("Autumn <b>categories</b>")
        await look.click()
        await expect(found.locator("h2")).to_have_text("2 pages, nothing is wrong")
        await expect(create).to_be_focused()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/studio/batches/batch-*")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Autumn <b>categories</b>")
        await expect(page.locator(".job")).to_have_count(2)


async def test_a_batch_is_followed_downloaded_tried_again_and_cancelled(
    browser: Browser, world: World
) -> None:
    shop = Shop(world)
    batch_id, ids = await shop.batch("Autumn", ["Tents", "Stoves", "Bags"])
    async with studio(browser, world) as (page, _):
        await page.goto(f"/studio/batches/{batch_id}")
        await streaming(world)
        await shop.completes(ids[0])
        await shop.fails(ids[1], AWAY)
        await expect(page.locator("[data-region=progress] .percentage")).to_have_text("67 %")
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Download the pages (ZIP)").click()
        with zipfile.ZipFile(await (await download.value).path()) as packed:
            assert any(name.endswith(".html") for name in packed.namelist())
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Download what failed (CSV)").click()
        assert "PROVIDER_UNAVAILABLE" in Path(await (await download.value).path()).read_text()
        await page.get_by_role("link", name="Why they failed").click()
        await page.wait_for_url("**/dead-letters?batch=*")
        await expect(page.locator(".list > li")).to_contain_text("Try again in a few minutes.")
        await page.get_by_role("button", name="Try again: Stoves").click()
        await expect(page.locator(".list > li")).to_have_count(0)
        await page.get_by_role("link", name="The batch").click()
        await page.wait_for_url("**/batches/batch-*")
        await page.get_by_role("button", name="Cancel the batch").click()
        await page.get_by_role("button", name="Really cancel 2?").click()
        await expect(page.locator("[data-region=head] .chip")).to_have_text("Cancelled")
        await expect(page.locator(f"#job-{ids[0]}")).to_contain_text("Finished")


async def test_all_that_failed_for_a_reason_are_tried_again(browser: Browser, world: World) -> None:
    shop = Shop(world)
    refused, away = await shop.queued("Tents"), await shop.queued("Stoves")
    await shop.fails(refused)
    await shop.fails(away, AWAY)
    async with studio(browser, world) as (page, _):
        await page.goto("/studio/pages")
        await page.get_by_role("link", name="See why, and try again").click()
        await expect(page.locator(".list > li")).to_have_count(2)
        await page.get_by_role("link", name="PROVIDER_UNAVAILABLE").click()
        await page.wait_for_url("**/dead-letters?code=*")
        await expect(page.locator(".list > li")).to_have_count(1)
        await page.get_by_role("button", name="Try all with this reason again").click()
        await page.get_by_role("button", name="Queue all of these again?").click()
        await expect(page.locator(".list > li")).to_have_count(0)
        await expect(page.locator("#notices")).to_contain_text("It is queued again.")
        await page.goto("/studio/pages?status=failed")
        await expect(page.locator(".job")).to_have_count(1)
        await page.get_by_role("button", name="Write it anew: Tents").click()
        await page.get_by_role("button", name="Write it anew: Tents").click()  # it asked
        await expect(page.locator(".job")).to_have_count(0)


async def test_trying_all_again_says_how_many_are_queued_and_that_more_are_left(
    browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "REPLAY_MOST", 2)
    shop = Shop(world)
    for topic in ("Tents", "Stoves", "Bags"):
        await shop.fails(await shop.queued(topic), AWAY)
    async with studio(browser, world) as (page, _):
        await page.goto("/studio/dead-letters")
        for said in ("2 are queued again. More are left", "It is queued again."):
            await page.get_by_role("button", name="Try all again").click()
            await page.get_by_role("button", name="Queue all of these again?").click()
            await expect(page.locator("#notices")).to_contain_text(said)


async def test_home_shows_every_line_and_what_it_cost(browser: Browser, world: World) -> None:
    await world.article()
    shop = Shop(world)
    await shop.finished()
    async with studio(browser, world) as (page, _):
        lines = page.locator(".line")
        await expect(lines).to_have_count(4)
        await expect(page.locator(".line.articles dd").nth(1)).to_have_text("1")
        await expect(page.locator(".line.pages dd").nth(2)).to_have_text("1")
        chart = page.get_by_role("img", name="Cost of 30 days by line")
        await expect(chart.locator("rect.pages")).to_have_count(1)
        await page.get_by_text("As a table").click()
        await expect(page.locator("#cost-table tbody tr")).to_have_count(1)
        await expect(page.locator("#cost-table tbody tr")).to_contain_text("$0.0123")
        waiting = await shop.queued("Stoves")
        await page.reload()
        await streaming(world)
        await shop.begun(waiting)
        await expect(page.locator(".line.pages dd").first).to_have_text("1")
        await expect(chart).to_be_visible()  # a refresh leaves it alone


async def test_hostile_texts_of_pages_stay_texts(browser: Browser, world: World) -> None:
    shop = Shop(world)
    hostile = EVIL[0] + EVIL[1]
    batch_id, ids = await shop.batch(hostile, [hostile, *EVIL[2:4]])
    await shop.begun(ids[0])
    await shop.made(
        ids[0],
        facts=samples.facts(
            subject=hostile,
            keywords=tuple(EVIL[:3]),
            products=tuple(
                product.model_copy(update={"name": evil})
                for product, evil in zip(PRODUCTS, EVIL, strict=False)
            ),
        ),
        components=samples.components(
            hero=samples.HERO.model_copy(update={"headline": hostile, "title": EVIL[6]}),
            removals=(Removal(component=EVIL[1], sentence=EVIL[0], reason=EVIL[2]),),
            served_by=(EVIL[1],),
        ),
        report=QualityReport.of(
            [
                Finding(
                    check=EVIL[1],
                    passed=False,
                    required=True,
                    advice=EVIL[0],
                    details={"faults": [EVIL[6]]},
                )
            ]
        ),
        remarks=EVIL,
    )
    await shop.concludes(ids[0])
    error = ErrorRecord(EVIL[0][:40], EVIL[1], retryable=True, advice=EVIL[6])
    await shop.fails(ids[1], error)
    addresses = [
        "/studio",
        "/studio/pages",
        f"/studio/pages?status={EVIL[0]}&batch={EVIL[2]}&priority={EVIL[1]}",
        f"/studio/batches/{batch_id}",
        "/studio/batches",
        "/studio/dead-letters",
        f"/studio/dead-letters?code={EVIL[2]}",
        *(f"/studio/pages/{page_id}" for page_id in ids),
    ]
    async with studio(browser, world) as (page, _):
        for address in addresses:
            await page.goto(address)
            assert await page.locator("#main script, #main img, #main [onload]").count() == 0
            assert await page.locator("#main a[href^='javascript']").count() == 0
            await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        await page.goto(f"/studio/pages/{ids[0]}")
        for tab in ("HTML", "JSON-LD", "Meta", "Preview"):
            await page.get_by_role("tab", name=tab).click()
        await expect(page.frame_locator("iframe").locator("h1")).to_contain_text("alert(1)")
        await expect(page.locator(".findings")).to_contain_text(EVIL[0])
        await page.goto("/studio/batches/new")
        rows = "\n".join(f'"{evil.replace(chr(34), chr(34) * 2)}",x' for evil in EVIL)
        await page.get_by_label("Or rows, pasted").fill(f"page_type,target_url\n{rows}\n")
        await page.get_by_role("button", name="Look at it first").click()
        await expect(page.locator("#batch-preview .rows")).to_contain_text(EVIL[1])
        assert await page.locator("#main img, #main script").count() == 0


async def test_a_page_without_the_quality_gate_says_so_and_what_is_stale_can_be_rebuilt(
    browser: Browser, world: World
) -> None:
    shop = Shop(world)
    page_id = await shop.queued(options={"skip_quality": True})
    await shop.begun(page_id)
    await shop.made(page_id, report=None, remarks=())
    await shop.concludes(page_id)
    async with studio(browser, world) as (page, _):
        await page.goto(f"/studio/pages/{page_id}")
        await expect(page.get_by_text("made without the quality gate")).to_be_visible()
        await expect(page.get_by_role("button", name="Rebuild what is stale")).to_have_count(0)
        await world.transact(
            lambda tx: tx.run("assets.forget", asset="page", partition=page_id), "default"
        )
        await page.reload()
        await page.get_by_role("button", name="Rebuild what is stale").click()
        await expect(page.locator("[data-region=head]").get_by_text("Waiting")).to_be_visible()


async def test_pages_are_accessible_and_fit_phones_in_light_and_dark(
    browser: Browser, world: World, axe: str, pictures: Path
) -> None:
    shop = Shop(world)
    finished = await shop.finished()
    batch_id = await _mixed_batch(shop)
    failed = await shop.queued("Sleeping bags", priority="HIGH")
    await shop.fails(failed)
    waiting = await shop.queued("Stoves", priority="LOW", deadline="2030-01-01T12:00:00Z")
    approval = await shop.finished("Tarps", options={"publish": "draft"})
    draft = await shop.queued("Lamps", options={"publish": "publish"})
    await shop.refused(draft, REPORT, "Lamps for long evenings")
    pages = {
        "studio-home": "/studio",
        "studio-form": "/studio?kind=pages",
        "studio-pages": "/studio/pages",
        "studio-page": f"/studio/pages/{finished}",
        "studio-page-failed": f"/studio/pages/{failed}",
        "studio-page-waiting": f"/studio/pages/{waiting}",
        "studio-page-approval": f"/studio/pages/{approval}",
        "studio-page-draft": f"/studio/pages/{draft}",
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
