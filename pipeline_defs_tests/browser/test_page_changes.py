"""Approving, rejecting and editing a page in Studio in a real browser, and what is told of it."""

from __future__ import annotations

from playwright.async_api import Browser, Locator, Page, expect  # noqa: TID253 (browser tests only)

from pipeline_defs.domain.pages.quality.findings import Finding, QualityReport
from pipeline_defs_tests.browser.visits import Watch, streaming, studio
from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.paging_world import Shop

DRAFT = {"publish": "draft"}
FAULTS = QualityReport.of(
    (
        Finding(check="one_h1", passed=False, required=True, advice="Have one main heading."),
        Finding(check="readability", passed=False, required=False, advice="Shorter sentences."),
    )
)


def notices(page: Page) -> Locator:
    """What is told politely: read out by screen readers, outside of all that is refreshed."""
    return page.get_by_role("status").and_(page.locator("#notices"))


def problems(page: Page) -> Locator:
    """What went wrong: read out at once."""
    return page.get_by_role("alert").and_(page.locator("#problems"))


def forgive(watch: Watch, status: str) -> None:
    """The browser's own line about an answer that was meant to be refused."""
    watch.complaints = [complaint for complaint in watch.complaints if status not in complaint]


async def test_a_page_is_looked_at_approved_and_its_post_is_shown(
    browser: Browser, world: World
) -> None:
    shop = Shop(world)
    page_id = await shop.finished(options=DRAFT)
    await shop.finished("Stoves")
    async with studio(browser, world) as (page, _):
        await page.goto("/studio/pages")
        await page.get_by_role("link", name="Waiting for approval").click()
        await page.wait_for_url("**approve=yes")
        await expect(page.locator(".job")).to_have_count(1)
        await expect(page.locator(f"#job-{page_id}")).to_contain_text("Waiting for approval")
        await page.locator(f"#job-{page_id}").get_by_role("link").first.click()
        await page.wait_for_url(f"**/studio/pages/{page_id}")
        await expect(page.locator("[data-region=head]")).to_contain_text("Waiting for approval")
        card = page.locator("[data-region=approval]")
        await card.get_by_role("button", name="Approve as draft").click()
        await expect(notices(page)).to_contain_text("It is approved, and goes out as a draft.")
        await expect(card).to_contain_text("Approved as a draft by")
        await expect(card.get_by_role("heading", name="Publication")).to_be_focused()
        await expect(page.locator("[data-region=head]").get_by_text("Waiting")).to_be_visible()
        await streaming(world)
        link = await shop.published(page_id)
        await expect(card.get_by_role("link", name="Open it")).to_have_attribute("href", link)
        await expect(notices(page)).to_contain_text("It is approved")  # no refresh took it away


async def test_a_page_that_changed_meanwhile_is_not_approved_unseen(
    browser: Browser, world: World
) -> None:
    shop = Shop(world)
    page_id = await shop.finished(options=DRAFT)
    async with studio(browser, world) as (page, watch):
        await page.goto(f"/studio/pages/{page_id}")
        rebuild = {"assets": ["page_components"], "fresh": True}
        (await world.client().post(f"/v1/pages/{page_id}/rebuild", json=rebuild)).raise_for_status()
        await shop.begun(page_id)
        await shop.made(page_id, headline="Tents that keep the rain out")
        await shop.concludes(page_id)
        card = page.locator("[data-region=approval]")
        await card.get_by_role("button", name="Approve as draft").click()
        await expect(problems(page)).to_contain_text("another document by now")
        await expect(problems(page)).to_contain_text("Look at it again")
        forgive(watch, "409")
        await expect(page.get_by_role("heading", level=1)).to_contain_text("keep the rain out")
        await card.get_by_role("button", name="Approve for everyone").click()
        await expect(notices(page)).to_contain_text("Really for everyone?")
        await card.get_by_role("button", name="Really for everyone?").click()
        await expect(card).to_contain_text("Approved as a public post")


async def test_a_rejection_needs_a_reason_and_keeps_what_was_typed(
    browser: Browser, world: World
) -> None:
    shop = Shop(world)
    page_id = await shop.finished(options=DRAFT)
    async with studio(browser, world) as (page, watch):
        await page.goto(f"/studio/pages/{page_id}")
        card = page.locator("[data-region=approval]")
        await card.get_by_text("Reject it").click()
        await card.get_by_role("button", name="Reject").click()
        await expect(card.get_by_role("alert")).to_contain_text("Reason")
        await expect(card.get_by_label("Why")).to_be_focused()
        forgive(watch, "422")
        await card.get_by_label("Why").fill("The second paragraph <b>repeats</b> the first.")
        await card.get_by_role("button", name="Reject").click()
        await expect(notices(page)).to_contain_text("It is rejected.")
        await expect(card.locator("blockquote")).to_have_text(
            "The second paragraph <b>repeats</b> the first."
        )
        await expect(card.get_by_role("button", name="Approve as draft")).to_be_visible()


async def test_what_was_asked_for_is_changed_and_what_rests_on_it_is_rebuilt(
    browser: Browser, world: World
) -> None:
    shop = Shop(world)
    page_id = await shop.finished()
    async with studio(browser, world) as (page, watch):
        await page.goto(f"/studio/pages/{page_id}")
        await page.get_by_text("Change what was asked for").click()
        form = page.locator("#edit-request form")
        await form.get_by_label("Address it will have").fill("tents")
        await form.get_by_label("Voice").fill("Dry and short")
        await form.get_by_role("button", name="Save").click()
        await expect(form.get_by_role("alert")).to_contain_text("web address")
        await expect(form.get_by_label("Address it will have")).to_be_focused()
        await expect(form.get_by_label("Voice")).to_have_value("Dry and short")
        forgive(watch, "422")
        await form.get_by_label("Address it will have").fill("https://shop.example/tents")
        await form.get_by_label("Keywords, one per line").fill("winter tents\nsnow tents")
        await form.get_by_label("Topic").fill("")
        await form.get_by_label("Priority asked for").select_option("LOW")
        await form.get_by_label("Deadline (UTC)").fill("2030-01-02T03:04")
        await form.get_by_label("Publish when finished").select_option("draft")
        await form.get_by_label("Skip the quality gate").check()
        await form.get_by_role("button", name="Save").click()
        await expect(notices(page)).to_contain_text("stale until it is rebuilt")
        asked = (await world.client().get(f"/v1/pages/{page_id}")).json()["request"]
        assert asked["keywords"] == ["winter tents", "snow tents"]
        assert (asked["metadata"]["topic"], asked["brand_voice"]) == (None, "Dry and short")
        assert (asked["priority"], asked["deadline"]) == ("LOW", "2030-01-02T03:04:00Z")
        assert asked["options"] == {"skip_quality": True, "publish": "draft"}
        await expect(page.locator("[data-region=head]")).to_contain_text("Stale")
        await page.get_by_role("button", name="Rebuild what is stale").click()
        await expect(notices(page)).to_contain_text("Rebuilding what is stale.")


async def test_a_page_in_work_says_that_it_cannot_be_changed(
    browser: Browser, world: World
) -> None:
    shop = Shop(world)
    page_id = await shop.queued()
    async with studio(browser, world) as (page, watch):
        await page.goto(f"/studio/pages/{page_id}")
        await page.get_by_text("Change what was asked for").click()
        form = page.locator("#edit-request form")
        await form.get_by_label("Keywords, one per line").fill("winter tents")
        await streaming(world)
        await shop.begun(page_id)  # it has its turn while somebody is typing
        await expect(page.locator("[data-region=head]")).to_contain_text("In work")
        await form.get_by_role("button", name="Save").click()
        await expect(form.get_by_role("alert")).to_contain_text("cancel it first")
        await expect(form.get_by_label("Keywords, one per line")).to_have_value("winter tents")
        forgive(watch, "409")


async def test_a_draft_that_failed_the_gate_is_shown_with_every_finding(
    browser: Browser, world: World
) -> None:
    shop = Shop(world)
    page_id = await shop.queued(options=DRAFT)
    await shop.refused(page_id, FAULTS, "Tents for every rain")
    async with studio(browser, world) as (page, _):
        await page.goto(f"/studio/pages/{page_id}")
        await expect(page.get_by_role("heading", name="The draft", exact=True)).to_be_visible()
        await expect(page.get_by_text("nobody else sees it")).to_be_visible()
        frame = page.frame_locator("iframe[title^='Preview of the draft']")
        await expect(frame.locator("h1")).to_have_text("Tents for every rain")
        findings = page.locator(".findings li")
        await expect(findings).to_have_count(2)
        await expect(findings.nth(0)).to_contain_text("Have one main heading.")
        await expect(findings.nth(1)).to_contain_text("Shorter sentences.")
        await expect(page.get_by_role("button", name="Approve as draft")).to_have_count(0)


async def test_a_question_stays_until_it_is_answered_whatever_happens_meanwhile(
    browser: Browser, world: World
) -> None:
    shop = Shop(world)
    page_id = await shop.queued()
    async with studio(browser, world) as (page, _):
        await page.goto(f"/studio/pages/{page_id}")
        await streaming(world)
        await shop.begun(page_id)
        await page.get_by_role("button", name="Cancel").click()
        sure = page.get_by_role("button", name="Really cancel?")
        await shop.stage(page_id, "validation")
        await expect(page.locator("#live")).to_contain_text("Checking the request")
        await page.wait_for_timeout(800)  # longer than a refresh takes
        await sure.click()
        await expect(notices(page)).to_contain_text("Cancelling.")
        await expect(page.locator(".stages li").first).to_contain_text("done")


async def test_jobs_of_a_batch_stand_as_in_its_file_and_name_their_rows(
    browser: Browser, world: World
) -> None:
    shop = Shop(world)
    batch_id, ids = await shop.batch("Autumn", [f"Tents {n}" for n in range(30)])
    async with studio(browser, world) as (page, _):
        await page.goto(f"/studio/batches/{batch_id}")
        jobs = page.locator(".job")
        await expect(jobs).to_have_count(25)
        shown = await jobs.evaluate_all("all => all.map(job => job.dataset.unit)")
        assert shown == ids[:25]
        await expect(jobs.nth(2)).to_contain_text("Row 3")
        await page.get_by_role("link", name="Older ones").click()
        await page.wait_for_url("**next=*")
        assert await jobs.evaluate_all("all => all.map(job => job.dataset.unit)") == ids[25:]
        await page.goto(f"/studio/pages/{ids[1]}")
        await expect(page.locator("[data-region=job]")).to_contain_text("Autumn, row 2")


async def test_prices_say_from_when_they_are(browser: Browser, world: World) -> None:
    shop = Shop(world)
    page_id = await shop.finished()
    async with studio(browser, world) as (page, _):
        await page.goto(f"/studio/pages/{page_id}")
        await expect(page.locator("[data-region=about]")).to_contain_text(
            "Prices and products as of"
        )
        frame = page.frame_locator("iframe")
        await expect(frame.get_by_text("Prices and availability as of")).to_be_visible()
